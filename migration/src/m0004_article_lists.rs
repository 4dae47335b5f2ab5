//! Regions and tags of articles, each with what lists sort and filter by.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;
use super::index_of_set;
use super::of_article;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let region = Table::create()
            .table("article_region")
            .col(uuid("article_id"))
            .col(text("region_code"))
            .col(boolean("direct"))
            .col(timestamp_with_time_zone_null("published_at"))
            .col(timestamp_with_time_zone_null("unpublish_at"))
            .col(big_integer("edition_from"))
            .col(big_integer_null("edition_until"))
            .primary_key(Index::create().col("article_id").col("region_code").col("edition_from"))
            .foreign_key(&mut of_article("article_region"))
            .to_owned();
        manager.create_table(region).await?;
        index(manager, "article_region", &["region_code", "published_at", "article_id"]).await?;
        index(manager, "article_region", &["region_code", "direct", "published_at", "article_id"])
            .await?;
        index_of_set(manager, "article_region", &["edition_until"]).await?;
        let tag = Table::create()
            .table("article_tag")
            .col(uuid("article_id"))
            .col(text("tag"))
            .col(timestamp_with_time_zone_null("published_at"))
            .col(timestamp_with_time_zone_null("unpublish_at"))
            .primary_key(Index::create().col("article_id").col("tag"))
            .foreign_key(&mut of_article("article_tag"))
            .to_owned();
        manager.create_table(tag).await?;
        index(manager, "article_tag", &["tag", "published_at", "article_id"]).await
    }
}
