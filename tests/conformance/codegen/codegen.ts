import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '.made/schema.graphql',
  documents: ['codegen/documents.ts'],
  generates: {
    '.made/codegen/': {
      preset: 'client',
      presetConfig: { fragmentMasking: { unmaskFunctionName: 'unmask' } },
      config: {
        // Each scalar must be told of: a new one fails here.
        strictScalars: true,
        scalars: { DateTime: 'string', JSONObject: 'Record<string, unknown>', Long: 'number' },
        enumsAsTypes: true,
        useTypeImports: true,
        documentMode: 'string',
        importExtension: '.js',
        emitLegacyCommonJSImports: false,
      },
    },
  },
};

export default config;
