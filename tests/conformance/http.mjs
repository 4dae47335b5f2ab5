// The audits of graphql-http: each MUST, SHOULD and MAY of GraphQL over HTTP.
import { auditServer } from 'graphql-http';

export async function http(url) {
  const faults = [];
  const audits = await auditServer({ url, fetchFn: fetch });
  for (const audit of audits.filter((audit) => audit.status !== 'ok')) {
    faults.push(`${audit.id} ${audit.name}: ${audit.reason}`);
  }
  return { checks: audits.length, faults };
}
