//! What the public asks, at random.

use super::dice::Dice;

pub const PLACES: [&str; 6] = ["hebei", "130100", "130104", "x", "x-1", "nowhere"];
pub const CHANNELS: [&str; 4] = ["c0", "c1", "c2", "c3"];
pub const TAGS: [&str; 2] = ["芯片", "天气"];
/// What a card of a list shows.
pub const CARD: &str = "id slug title version tags publishedAt channel { slug name } \
                        regions { code name path ancestors { name } } views { total }";
/// What a page shows, and more.
const FULL: &str = "id slug slugs title version state tags publishAt unpublishAt publishedAt \
                    updatedAt byline teaser channel { slug name } regions { name } \
                    regionTags { region { code } state } views { total counted imported } \
                    importedFrom { site } body { html blocks { text } }";

/// A slug that an article may have.
pub fn slug(dice: &mut Dice) -> String {
    format!("s{}", dice.below(12))
}

/// A question about articles of these ids, or with other arguments; behind one of these
/// cursors, if it has pages.
pub fn question(dice: &mut Dice, ids: &[&str], cursors: &[String]) -> String {
    let mut at = |end: usize| usize::try_from(dice.below(end as u64)).unwrap();
    let (place, channel, tag) = (PLACES[at(6)], CHANNELS[at(4)], TAGS[at(2)]);
    let (id, cursor) = (at(ids.len().max(1)), at(cursors.len() * 3));
    let id = ids.get(id).copied().unwrap_or("01a2a2a2-0000-7000-8000-000000000000");
    let after = cursors.get(cursor).map_or("null", String::as_str);
    let (kind, slug) = (at(16), slug(dice));
    let page = format!("pageInfo {{ endCursor hasNextPage }} nodes {{ {CARD} }}");
    let list = |arguments: &str| format!("{{ articles(first: 3, {arguments}) {{ {page} }} }}");
    match kind {
        0 | 1 => format!("{{ article(slug: \"{slug}\") {{ {FULL} }} }}"),
        2 => format!("{{ article(id: \"{id}\") {{ {FULL} }} }}"),
        3 => format!("{{ node(id: \"{id}\") {{ ... on Article {{ {CARD} }} }} }}"),
        4 => {
            let filtered = list(&format!("filter: {{ ids: [\"{id}\"] }}"));
            format!("query {{ nodes(ids: [\"{id}\"]) {{ id }} {}", &filtered[1..])
        }
        5 | 6 => list(&format!("after: {after}")),
        7 => list("orderBy: OLDEST"),
        8 => list(&format!("after: {after}, filter: {{ region: \"{place}\" }}")),
        9 => list(&format!("filter: {{ channel: \"{channel}\" }}")),
        10 => list(&format!("filter: {{ tag: \"{tag}\" }}")),
        11 => format!(
            "{{ region(path: \"{place}\") {{ name path articleCount {{ value exact }} \
             own: articleCount(includeDescendants: false) {{ value }} parent {{ name }} \
             articles(first: 2, includeDescendants: false) {{ {page} }} children {{ name }} }} }}"
        ),
        12 => "{ channels { slug name articles(first: 2) { nodes { title } } } }".into(),
        13 => {
            format!("{{ channel(slug: \"{channel}\") {{ name articles(first: 3) {{ {page} }} }} }}")
        }
        14 => "{ site { name articleCount { value exact } channelCount { value } \
               regionCount { value } } }"
            .into(),
        _ => format!(
            "{{ article(slug: \"{slug}\") {{ title views {{ total }} channel {{ name }} }} \
             regions(search: \"三角\") {{ nodes {{ name path }} }} }}"
        ),
    }
}
