//! Single articles and what belongs to them. Every read of `article` takes an
//! [`Audience`].

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use entity::article;
use entity::article_body;
use entity::article_region;
use entity::article_slug;
use sea_orm::ColumnTrait;
use sea_orm::Condition;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IdenStatic;
use sea_orm::Iterable;
use sea_orm::JoinType;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::LockType;
use uuid::Uuid;

use super::Article;
use super::Audience;
use super::State;
use super::lists;
use crate::db;
use crate::db::Txn;
use crate::db::inline::Source;
use crate::error::Error;

pub use super::slug::all as slugs;

/// The article of that id.
pub async fn by_id(
    db: &impl Source,
    audience: Audience,
    id: Uuid,
) -> Result<Option<Article>, Error> {
    let found = db.models(article::Entity::find_by_id(id)).await?.into_iter().next();
    Ok(found.filter(|article| audience.sees(article)))
}

/// The articles of these ids for a change of what belongs to them: nobody else
/// changes them before the transaction ends. In the order of ids, so that two who
/// lock the same ones do not wait for each other.
pub async fn locked(txn: &Txn, ids: &[Uuid]) -> Result<Vec<Article>, Error> {
    let found = article::Entity::find()
        .filter(article::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(article::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&txn.db)
        .await?;
    Ok(found)
}

/// The articles of these ids, in no order.
pub async fn by_ids(
    db: &impl Source,
    audience: Audience,
    ids: &[Uuid],
) -> Result<Vec<Article>, Error> {
    let ids = article::Column::Id.is_in(ids.iter().copied());
    db.models(article::Entity::find().filter(ids).filter(audience.condition())).await
}

/// The article that has or had that slug.
pub async fn by_slug(
    db: &impl Source,
    audience: Audience,
    slug: &str,
) -> Result<Option<Article>, Error> {
    if !db::can_hold(slug) {
        return Ok(None);
    }
    let holder = article_slug::Entity::belongs_to(article::Entity)
        .from(article_slug::Column::ArticleId)
        .to(article::Column::Id)
        .into();
    let query = article::Entity::find()
        .join_rev(JoinType::InnerJoin, holder)
        .filter(article_slug::Column::Slug.eq(slug));
    let found = db.models(query).await?.into_iter().next();
    Ok(found.filter(|article| audience.sees(article)))
}

/// Which forms of a text are read: each takes many pages of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms {
    /// As it was written.
    pub markdown: bool,
    /// HTML.
    pub html: bool,
    /// Blocks.
    pub blocks: bool,
}

impl Forms {
    /// All of them.
    pub const ALL: Self = Self { markdown: true, html: true, blocks: true };

    fn has(self, column: article_body::Column) -> bool {
        match column {
            article_body::Column::Markdown => self.markdown,
            article_body::Column::Html => self.html,
            article_body::Column::Blocks => self.blocks,
            _ => true,
        }
    }
}

/// The texts of articles that were read for an audience before; other forms than these are
/// empty.
pub async fn bodies(
    db: &impl Source,
    ids: &[Uuid],
    forms: Forms,
) -> Result<HashMap<Uuid, article_body::Model>, Error> {
    let ids = article_body::Column::ArticleId.is_in(ids.iter().copied());
    let query = article_body::Entity::find().select_only().filter(ids);
    let query = article_body::Column::iter().fold(query, |query, column| match forms.has(column) {
        true => query.column(column),
        false => query.expr_as(Expr::val(""), column.as_str()),
    });
    let bodies = db.models(query).await?;
    Ok(bodies.into_iter().map(|body| (body.article_id, body)).collect())
}

/// The codes of the regions that editors gave to articles, in the order of
/// codes, as an edition of the directory has them.
pub async fn regions(
    db: &impl Source,
    edition: i64,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<String>>, Error> {
    let direct = article_region::Column::Direct.eq(true);
    region_codes(db, ids, Condition::all().add(direct).add(lists::valid(edition))).await
}

/// The same with those of the regions above them.
pub async fn regions_and_above(
    db: &impl Source,
    edition: i64,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<String>>, Error> {
    region_codes(db, ids, Condition::all().add(lists::valid(edition))).await
}

/// The same in any edition of the directory, also in one that is about to come.
pub async fn filed(db: &impl Source, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>, Error> {
    let mut filed = HashMap::new();
    for ids in ids.chunks(1000) {
        filed.extend(region_codes(db, ids, Condition::all()).await?);
    }
    // Those that an article has in several editions stand side by side.
    filed.values_mut().for_each(Vec::dedup);
    Ok(filed)
}

async fn region_codes(
    db: &impl Source,
    ids: &[Uuid],
    which: Condition,
) -> Result<HashMap<Uuid, Vec<String>>, Error> {
    let query = article_region::Entity::find()
        .select_only()
        .column(article_region::Column::ArticleId)
        .column(article_region::Column::RegionCode)
        .filter(article_region::Column::ArticleId.is_in(ids.iter().copied()))
        .filter(which)
        .order_by_asc(article_region::Column::RegionCode);
    let rows: Vec<(Uuid, String)> = db.tuples(query).await?;
    let mut regions: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (id, code) in rows {
        regions.entry(id).or_default().push(code);
    }
    Ok(regions)
}

/// When readers see an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// From then on.
    pub from: DateTime<Utc>,
    /// Until then, exclusive.
    pub until: Option<DateTime<Utc>>,
}

impl Shown {
    /// Whether readers see it now.
    pub fn at(self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// When readers see these articles; those that are not published are left out.
pub async fn shown(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Shown>, Error> {
    use article::Column;
    type At = Option<DateTime<Utc>>;
    let rows: Vec<(Uuid, At, At)> = article::Entity::find()
        .select_only()
        .columns([Column::Id, Column::PublishedAt, Column::UnpublishAt])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::State.eq(State::Published))
        .into_tuple()
        .all(db)
        .await?;
    let times = |(id, from, until): (_, Option<_>, _)| Some((id, Shown { from: from?, until }));
    Ok(rows.into_iter().filter_map(times).collect())
}

/// The articles that have or had these slugs.
pub async fn holders(
    db: &impl ConnectionTrait,
    slugs: &[&str],
) -> Result<HashMap<String, Uuid>, Error> {
    use article_slug::Column;
    let slugs = slugs.iter().filter(|slug| db::can_hold(slug));
    let rows: Vec<(String, Uuid)> = article_slug::Entity::find()
        .select_only()
        .columns([Column::Slug, Column::ArticleId])
        .filter(Column::Slug.is_in(slugs.copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
