//! Questions to the index.

use chrono::DateTime;
use chrono::Utc;
use sea_orm::ConnectionTrait;
use sea_orm::DbBackend;
use sea_orm::Statement;
use sea_orm::Value;
use uuid::Uuid;

use super::cut;
use super::index;
use super::index::LEAD_MARK;
use super::index::REGION;
use super::index::TITLE;
use super::parse::Term;
use crate::error::Error;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// The words; those that are not wanted among them.
    pub terms: Vec<Term>,
    /// The code of a region.
    pub region: Option<String>,
    /// Published then or later.
    pub from: Option<DateTime<Utc>>,
    /// Published earlier than that.
    pub until: Option<DateTime<Utc>>,
    /// The instant at which readers see it.
    pub now: DateTime<Utc>,
}

/// Where an article has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// All of them in the title.
    Title,
    /// Not so, but all in the beginning of the text.
    Lead,
    /// Neither.
    Rest,
}

/// Articles as the index tells them, the last published first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its place in the order of time.
    pub place: i64,
    /// The article.
    pub article: Uuid,
}

/// Whether what the index tells is sure to have the words.
pub fn is_certain(terms: &[Term]) -> bool {
    terms.iter().all(|term| cut::wanted(&term.text).1)
}

/// At most so many articles that may have the words, before a place, of a tier or of all.
pub async fn find(
    db: &impl ConnectionTrait,
    question: &Question,
    tier: Option<Tier>,
    before: Option<i64>,
    most: u64,
) -> Result<Vec<Hit>, Error> {
    let backend = db.get_database_backend();
    let Some(expression) = expression(backend, question, tier) else { return Ok(Vec::new()) };
    let sql = format!("{} ORDER BY place DESC LIMIT ", select(backend));
    let statement = statement(backend, sql, expression, question, before, most);
    let rows = db.query_all_raw(statement).await?;
    let hit = |row: &sea_orm::QueryResult| {
        Ok(Hit { place: row.try_get_by_index(0)?, article: row.try_get_by_index(1)? })
    };
    rows.iter().map(hit).collect()
}

/// How many articles may have the words, counted no further than `most`.
pub async fn count(
    db: &impl ConnectionTrait,
    question: &Question,
    most: u64,
) -> Result<u64, Error> {
    let backend = db.get_database_backend();
    let Some(expression) = expression(backend, question, None) else { return Ok(0) };
    let sql = format!("SELECT COUNT(*) FROM ({} LIMIT ", select(backend));
    let mut statement = statement(backend, sql, expression, question, None, most);
    statement.sql.push_str(") AS counted");
    let row = db.query_one_raw(statement).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(u64::try_from(count).unwrap_or(0))
}

fn select(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => {
            "SELECT search_index.rowid AS place, search_document.article_id FROM search_index \
             CROSS JOIN search_document ON search_document.place = search_index.rowid \
             WHERE search_index MATCH ? AND search_index.rowid >= ? AND search_index.rowid < ? \
             AND (search_document.unpublish_at IS NULL OR search_document.unpublish_at > ?)"
        }
        _ => {
            "SELECT place, article_id FROM search_document \
             WHERE words @@ CAST($1 AS tsquery) AND place >= $2 AND place < $3 \
             AND (unpublish_at IS NULL OR unpublish_at > $4)"
        }
    }
}

fn statement(
    backend: DbBackend,
    mut sql: String,
    expression: String,
    question: &Question,
    before: Option<i64>,
    most: u64,
) -> Statement {
    sql.push_str(if backend == DbBackend::Sqlite { "?" } else { "$5" });
    let low = question.from.map_or(i64::MIN, index::place);
    let now = index::place(question.now + chrono::TimeDelta::milliseconds(1));
    let until = question.until.map(index::place);
    let high = [Some(now), until, before].into_iter().flatten().min().unwrap_or(now);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let values: [Value; 5] =
        [expression.into(), low.into(), high.into(), question.now.into(), most.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// The question in the language of the database; none if nothing is asked for.
fn expression(backend: DbBackend, question: &Question, tier: Option<Tier>) -> Option<String> {
    let signs = Signs::of(backend);
    let (excluded, wanted): (Vec<&Term>, Vec<&Term>) =
        question.terms.iter().partition(|term| term.excluded);
    if wanted.is_empty() {
        return None;
    }
    let all = |mark: &str| {
        let tokens = wanted.iter().flat_map(|term| cut::wanted(&term.text).0);
        let tokens: Vec<String> = tokens.map(|token| signs.token(mark, token)).collect();
        format!("({})", tokens.join(signs.and))
    };
    let mut must = vec![match tier {
        None | Some(Tier::Rest) => all(""),
        Some(Tier::Title) => all(TITLE),
        Some(Tier::Lead) => all(LEAD_MARK),
    }];
    if let Some(code) = &question.region {
        must.push(signs.token(REGION, code));
    }
    let mut not = Vec::new();
    if matches!(tier, Some(Tier::Lead | Tier::Rest)) {
        not.push(all(TITLE));
    }
    if tier == Some(Tier::Rest) {
        not.push(all(LEAD_MARK));
    }
    for term in excluded {
        // What has the tokens of others need not have them.
        let (tokens, certain) = cut::wanted(&term.text);
        if certain {
            not.extend(tokens.iter().map(|token| signs.token("", token)));
        }
    }
    let mut expression = format!("({})", must.join(signs.and));
    for not in not {
        expression = format!("({expression}{}{not})", signs.and_not);
    }
    Some(expression)
}

/// How the databases write such questions. Tokens have neither quotes nor backslashes.
struct Signs {
    quote: char,
    and: &'static str,
    and_not: &'static str,
}

impl Signs {
    fn of(backend: DbBackend) -> Self {
        match backend {
            // https://www.sqlite.org/fts5.html#full_text_query_syntax
            DbBackend::Sqlite => Self { quote: '"', and: " AND ", and_not: " NOT " },
            // https://www.postgresql.org/docs/current/datatype-textsearch.html
            _ => Self { quote: '\'', and: " & ", and_not: " & !" },
        }
    }

    fn token(&self, mark: &str, token: &str) -> String {
        format!("{0}{mark}{token}{0}", self.quote)
    }
}
