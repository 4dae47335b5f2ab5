//! Pages of what is found: the index tells which articles may have the words, the articles
//! themselves whether readers see them and, where that is not certain, whether they have them.

use std::collections::HashMap;

use uuid::Uuid;

use super::index::place;
use super::places;
use super::places::Hit;
use super::places::Question;
use super::places::Tier;
use super::snippet;
use super::snippet::Piece;
use crate::app::App;
use crate::article::Audience;
use crate::article::find;
use crate::article::find::Forms;
use crate::article::graphql::Article;
use crate::article::index::plain;
use crate::error::Error;
use crate::error::Reason;
use crate::id;

/// So many are counted.
pub const COUNTED: u64 = 1_000;
/// So many that are not certain are looked at to count them.
const COUNTED_BY_TEXT: u64 = 100;
/// So many that are not certain are read at a time.
const UNCERTAIN: usize = 50;
/// So many that turn out not to have the words end a page.
const LOOKED_AT: usize = 500;

/// Which page.
pub struct Asked {
    /// So many articles.
    pub first: usize,
    /// Behind this cursor.
    pub after: Option<String>,
    /// Whether titles come first.
    pub by_relevance: bool,
    /// Whether the words are to be shown.
    pub pieces: bool,
}

/// A page.
pub struct Results {
    /// The articles.
    pub found: Vec<Found>,
    /// Whether there are some before.
    pub has_previous: bool,
    /// Whether there may be more.
    pub has_next: bool,
    /// Where to go on.
    pub end: Option<String>,
}

/// An article that was found.
pub struct Found {
    /// The article.
    pub article: Article,
    /// Its title.
    pub title: Vec<Piece>,
    /// Some of its text.
    pub snippet: Vec<Piece>,
    at: At,
}

impl Found {
    /// Its place in the list.
    pub fn cursor(&self) -> String {
        self.at.cursor()
    }
}

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It is exact.
    Exact,
    /// There are more.
    AtLeast,
    /// It may be a little more or less.
    About,
}

/// A place in a list: of which part, and there.
#[derive(Clone, Copy)]
struct At(usize, i64);

impl At {
    fn cursor(self) -> String {
        id::encode("search", &format!("{}/{}", self.0, self.1))
    }

    fn read(cursor: &str) -> Result<Self, Error> {
        let decode = || {
            let (_, key) = id::decode(cursor).filter(|(kind, _)| kind == "search")?;
            let (part, place) = key.split_once('/')?;
            Some(Self(part.parse().ok()?, place.parse().ok()?))
        };
        decode().ok_or_else(|| {
            let message = "`after` is not a cursor: pass one that an edge of this search gave you.";
            Error::invalid("after", Reason::Invalid, message)
        })
    }
}

/// Reads a page.
pub async fn page(app: &App, question: &Question, asked: Asked) -> Result<Results, Error> {
    let parts: &[Option<Tier>] = match asked.by_relevance {
        true => &[Some(Tier::Title), Some(Tier::Lead), Some(Tier::Rest)],
        false => &[None],
    };
    let after = asked.after.as_deref().map(At::read).transpose()?;
    let mut results =
        Results { found: Vec::new(), has_previous: after.is_some(), has_next: false, end: None };
    let At(begin, mut before) = after.unwrap_or(At(0, place(question.now) + (1 << 16)));
    let mut looked_at = 0;
    for (part, tier) in parts.iter().enumerate().skip(begin) {
        loop {
            let missing = asked.first + 1 - results.found.len();
            // Of what is not certain more are read, so that few of them are few statements. Most
            // will have the words.
            let most = match (places::is_certain(&question.terms), looked_at) {
                (true, _) => missing,
                (false, 0) => missing + missing.div_ceil(4),
                (false, _) => missing.max(UNCERTAIN),
            };
            let (db, limit) = (&app.db.search, most as u64);
            let hits = places::find(db, question, *tier, Some(before), limit).await?;
            let is_last = hits.len() < most;
            looked_at += hits.len();
            for found in confirmed(app, question, &hits, part, asked.pieces, missing).await? {
                if results.found.len() == asked.first {
                    results.has_next = true;
                    return Ok(results);
                }
                results.end = Some(found.cursor());
                results.found.push(found);
            }
            before = hits.last().map_or(before, |hit| hit.place);
            if is_last {
                break;
            }
            if looked_at >= LOOKED_AT {
                results.has_next = true;
                results.end = Some(At(part, before).cursor());
                return Ok(results);
            }
        }
        before = i64::MAX;
    }
    Ok(results)
}

/// How many there are.
pub async fn number(app: &App, question: &Question) -> Result<(u64, Relation), Error> {
    let db = &app.db.search;
    let certain = places::is_certain(&question.terms);
    let number = places::count(db, question, COUNTED + 1).await?;
    if number == 0 || certain && number <= COUNTED {
        return Ok((number, Relation::Exact));
    }
    if certain {
        return Ok((COUNTED, Relation::AtLeast));
    }
    if number > COUNTED_BY_TEXT {
        return Ok((number.min(COUNTED), Relation::About));
    }
    let hits = places::find(db, question, None, None, COUNTED_BY_TEXT).await?;
    let found = confirmed(app, question, &hits, 0, false, hits.len()).await?;
    Ok((found.len() as u64, Relation::Exact))
}

/// The first of the hits that readers see and that have the words, so many at most.
async fn confirmed(
    app: &App,
    question: &Question,
    hits: &[Hit],
    part: usize,
    pieces: bool,
    most: usize,
) -> Result<Vec<Found>, Error> {
    let db = &app.db;
    let ids: Vec<Uuid> = hits.iter().map(|hit| hit.article).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let terms = &question.terms;
    let certain = places::is_certain(terms);
    let audience = Audience::Public(question.now);
    let bodies = async {
        match certain && !pieces {
            true => Ok(HashMap::new()),
            false => find::bodies(db, &ids, Forms { blocks: true, ..Forms::default() }).await,
        }
    };
    let (articles, bodies) = tokio::try_join!(find::by_ids(db, audience, &ids), bodies)?;
    let articles = Article::all(articles).into_iter();
    let mut articles: HashMap<Uuid, Article> =
        articles.map(|article| (article.0.id, article)).collect();
    let in_order: Vec<(Hit, Article)> =
        hits.iter().filter_map(|hit| Some((*hit, articles.remove(&hit.article)?))).collect();
    let terms = terms.clone();
    // A hundred long texts take a while.
    let looked_at = tokio::task::spawn_blocking(move || {
        let mut confirmed = Vec::new();
        for (hit, article) in in_order {
            if confirmed.len() == most {
                break;
            }
            let (mut title, mut snippet) = (Vec::new(), Vec::new());
            if let Some(body) = bodies.get(&hit.article) {
                let text = plain(&body.blocks)?;
                let in_title = snippet::folded(&article.0.title);
                let in_text = snippet::folded(&text);
                if !certain && !snippet::has(&in_title, &in_text, &terms) {
                    continue;
                }
                if pieces {
                    title = snippet::whole(&article.0.title, &in_title, &terms);
                    snippet = snippet::snippet(&text, &in_text, &terms);
                }
            }
            confirmed.push(Found { article, title, snippet, at: At(part, hit.place) });
        }
        Ok(confirmed)
    });
    looked_at.await.map_err(|error| Error::Internal(format!("looking at texts: {error}")))?
}
