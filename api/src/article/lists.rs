//! The rows that lists by region and by tag are read from.

use std::collections::BTreeMap;

use entity::article_region;
use entity::article_tag;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;

use super::Article;
use super::State;
use super::input::tags_of;
use crate::db::Txn;
use crate::error::Error;
use crate::region::Tree;

/// When an article is in lists: its instants while it is published.
fn times(
    article: &Article,
) -> (Option<chrono::DateTime<chrono::Utc>>, Option<chrono::DateTime<chrono::Utc>>) {
    let published = article.published_at.filter(|_| article.state == State::Published);
    (published, article.unpublish_at)
}

/// The rows under which an edition of the directory files articles.
pub fn valid(edition: i64) -> sea_orm::sea_query::Expr {
    use article_region::Column;
    let begun = Column::EditionFrom.lte(edition);
    begun.and(Column::EditionUntil.is_null().or(Column::EditionUntil.gt(edition)))
}

/// Puts the article into these regions and every region above them.
pub fn region_rows(article: &Article, codes: &[String], tree: &Tree) -> Vec<article_region::Model> {
    let (published_at, unpublish_at) = times(article);
    let mut direct: BTreeMap<String, bool> = BTreeMap::new();
    for code in codes {
        direct.insert(code.clone(), true);
        for above in tree.above(code) {
            direct.entry(above.code.clone()).or_insert(false);
        }
    }
    let row = |(region_code, direct)| article_region::Model {
        article_id: article.id,
        region_code,
        direct,
        edition_from: 0,
        edition_until: None,
        published_at,
        unpublish_at,
    };
    direct.into_iter().map(row).collect()
}

/// One row for each tag.
pub fn tag_rows(article: &Article) -> Vec<article_tag::Model> {
    let (published_at, unpublish_at) = times(article);
    let row = |tag| article_tag::Model { article_id: article.id, tag, published_at, unpublish_at };
    tags_of(article).into_iter().map(row).collect()
}

/// Replaces the regions of the article.
pub async fn set_regions(
    txn: &Txn,
    article: &Article,
    codes: &[String],
    tree: &Tree,
) -> Result<(), Error> {
    let of_article = article_region::Column::ArticleId.eq(article.id);
    article_region::Entity::delete_many().filter(of_article).exec(&txn.db).await?;
    let rows = region_rows(article, codes, tree);
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    article_region::Entity::insert_many(rows).exec_without_returning(&txn.db).await?;
    Ok(())
}

/// Replaces the rows of the article's tags.
pub async fn set_tags(txn: &Txn, article: &Article) -> Result<(), Error> {
    let of_article = article_tag::Column::ArticleId.eq(article.id);
    article_tag::Entity::delete_many().filter(of_article).exec(&txn.db).await?;
    let rows = tag_rows(article).into_iter().map(IntoActiveModel::into_active_model);
    article_tag::Entity::insert_many(rows).exec_without_returning(&txn.db).await?;
    Ok(())
}

/// Carries the article's times over to its regions and tags.
pub async fn set_times(txn: &Txn, article: &Article) -> Result<(), Error> {
    let (published_at, unpublish_at) = times(article);
    let regions = article_region::ActiveModel {
        published_at: Set(published_at),
        unpublish_at: Set(unpublish_at),
        ..Default::default()
    };
    article_region::Entity::update_many()
        .set(regions)
        .filter(article_region::Column::ArticleId.eq(article.id))
        .exec(&txn.db)
        .await?;
    let tags = article_tag::ActiveModel {
        published_at: Set(published_at),
        unpublish_at: Set(unpublish_at),
        ..Default::default()
    };
    article_tag::Entity::update_many()
        .set(tags)
        .filter(article_tag::Column::ArticleId.eq(article.id))
        .exec(&txn.db)
        .await?;
    Ok(())
}
