//! Writes an answer in the order of the query (GraphQL, 7.2.2). The executor answers in the
//! order in which resolvers finish.

use async_graphql::Name;
use async_graphql::Value;
use async_graphql::parser::types::DocumentOperations;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::types::Selection;
use async_graphql::parser::types::SelectionSet;
use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;

/// The response keys of a selection in their order, each with what is below it; of a scalar,
/// nothing is. Fragments of other types name keys that an answer lacks.
#[derive(Debug, Default)]
pub struct Order(Vec<(Name, Order)>);

/// The order of the operation of that name, or of the only one. A small document may spread
/// fragments to a huge one: its size has to be known before.
pub fn of(document: &ExecutableDocument, operation: Option<&str>) -> Order {
    let operation = match (&document.operations, operation) {
        (DocumentOperations::Single(single), _) => Some(single),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Multiple(all), None) => all.values().next(),
    };
    let mut order = Order::default();
    if let Some(operation) = operation {
        order.collect(&operation.node.selection_set.node, document);
    }
    order
}

impl Order {
    fn collect(&mut self, set: &SelectionSet, document: &ExecutableDocument) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    let below = self.below(key);
                    below.collect(&field.node.selection_set.node, document);
                }
                Selection::InlineFragment(inline) => {
                    self.collect(&inline.node.selection_set.node, document);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = document.fragments.get(name) {
                        self.collect(&fragment.node.selection_set.node, document);
                    }
                }
            }
        }
    }

    fn below(&mut self, key: &Name) -> &mut Self {
        let known = self.0.iter().position(|(known, _)| known == key);
        let at = known.unwrap_or_else(|| {
            self.0.push((key.clone(), Self::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

/// A value in that order.
pub struct Ordered<'a>(pub &'a Value, pub &'a Order);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value, order) = *self;
        match value {
            Value::List(items) => {
                serializer.collect_seq(items.iter().map(|item| Ordered(item, order)))
            }
            // A scalar may be an object too: its inside stays.
            Value::Object(answered) if !order.0.is_empty() => {
                let mut object = serializer.serialize_map(None)?;
                for (nth, (key, below)) in order.0.iter().enumerate() {
                    // Mostly it stands there, and needs no hashing to be found.
                    let here = answered.get_index(nth).filter(|(found, _)| *found == key);
                    let value = here.map(|(_, value)| value).or_else(|| answered.get(key));
                    if let Some(value) = value {
                        object.serialize_entry(key.as_str(), &Ordered(value, below))?;
                    }
                }
                object.end()
            }
            other => other.serialize(serializer),
        }
    }
}
