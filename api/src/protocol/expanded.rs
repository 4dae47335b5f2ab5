//! How large a document becomes when its fragments are put in place. A few
//! lines can stand for 2^40 fields, and the executor would walk them all.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::types::Selection;
use async_graphql::parser::types::SelectionSet;

/// More selections than this are refused.
pub const MOST: u64 = 10_000;

/// The selections of all operations after expansion. Each fragment is counted
/// once and remembered; one that contains itself counts as too large.
pub fn size(document: &ExecutableDocument) -> u64 {
    let mut known = HashMap::new();
    document.operations.iter().fold(0, |sum: u64, (_, operation)| {
        sum.saturating_add(of(&operation.node.selection_set.node, document, &mut known))
    })
}

fn of<'a>(
    set: &'a SelectionSet,
    document: &'a ExecutableDocument,
    known: &mut HashMap<&'a Name, u64>,
) -> u64 {
    set.items.iter().fold(0, |sum: u64, selection| {
        let inside = match &selection.node {
            Selection::Field(field) => of(&field.node.selection_set.node, document, known),
            Selection::InlineFragment(inline) => {
                of(&inline.node.selection_set.node, document, known)
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                match (known.get(name), document.fragments.get(name)) {
                    (Some(size), _) => *size,
                    (None, Some(fragment)) => {
                        // Stands for a ring until the fragment is counted.
                        known.insert(name, u64::MAX);
                        let size = of(&fragment.node.selection_set.node, document, known);
                        known.insert(name, size);
                        size
                    }
                    (None, None) => 0,
                }
            }
        };
        sum.saturating_add(inside).saturating_add(1)
    })
}
