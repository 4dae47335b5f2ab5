//! Puts an answer into the order of the query (GraphQL, 7.2.2). The executor
//! answers in the order in which resolvers finish.

use async_graphql::Name;
use async_graphql::Value;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::DocumentOperations;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::types::Selection;
use async_graphql::parser::types::SelectionSet;

/// The answer of the operation of that name, or of the only one, in its order.
pub fn as_asked(data: Value, document: &ExecutableDocument, operation: Option<&str>) -> Value {
    let operation = match (&document.operations, operation) {
        (DocumentOperations::Single(single), _) => Some(single),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Multiple(all), None) => all.values().next(),
    };
    match operation {
        Some(operation) => ordered(data, &[&operation.node.selection_set.node], document),
        None => data,
    }
}

fn ordered(value: Value, sets: &[&SelectionSet], document: &ExecutableDocument) -> Value {
    match value {
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| ordered(item, sets, document)).collect())
        }
        Value::Object(mut answered) => {
            let mut asked = IndexMap::new();
            for set in sets {
                collect(set, document, &mut asked);
            }
            let mut object = IndexMap::with_capacity(answered.len());
            for (key, inner) in asked {
                if let Some(value) = answered.swap_remove(&key) {
                    // A scalar may be an object too: its inside stays.
                    let scalar = inner.iter().all(|set| set.items.is_empty());
                    let value = if scalar { value } else { ordered(value, &inner, document) };
                    object.insert(key, value);
                }
            }
            Value::Object(object)
        }
        leaf => leaf,
    }
}

/// The response keys of a selection in their order, each with the selections
/// below it. Fragments of other types name keys that the answer lacks.
fn collect<'a>(
    set: &'a SelectionSet,
    document: &'a ExecutableDocument,
    asked: &mut IndexMap<Name, Vec<&'a SelectionSet>>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let key = field.node.response_key().node.clone();
                asked.entry(key).or_default().push(&field.node.selection_set.node);
            }
            Selection::InlineFragment(inline) => {
                collect(&inline.node.selection_set.node, document, asked);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(&fragment.node.selection_set.node, document, asked);
                }
            }
        }
    }
}
