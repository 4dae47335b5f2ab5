//! What a report should mention about a page.

use super::page::ArticleKind;
use super::page::Node;
use super::page::Page;
use super::page::Updated;
use super::regions::path;
use super::sections::Sections;

use crate::region::Kind;

/// More names or lines than this are counted, not listed.
const LISTED: usize = 20;

/// The warnings of a page, as short keys with a value behind a colon where one helps.
pub fn of(page: &Page, sections: &Sections, repeated: &[usize]) -> Vec<String> {
    let mut warnings = Vec::new();
    for article in &page.articles {
        let missing =
            article.flags.iter().map(|flag| format!("article_{}_{}", article.n, flag.as_str()));
        warnings.extend(missing);
    }
    let main = page.articles.iter().filter(|article| article.kind == ArticleKind::Main);
    warnings.extend(main.filter_map(|article| updated(&article.updated)).map(str::to_owned));
    if page.site.name.is_none() {
        warnings.push("site_missing".to_owned());
    }
    warnings.extend(repeated.iter().take(LISTED).map(|line| format!("text_repeated:line {line}")));
    regions(page, sections, &mut warnings);
    recommended(page, &mut warnings);
    let strangers = sections.strangers.iter().take(LISTED);
    warnings.extend(strangers.map(|line| format!("line_not_recognised:line {line}")));
    warnings
}

fn updated(updated: &Updated) -> Option<&'static str> {
    match (&updated.at, updated.raw.as_deref()) {
        (Some(_), _) => None,
        (None, None) => Some("updated_at_missing"),
        (None, Some("")) => Some("updated_at_empty"),
        (None, Some(_)) => Some("updated_at_unreadable"),
    }
}

fn regions(page: &Page, sections: &Sections, warnings: &mut Vec<String>) {
    let Some(regions) = &page.regions else {
        warnings.push("regions_missing".to_owned());
        return;
    };
    let areas = regions.nodes.iter().filter(|node| node.kind == Some(Kind::FunctionalArea)).count();
    if areas > 0 {
        warnings.push(format!("functional_areas_present:{areas}"));
    }
    let open = sections.entries.iter().filter(|entry| !entry.closed).take(LISTED);
    warnings.extend(open.map(|entry| format!("directory_bracket_open:line {}", entry.line)));
    unknown(&regions.nodes, warnings);
}

fn unknown(nodes: &[Node], warnings: &mut Vec<String>) {
    let unknown: Vec<&Node> = nodes.iter().filter(|node| node.code.is_none()).collect();
    let listed = unknown.iter().take(LISTED);
    warnings
        .extend(listed.map(|node| format!("region_unknown:{}, line {}", path(node), node.line)));
    if unknown.len() > LISTED {
        warnings.push(format!("regions_unknown:{}", unknown.len()));
    }
}

fn recommended(page: &Page, warnings: &mut Vec<String>) {
    let Some(recommended) = &page.recommended else {
        warnings.push("recommended_missing".to_owned());
        return;
    };
    let uncounted = recommended.items.iter().filter(|item| item.views.count.is_none()).count();
    if uncounted > 0 {
        warnings.push(format!("recommended_views_missing:{uncounted}"));
    }
}
