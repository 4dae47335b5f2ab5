//! The root of a subscription. Its one field may stand in a fragment (GraphQL, 5.2.4.1), where
//! the executor does not look.

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::DocumentOperations;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::parser::types::Field;
use async_graphql::parser::types::FragmentDefinition;
use async_graphql::parser::types::OperationDefinition;
use async_graphql::parser::types::OperationType;
use async_graphql::parser::types::Selection;
use async_graphql::parser::types::SelectionSet;

type Fragments = std::collections::HashMap<Name, Positioned<FragmentDefinition>>;

/// Writes the root field of each subscription where the executor looks for it.
pub fn unfold(document: &mut ExecutableDocument) {
    let ExecutableDocument { operations, fragments } = document;
    let operations: Vec<&mut OperationDefinition> = match operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(all) => {
            all.values_mut().map(|operation| &mut operation.node).collect()
        }
    };
    for operation in operations {
        if operation.ty == OperationType::Subscription {
            let set = &mut operation.selection_set;
            let field = field(&set.node, fragments).map(Selection::Field);
            let field = field.map(|field| Positioned::new(field, set.pos));
            set.node.items = field.into_iter().collect();
        }
    }
}

fn field(set: &SelectionSet, fragments: &Fragments) -> Option<Positioned<Field>> {
    set.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(found) => Some(found.clone()),
        Selection::InlineFragment(inline) => field(&inline.node.selection_set.node, fragments),
        Selection::FragmentSpread(spread) => {
            let fragment = fragments.get(&spread.node.fragment_name.node)?;
            field(&fragment.node.selection_set.node, fragments)
        }
    })
}
