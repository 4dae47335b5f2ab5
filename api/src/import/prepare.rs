//! The work on a batch that needs no database: parsing, rendering, hashing,
//! spread over the cores.

use super::batch::Batch;
use super::batch::Place;
use super::batch::Prepared;
use super::identity;
use super::record;
use super::record::ArticleRecord;
use super::record::Record;
use crate::article::index;
use crate::article::tagging;
use crate::article::write;
use crate::hash::sha256;
use crate::region::Tree;
use crate::search;
use uuid::Uuid;

/// Elements of HTML may nest this deep: converting them takes stack.
const DEEPEST: usize = 300;
/// Elements that have no end tag (HTML, 13.1.2).
const VOID: [&str; 9] = ["br", "img", "hr", "wbr", "input", "col", "source", "meta", "link"];

/// What is to be found out about an article.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The regions that it names, of this directory.
    pub detect: Option<&'a Tree>,
    /// What it can be found by, or that is left for later.
    pub index: bool,
}

/// Parses and prepares lines of JSON.
pub fn lines(lines: &[(Place, Result<String, String>)], wanted: Wanted<'_>) -> Batch {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // One core is the database's, which stores the batch before.
    let share = lines.len().div_ceil(cores.saturating_sub(1).max(1)).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = lines
            .chunks(share)
            .map(|part| {
                scope.spawn(move || part.iter().map(|line| one(line, wanted)).collect::<Vec<_>>())
            })
            .collect();
        let mut batch = Batch::default();
        for part in parts {
            // A panic of a part is a panic of the whole.
            let part = part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            part.into_iter().for_each(|line| add(&mut batch, line));
        }
        batch
    })
}

enum Line {
    Article(Box<Prepared>),
    Other(Place, Box<Record>),
    Failure(Place, String),
}

fn one((place, line): &(Place, Result<String, String>), wanted: Wanted<'_>) -> Line {
    let place = place.clone();
    match line.as_deref().map_err(String::clone).and_then(record::parse) {
        Ok(Record::Article(record)) => match article(place.clone(), *record, None, false, wanted) {
            Ok(prepared) => Line::Article(Box::new(prepared)),
            Err(message) => Line::Failure(place, message),
        },
        Ok(other) => Line::Other(place, Box::new(other)),
        Err(message) => Line::Failure(place, message),
    }
}

fn add(batch: &mut Batch, line: Line) {
    match line {
        Line::Article(prepared) => batch.articles.push(*prepared),
        Line::Failure(place, message) => batch.failures.push((place, message)),
        Line::Other(place, record) => match *record {
            Record::Channel(record) => batch.channels.push((place, record)),
            Record::Region(record) => batch.regions.push((place, record)),
            Record::Page(record) => batch.pages.push(record),
            Record::Article(_) => {}
        },
    }
}

/// Prepares an article. HTML becomes Markdown first.
pub fn article(
    place: Place,
    mut record: ArticleRecord,
    site: Option<String>,
    portal: bool,
    wanted: Wanted<'_>,
) -> Result<Prepared, String> {
    if let Some(html) = record.body_html.take() {
        if !record.body.is_empty() {
            return Err("`body` and `bodyHtml` are both given: pass one of them".into());
        }
        if depth(&html) > DEEPEST {
            return Err(format!("`bodyHtml` nests deeper than {DEEPEST} elements"));
        }
        let unseen = vec!["head", "script", "style"];
        let converter = htmd::HtmlToMarkdown::builder().skip_tags(unseen).build();
        let markdown = converter.convert(&html);
        record.body = markdown.map_err(|_| "`bodyHtml` cannot be read as HTML")?;
    }
    // What may differ from import to import without a change of the article.
    let views = record.imported_views.take();
    let page = record.page.take();
    let last_import = record.last_import.take();
    let json = serde_json::to_string(&record).map_err(|error| error.to_string())?;
    record.imported_views = views;
    record.page = page;
    record.last_import = last_import;
    let (body, teaser) = write::render(Uuid::nil(), std::mem::take(&mut record.body))
        .map_err(|error| error.to_string())?;
    let keys = identity::keys(&record, site.as_deref(), &body);
    let text = index::plain(&body.blocks).map_err(|error| error.to_string())?;
    let found = wanted.detect.map(|tree| tagging::found(tree, &record.title, &text));
    let tokens = wanted.index.then(|| search::index::tokens(&record.title, &text));
    let hash = sha256(json);
    Ok(Prepared { place, record, portal, body, teaser, tokens, found, keys, hash })
}

/// How deep the elements of HTML nest, at most: ends that may be left out count
/// as missing.
fn depth(html: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for tag in html.split('<').skip(1) {
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !name.is_empty() && !VOID.contains(&name.to_ascii_lowercase().as_str()) {
            depth += 1;
        }
        deepest = deepest.max(depth);
    }
    deepest
}
