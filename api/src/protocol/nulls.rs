//! What an error takes with it: a field that has no value is null, and where it must not be null,
//! so is what it stands in (GraphQL, 6.4.4). The executor leaves such a field out instead.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::Field;
use apollo_compiler::executable::Selection;
use apollo_compiler::executable::SelectionSet;
use async_graphql::Name;
use async_graphql::PathSegment;
use async_graphql::ServerError;
use async_graphql::Value;

/// The data of an answer with errors to an operation of a valid document.
pub fn settled(
    document: &ExecutableDocument,
    operation: Option<&str>,
    errors: &[ServerError],
    data: &Value,
) -> Value {
    let mut data = data.clone();
    let Ok(operation) = document.operations.get(operation) else { return data };
    for error in errors.iter().filter(|error| !error.path.is_empty()) {
        if object(document, &[&operation.selection_set], &mut data, &error.path) {
            return Value::Null;
        }
    }
    data
}

/// Follows the path of an error into an object; whether the object becomes null.
fn object(
    document: &ExecutableDocument,
    sets: &[&SelectionSet],
    value: &mut Value,
    path: &[PathSegment],
) -> bool {
    let (Value::Object(answered), Some((PathSegment::Field(key), rest))) =
        (value, path.split_first())
    else {
        return false;
    };
    let mut fields = Vec::new();
    sets.iter().for_each(|set| find(document, set, key, &mut fields));
    // Fields of the same key have types that may be null in the same places (5.3.2).
    let Some(ty) = fields.first().map(|field| field.ty()) else { return false };
    let below: Vec<&SelectionSet> = fields.iter().map(|field| &field.selection_set).collect();
    // What failed inside of a value that was left out is what left it out.
    let rest = if answered.contains_key(key.as_str()) { rest } else { &[] };
    let value = answered.entry(Name::new(key)).or_insert(Value::Null);
    holds_null(document, &below, ty, value, rest)
}

/// Follows the path on into a value; whether what has the value becomes null.
fn holds_null(
    document: &ExecutableDocument,
    sets: &[&SelectionSet],
    ty: &Type,
    value: &mut Value,
    path: &[PathSegment],
) -> bool {
    let null = match (path.split_first(), &mut *value) {
        (None, value) => *value == Value::Null,
        (Some((PathSegment::Index(at), rest)), Value::List(items)) => match items.get_mut(*at) {
            Some(item) => holds_null(document, sets, ty.item_type(), item, rest),
            None => false,
        },
        (Some((PathSegment::Field(_), _)), value) => object(document, sets, value, path),
        _ => false,
    };
    if null {
        *value = Value::Null;
    }
    null && ty.is_non_null()
}

/// The fields of a selection with that response key.
fn find<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    key: &str,
    into: &mut Vec<&'a Field>,
) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) if field.response_key() == key => into.push(field),
            Selection::Field(_) => {}
            Selection::InlineFragment(inline) => find(document, &inline.selection_set, key, into),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.fragment_name) {
                    find(document, &fragment.selection_set, key, into);
                }
            }
        }
    }
}
