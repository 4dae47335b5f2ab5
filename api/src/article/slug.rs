//! Slugs: readable, stable, never given twice.
//!
//! A title becomes ASCII: Chinese as pinyin, by the usual reading of each
//! character, other scripts transliterated. A newsroom that prefers the title itself passes it
//! as `slug`; it is percent-encoded on the wire only.

use chrono::DateTime;
use chrono::Utc;
use entity::article_slug;
use pinyin::ToPinyin;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;

/// The longest slug, in characters.
pub const MAX: usize = 120;
const MAX_MADE: usize = 72;

/// Makes a slug of a title; one of the id when nothing readable is left.
pub fn from_title(title: &str, article: Uuid) -> String {
    let slug = ::slug::slugify(spelled(title));
    let mut cut = slug.as_str();
    if cut.len() > MAX_MADE {
        let head = cut.get(..=MAX_MADE).unwrap_or(cut);
        cut = head.rfind('-').and_then(|end| head.get(..end)).unwrap_or(head);
    }
    if !cut.is_empty() {
        return cut.into();
    }
    // The end of a UUIDv7 is random, its start is the time.
    let id = article.simple().to_string();
    format!("article-{}", id.get(20..).unwrap_or(&id))
}

/// The title with each ideograph spelled in pinyin, as a word of its own.
fn spelled(title: &str) -> String {
    let mut spelled = String::with_capacity(title.len() * 2);
    for (c, pinyin) in title.chars().zip(title.to_pinyin()) {
        match pinyin {
            Some(pinyin) => spelled.extend([" ", pinyin.plain(), " "]),
            None => spelled.push(c),
        }
    }
    spelled
}

/// Checks a slug that somebody chose.
pub fn check(slug: &str) -> Result<(), Error> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let length = slug.chars().count();
    if !(1..=MAX).contains(&length) || !slug.chars().all(allowed) || matches!(slug, "." | "..") {
        let message = format!(
            "`slug` must be 1 to {MAX} letters or digits of any script, -, _, . or ~; it is \
             percent-encoded in addresses only."
        );
        return Err(Error::invalid("slug", Reason::Invalid, message));
    }
    Ok(())
}

/// Gives `slug` to the article, or fails when another article has or had it.
pub async fn claim(txn: &Txn, slug: &str, article: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    if insert(txn, slug, article, now).await? {
        return Ok(());
    }
    let message = format!("The slug `{slug}` belongs or belonged to another article.");
    Err(Error::conflict("slug", Reason::Taken, message))
}

/// Gives the article a slug made of its title, with a number behind it if others have that.
pub async fn claim_for_title(
    txn: &Txn,
    title: &str,
    article: Uuid,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let base = from_title(title, article);
    if insert(txn, &base, article, now).await? {
        return Ok(base);
    }
    let first = first_free(txn, &base).await?;
    for number in first..first + 100 {
        let slug = format!("{base}-{number}");
        if insert(txn, &slug, article, now).await? {
            return Ok(slug);
        }
    }
    Err(Error::Unavailable("Too many articles of this title at once. Try again.".into()))
}

/// A number behind `base` that is free, found in few steps also when a
/// thousand are taken: doubling until one is, then halving.
async fn first_free(txn: &Txn, base: &str) -> Result<u64, Error> {
    let taken = async |number: u64| -> Result<bool, Error> {
        let slug = format!("{base}-{number}");
        Ok(article_slug::Entity::find_by_id(slug).one(&txn.db).await?.is_some())
    };
    let (mut low, mut high) = (1, 2);
    while taken(high).await? {
        (low, high) = (high, high * 2);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if taken(middle).await? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// All slugs of these articles, the oldest first.
pub async fn all(
    db: &impl ConnectionTrait,
    articles: &[Uuid],
) -> Result<Vec<article_slug::Model>, Error> {
    let rows = article_slug::Entity::find()
        .filter(article_slug::Column::ArticleId.is_in(articles.iter().copied()))
        .order_by_asc(article_slug::Column::CreatedAt)
        .order_by_asc(article_slug::Column::Slug)
        .all(db)
        .await?;
    Ok(rows)
}

/// True if the article has the slug now; false if it is another one's.
async fn insert(txn: &Txn, slug: &str, article: Uuid, now: DateTime<Utc>) -> Result<bool, Error> {
    let row = article_slug::Model { slug: slug.into(), article_id: article, created_at: now };
    let skip = OnConflict::column(article_slug::Column::Slug).do_nothing().to_owned();
    let inserted = article_slug::Entity::insert(row.into_active_model())
        .on_conflict(skip)
        .exec_without_returning(&txn.db)
        .await?;
    if inserted > 0 {
        return Ok(true);
    }
    let holder = article_slug::Entity::find_by_id(slug).one(&txn.db).await?;
    Ok(holder.is_some_and(|holder| holder.article_id == article))
}
