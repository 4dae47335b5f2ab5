//! How large an operation is with its fragments in place: a few lines can stand for
//! 2^40 fields, and the executor would walk them all.

use std::collections::HashMap;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::Name;
use apollo_compiler::executable::Operation;
use apollo_compiler::executable::Selection;
use apollo_compiler::executable::SelectionSet;

use super::answer::Refusal;
use crate::config::Config;

/// What an operation has, each fragment counted wherever it is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Fields.
    pub fields: usize,
    /// Of them, those under another name.
    pub aliases: usize,
    /// Of them, those of the root.
    pub roots: usize,
    /// Of fields in fields.
    pub depth: usize,
}

/// The size of an operation of a document that is valid: no fragment contains itself.
pub fn size(document: &ExecutableDocument, operation: &Operation) -> Size {
    of(&operation.selection_set, document, &mut HashMap::new())
}

fn of<'a>(
    set: &'a SelectionSet,
    document: &'a ExecutableDocument,
    known: &mut HashMap<&'a Name, Size>,
) -> Size {
    let mut sum = Size::default();
    for selection in &set.selections {
        let more = match selection {
            Selection::Field(field) => {
                let inside = of(&field.selection_set, document, known);
                Size {
                    fields: inside.fields.saturating_add(1),
                    aliases: inside.aliases.saturating_add(usize::from(field.alias.is_some())),
                    roots: 1,
                    depth: inside.depth.saturating_add(1),
                }
            }
            Selection::InlineFragment(inline) => of(&inline.selection_set, document, known),
            Selection::FragmentSpread(spread) => {
                let name = &spread.fragment_name;
                match (known.get(name), document.fragments.get(name)) {
                    (Some(size), _) => *size,
                    (None, Some(fragment)) => {
                        let size = of(&fragment.selection_set, document, known);
                        known.insert(name, size);
                        size
                    }
                    (None, None) => Size::default(),
                }
            }
        };
        sum.fields = sum.fields.saturating_add(more.fields);
        sum.aliases = sum.aliases.saturating_add(more.aliases);
        sum.roots = sum.roots.saturating_add(more.roots);
        sum.depth = sum.depth.max(more.depth);
    }
    sum
}

/// Refuses what is larger than the settings allow.
pub fn check(size: Size, config: &Config) -> Result<(), Refusal> {
    let ask = "ask in several queries, or raise";
    let (code, message) = if size.depth > config.max_depth {
        let most = config.max_depth;
        ("QUERY_TOO_DEEP", format!("The query nests deeper than {most}: {ask} --max-depth."))
    } else if size.fields > config.max_fields {
        let most = config.max_fields;
        let fields = "fields with its fragments put in place";
        ("QUERY_TOO_LARGE", format!("The query has more than {most} {fields}: {ask} --max-fields."))
    } else if size.aliases > config.max_aliases {
        let most = config.max_aliases;
        (
            "TOO_MANY_ALIASES",
            format!("The query has more than {most} aliases: {ask} --max-aliases."),
        )
    } else if size.roots > config.max_root_fields {
        let most = config.max_root_fields;
        let message =
            format!("The operation has more than {most} root fields: {ask} --max-root-fields.");
        ("TOO_MANY_ROOT_FIELDS", message)
    } else {
        return Ok(());
    };
    Err(Refusal::new(code, &message))
}
