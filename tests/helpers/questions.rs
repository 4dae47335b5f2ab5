//! What the public asks, at random: few questions, so that they come again.

use super::dice::Dice;

pub const PLACES: [&str; 4] = ["hebei", "440300", "x", "nowhere"];
pub const CHANNELS: [&str; 3] = ["c0", "c1", "c2"];
/// Words of titles and texts, and one that they are cut at or not.
const WORDS: [&str; 5] = ["芯片", "来稿", "第1", "出摊", "集市口的老人"];
pub const TAGS: [&str; 2] = ["芯片", "天气"];
/// What a card of a list shows.
pub const CARD: &str = "id slug title version tags channel { slug name } \
                        regions { code name path ancestors { name } } views { total }";
/// What a page shows, and more.
const FULL: &str = "id slug slugs title version state tags publishAt unpublishAt publishedAt \
                    updatedAt byline teaser channel { slug name } regions { name } \
                    regionTags { region { code } state } views { total counted imported } \
                    importedFrom { site importedAt recommended { title article { slug } } } body { html blocks { text } }";

/// A slug that an article may have.
pub fn slug(dice: &mut Dice) -> String {
    format!("s{}", dice.below(6))
}

/// A question about articles of these ids, or with other arguments; behind one of these
/// cursors, if it has pages.
pub fn question(dice: &mut Dice, ids: &[&str], cursors: &[String]) -> String {
    let mut at = |end: usize| usize::try_from(dice.below(end as u64)).unwrap();
    let (place, channel, tag) = (PLACES[at(4)], CHANNELS[at(3)], TAGS[at(2)]);
    let (id, cursor) = (at(ids.len().max(1)), at(cursors.len() * 4));
    let id = ids.get(id).copied().unwrap_or("01a2a2a2-0000-7000-8000-000000000000");
    let after = cursors.get(cursor).map_or("null", String::as_str);
    let word = WORDS[at(WORDS.len())];
    let (kind, slug) = (at(24), slug(dice));
    let page = format!("pageInfo {{ endCursor hasNextPage }} nodes {{ {CARD} }}");
    let list = |arguments: &str| format!("{{ articles(first: 4, {arguments}) {{ {page} }} }}");
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
        8..11 => list(&format!("filter: {{ region: \"{place}\" }}")),
        11 | 12 => list(&format!("filter: {{ channel: \"{channel}\" }}")),
        13 => list(&format!("filter: {{ tag: \"{tag}\" }}")),
        14 | 15 => format!(
            "{{ region(path: \"{place}\") {{ name path articleCount {{ value exact }} \
             own: articleCount(includeDescendants: false) {{ value }} parent {{ name }} \
             articles(first: 2, includeDescendants: false) {{ nodes {{ title }} }} }} }}"
        ),
        16 => "{ channels { slug name articles(first: 2) { nodes { title } } } }".into(),
        17 => {
            format!("{{ channel(slug: \"{channel}\") {{ name articles(first: 3) {{ {page} }} }} }}")
        }
        18 => "{ site { name articleCount { value exact } channelCount { value } \
               regionCount { value } } }"
            .into(),
        19..22 => format!(
            "{{ searchArticles(query: \"{word}\", first: 4) {{ {page} total {{ value relation }} \
             terms {{ text }} edges {{ title {{ text matched }} snippet {{ text matched }} }} }} }}"
        ),
        22 => format!(
            "{{ searchArticles(query: \"{word}\", region: \"{place}\", order: RELEVANCE) {{
             nodes {{ {CARD} }} }} }}"
        ),
        _ => format!(
            "{{ article(slug: \"{slug}\") {{ title views {{ total }} channel {{ name }} }} \
             regions(search: \"三角\") {{ nodes {{ name path }} }} }}"
        ),
    }
}
