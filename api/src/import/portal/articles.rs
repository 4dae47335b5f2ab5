//! The texts of a page as articles (rules 11 and 12).

use std::collections::HashMap;
use std::collections::HashSet;

use super::blocks;
use super::fold::fingerprint;
use super::fold::fold;
use super::header::Header;
use super::page::Article;
use super::page::ArticleKind;
use super::page::Body;
use super::page::Flag;
use super::page::Item;
use super::page::Updated;
use super::page::Views;
use super::sections::Text;

/// The articles of a page, each text once.
#[derive(Debug)]
pub struct Articles {
    pub kept: Vec<Article>,
    /// First lines of texts that the page has printed before.
    pub repeated: Vec<usize>,
}

/// The article of the header, with or without a text, then the further texts.
pub fn read(header: &Header, texts: &[Text]) -> Articles {
    let (own, further) = match texts.split_first() {
        Some((first, further)) if first.main => (Some(first), further),
        _ => (None, texts),
    };
    let mut kept = vec![main(header, own)];
    let mut repeated = Vec::new();
    let mut seen: HashSet<String> =
        kept.iter().map(|article| fingerprint(&article.body.blocks)).collect();
    for text in further {
        let body = body(text);
        if seen.insert(fingerprint(&body.blocks)) {
            kept.push(secondary(kept.len() + 1, text, body));
        } else {
            repeated.push(text.lines.0);
        }
    }
    Articles { kept, repeated }
}

/// Names the article of the page that each item of the list is about.
pub fn link(items: Vec<Item>, articles: &[Article]) -> Vec<Item> {
    let titled =
        articles.iter().filter_map(|article| Some((fold(article.title.as_deref()?), article.n)));
    let by_title: HashMap<String, usize> = titled.collect();
    items
        .into_iter()
        .map(|item| Item { article: by_title.get(&fold(&item.title)).copied(), ..item })
        .collect()
}

fn main(header: &Header, text: Option<&Text>) -> Article {
    let last = text.map_or(header.last + 1, |text| text.lines.1);
    let article = Article {
        n: 1,
        kind: ArticleKind::Main,
        lines: (header.first + 1, last),
        title: header.title.clone(),
        updated: header.updated.clone(),
        views: header.views.clone(),
        body: text.map(body).unwrap_or_default(),
        flags: Vec::new(),
    };
    flagged(article)
}

fn secondary(n: usize, text: &Text, body: Body) -> Article {
    flagged(Article {
        n,
        kind: ArticleKind::Secondary,
        lines: text.lines,
        title: None,
        updated: Updated::default(),
        views: Views::default(),
        body,
        flags: Vec::new(),
    })
}

fn body(text: &Text) -> Body {
    blocks::read(&text.parts.join("\n"))
}

fn flagged(article: Article) -> Article {
    let body = &article.body;
    let missing = [
        (Flag::TitleMissing, article.title.is_none()),
        (Flag::ViewsMissing, article.views.count.is_none()),
        (Flag::AuthorMissing, body.author.is_none()),
        (Flag::FoldMissing, body.fold_at.is_none()),
        (Flag::SourceMissing, body.source.is_none()),
        (Flag::TextMissing, body.blocks.is_empty()),
    ];
    let flags =
        missing.into_iter().filter_map(|(flag, is_missing)| is_missing.then_some(flag)).collect();
    Article { flags, ..article }
}
