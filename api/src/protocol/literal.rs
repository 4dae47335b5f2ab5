//! Literals that are valid, and that the executor takes for something else.

use std::collections::HashSet;

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::DocumentOperations;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::types::Selection;
use async_graphql::parser::types::SelectionSet;
use async_graphql_value::Value;

type Arguments = Vec<(Positioned<Name>, Positioned<Value>)>;

/// The argument of introspection that may be null, which the executor has not as such.
const NULLABLE: &str = "includeDeprecated";

/// Writes them in a way that it understands. The variables that are named must not be null:
/// false means the same.
pub fn simplify(document: &mut ExecutableDocument) -> HashSet<Name> {
    let mut nullable = HashSet::new();
    for set in sets(document) {
        in_set(set, &mut nullable);
    }
    nullable
}

fn sets(document: &mut ExecutableDocument) -> Vec<&mut SelectionSet> {
    let operations: Vec<_> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    let operations = operations.into_iter().map(|operation| &mut operation.node.selection_set.node);
    let fragments = document.fragments.values_mut();
    operations.chain(fragments.map(|fragment| &mut fragment.node.selection_set.node)).collect()
}

fn in_set(set: &mut SelectionSet, nullable: &mut HashSet<Name>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                in_arguments(&mut field.node.arguments, nullable);
                in_set(&mut field.node.selection_set.node, nullable);
            }
            Selection::InlineFragment(inline) => {
                in_set(&mut inline.node.selection_set.node, nullable);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn in_arguments(arguments: &mut Arguments, nullable: &mut HashSet<Name>) {
    arguments.retain(|(name, value)| name.node != NULLABLE || value.node != Value::Null);
    for (name, value) in arguments {
        match &mut value.node {
            Value::Variable(variable) if name.node == NULLABLE => {
                nullable.insert(variable.clone());
            }
            value => in_value(value),
        }
    }
}

fn in_value(value: &mut Value) {
    match value {
        // Read as a floating-point number, for there is no whole one with a sign.
        Value::Number(number) if number.as_f64() == Some(0.0) => *number = 0.into(),
        Value::List(values) => values.iter_mut().for_each(in_value),
        Value::Object(values) => values.values_mut().for_each(in_value),
        _ => {}
    }
}
