//! The committed schema, to make questions of it.

use std::collections::BTreeMap;

use apollo_compiler::Name;
use apollo_compiler::Schema;
use apollo_compiler::ast::FieldDefinition;
use apollo_compiler::ast::Type;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;

/// What introduces a scope in a description.
const RULE: &str = "the scope `";

/// The schema.
pub fn committed() -> Valid<Schema> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let text = std::fs::read_to_string(path).unwrap();
    Schema::parse_and_validate(text, "schema.graphql").unwrap()
}

/// The scope that a description says is needed; the first if there are several.
pub fn scope(description: Option<&str>) -> Option<String> {
    let flat = description?.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, rest) = flat.split_once(RULE)?;
    Some(rest.split_once('`')?.0.to_owned())
}

/// The fields of an object, or of an interface.
pub fn fields<'a>(schema: &'a Schema, kind: &str) -> Vec<&'a FieldDefinition> {
    match schema.types.get(kind) {
        Some(ExtendedType::Object(object)) => {
            object.fields.values().map(|field| &***field).collect()
        }
        _ => Vec::new(),
    }
}

/// The objects that a field of this type may give.
pub fn objects(schema: &Schema, kind: &Type) -> Vec<Name> {
    let name = kind.inner_named_type();
    match schema.types.get(name) {
        Some(ExtendedType::Object(_)) => vec![name.clone()],
        Some(ExtendedType::Interface(_)) => {
            let implementers = schema.implementers_map();
            implementers
                .get(name)
                .map_or_else(Vec::new, |found| found.objects.iter().cloned().collect())
        }
        _ => Vec::new(),
    }
}

/// Arguments by `Type.field`, each in as many ways as shall be tried.
pub type Arguments = BTreeMap<&'static str, Vec<String>>;

/// The ways to ask for a field: with each of its arguments, in parentheses. Fails the test
/// when one is needed that nobody gave.
pub fn calls(arguments: &Arguments, kind: &str, field: &FieldDefinition) -> Vec<String> {
    let path = format!("{kind}.{}", field.name);
    match arguments.get(&*path) {
        Some(ways) => ways.iter().map(|way| format!("{}{way}", field.name)).collect(),
        None => {
            let needed = field.arguments.iter().find(|argument| argument.is_required());
            assert!(needed.is_none(), "{path} needs arguments: say which ones are to be tried");
            vec![field.name.to_string()]
        }
    }
}

/// A way through the schema: from the root to an object, with what stands around what is
/// asked of it.
#[derive(Clone, Debug)]
pub struct Road {
    /// The object at its end.
    pub kind: String,
    /// The types that it passes.
    passed: Vec<String>,
    /// It asks for something in another way than the first.
    other: bool,
    before: String,
    after: String,
    /// The scopes that it needs.
    pub scopes: Vec<String>,
}

impl Road {
    /// A question of the object at its end.
    pub fn ask(&self, selection: &str) -> String {
        format!("{}{selection}{}", self.before, self.after)
    }
}

/// All roads from `Query` on which no object comes twice, and an article at most twice. Where
/// there are several ways to ask, all but the first are gone for three steps only, as far as
/// the nodes of a list: what is behind is the same.
pub fn roads(schema: &Schema, arguments: &Arguments) -> Vec<Road> {
    let root = Road {
        kind: "Query".into(),
        passed: Vec::new(),
        other: false,
        before: "{ ".into(),
        after: " }".into(),
        scopes: Vec::new(),
    };
    let mut roads = vec![root];
    let mut next = 0;
    while let Some(road) = roads.get(next).cloned() {
        next += 1;
        if road.other && road.passed.len() == 3 {
            continue;
        }
        for field in fields(schema, &road.kind) {
            for object in objects(schema, &field.ty) {
                let passed = road.passed.iter().filter(|passed| **passed == *object).count();
                let article = object == "Article" && passed == 1;
                if passed > 0 && !article {
                    continue;
                }
                for (way, call) in calls(arguments, &road.kind, field).into_iter().enumerate() {
                    let mut longer = road.clone();
                    let fragment = match *field.ty.inner_named_type() == object {
                        true => String::new(),
                        false => format!(" ... on {object} {{"),
                    };
                    let ends = " }".repeat(1 + usize::from(!fragment.is_empty()));
                    longer.before.push_str(&format!("{call} {{{fragment} "));
                    longer.after.insert_str(0, &ends);
                    longer.scopes.extend(scope(field.description.as_deref()));
                    longer.passed.push(object.to_string());
                    longer.other |= way > 0;
                    longer.kind = object.to_string();
                    roads.push(longer);
                }
            }
        }
    }
    roads
}
