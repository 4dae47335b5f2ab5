//! Asking for regions.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::ID;
use async_graphql::Object;
use async_graphql::Result;

use super::Division;
use super::graphql::Region;
use super::graphql::RegionLevel;
use super::graphql::RegionType;
use super::search;
use crate::error::Error;
use crate::error::Reason;
use crate::id;
use crate::page::Page;
use crate::page::Slice;
use crate::protocol::connection::Connection;
use crate::protocol::connection::connection;
use crate::schema::tree;

/// Questions about regions.
#[derive(Default)]
pub struct RegionQuery;

#[Object]
impl RegionQuery {
    /// A region by exactly one of its code, its path and its global id. A former
    /// code or path gives the region that followed: its `code` or `path` is then
    /// another than the one asked for, and `predecessors` tells why.
    async fn region(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "E.g. 130104.")] code: Option<String>,
        #[graphql(desc = "E.g. hebei/shijiazhuang/qiaoxi.")] path: Option<String>,
        #[graphql(desc = "A global id.")] id: Option<ID>,
    ) -> Result<Option<Region>> {
        let tree = tree(ctx);
        let found = match (code, path, id) {
            (Some(code), None, None) => tree.resolve(&code),
            (None, Some(path), None) => tree.at_path(path.trim_matches('/')),
            (None, None, Some(id)) => id::decode(&id)
                .filter(|(kind, _)| kind == "Region")
                .and_then(|(_, code)| tree.resolve(&code)),
            _ => {
                let message = "Pass exactly one of `code`, `path` and `id`.";
                return Err(Error::invalid("code", Reason::Invalid, message).into());
            }
        };
        Ok(found.cloned().map(Region))
    }

    /// Regions, all provinces by default: in the order of codes, or with `search`
    /// the best match first. Summary groups are left out.
    #[graphql(complexity = "first.clamp(1, 100) as usize * child_complexity \
                      + if search.is_some() || name.is_some() { 200 } else { 1 }")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn regions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this level.")] level: Option<RegionLevel>,
        #[graphql(name = "type", desc = "Of this type.")] kind: Option<RegionType>,
        #[graphql(
            desc = "Below the region of this code or path: straight below, or with another \
                          filter at any depth."
        )]
        parent: Option<String>,
        #[graphql(desc = "Of this very name, full or short. Names repeat; all are given.")]
        name: Option<String>,
        #[graphql(
            desc = "As people type: the start of a name, of its pinyin (shijiaz) or of its \
                          initials (sjz), a part of a name, a code; after a blank what lies \
                          below (河北 桥西)."
        )]
        search: Option<String>,
        #[graphql(
            desc = "Also what only the statistics know, functional areas above all.",
            default = false
        )]
        include_functional_areas: bool,
        #[graphql(desc = "So many, 1 to 100.", default = 50)] first: i32,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<Region>> {
        // Checks the limit; the cursor of this list is a region's code.
        Page::new(Some(first), None, None, None)?;
        for (argument, text) in [("search", &search), ("name", &name)] {
            if text.as_ref().is_some_and(|text| text.chars().count() > search::LONGEST) {
                let most = search::LONGEST;
                let message = format!("`{argument}` must have at most {most} characters.");
                return Err(Error::invalid(argument, Reason::TooLong, message).into());
            }
        }
        let tree = tree(ctx);
        let filtered = level.is_some() || kind.is_some() || name.is_some() || search.is_some();
        let parent = match parent {
            Some(parent) => {
                let found = tree.named(&parent);
                let Some(found) = found else { return Ok(Connection::default()) };
                Some(found.code.clone())
            }
            None => None,
        };
        let mut rows = match filtered {
            true => tree.descendants(parent.as_deref()),
            false => tree.members(parent.as_deref()),
        };
        let by_type = kind.map(Into::into);
        let shown = |row: &Division| include_functional_areas || row.is_administrative();
        rows.retain(|row| shown(row) || by_type == Some(row.kind));
        rows.retain(|row| level.is_none_or(|level| row.level == level.into()));
        rows.retain(|row| by_type.is_none_or(|kind| row.kind == kind));
        if let Some(name) = name {
            let name = search::fold(&name);
            rows.retain(|row| {
                [&row.name, &row.short_name].map(|own| search::fold(own)).contains(&name)
            });
        }
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        if let Some(search) = search {
            rows = search::ranked(tree, rows, &search);
        }
        page(rows, first, after.as_deref())
    }
}

fn page(rows: Vec<Arc<Division>>, first: i32, after: Option<&str>) -> Result<Connection<Region>> {
    let start = match after {
        Some(after) => start_behind(&rows, after)?,
        None => 0,
    };
    let first = usize::try_from(first).unwrap_or(1);
    let slice = Slice {
        has_previous: start > 0,
        has_next: start + first < rows.len(),
        items: rows.into_iter().skip(start).take(first).collect(),
    };
    Ok(connection(slice, |row| (id::encode("after", &row.code), Region(row))))
}

/// The place behind a cursor, in whatever order the list is; of a region that
/// was closed since, the place where its code would stand.
fn start_behind(rows: &[Arc<Division>], after: &str) -> Result<usize, Error> {
    let code = id::decode(after).filter(|(kind, _)| kind == "after").map(|(_, code)| code);
    let code = code.ok_or_else(|| {
        let message = "`after` is not a cursor: pass one that an edge of this list gave you.";
        Error::invalid("after", Reason::Invalid, message)
    })?;
    let place = rows.iter().position(|row| row.code == code).map(|at| at + 1);
    Ok(place.unwrap_or_else(|| rows.partition_point(|row| row.code <= code)))
}
