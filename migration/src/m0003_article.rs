//! Articles, their text and their slugs.

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
        let article = Table::create()
            .table("article")
            .col(uuid("id").primary_key())
            .col(text("slug"))
            .col(text("title"))
            .col(text_null("byline"))
            .col(text_null("source_name"))
            .col(text_null("source_url"))
            .col(json_binary_null("lead_image"))
            .col(uuid_null("channel_id"))
            .col(json_binary("tags"))
            .col(json_binary("metadata"))
            .col(text("state"))
            .col(text_null("review_reason"))
            .col(timestamp_with_time_zone_null("publish_at"))
            .col(timestamp_with_time_zone_null("unpublish_at"))
            .col(timestamp_with_time_zone_null("published_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(big_integer("version"))
            .col(text("teaser"))
            .foreign_key(ForeignKey::create().from("article", "channel_id").to("channel", "id"))
            .to_owned();
        manager.create_table(article).await?;
        index(manager, "article", &["state", "published_at", "id"]).await?;
        index_of_set(manager, "article", &["channel_id", "state", "published_at", "id"]).await?;
        index_of_set(manager, "article", &["source_name", "state", "published_at", "id"]).await?;
        index(manager, "article", &["updated_at", "id"]).await?;
        index(manager, "article", &["state", "updated_at", "id"]).await?;
        index_of_set(manager, "article", &["publish_at"]).await?;
        index_of_set(manager, "article", &["unpublish_at"]).await?;
        let body = Table::create()
            .table("article_body")
            .col(uuid("article_id").primary_key())
            .col(text("markdown"))
            .col(text("html"))
            .col(text("blocks"))
            .col(integer_null("fold_at"))
            .col(integer("word_count"))
            .col(integer("renderer_version"))
            .foreign_key(&mut of_article("article_body"))
            .to_owned();
        manager.create_table(body).await?;
        // No foreign key: a slug stays reserved when its article is deleted.
        let slug = Table::create()
            .table("article_slug")
            .col(text("slug").primary_key())
            .col(uuid("article_id"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        manager.create_table(slug).await?;
        index(manager, "article_slug", &["article_id"]).await?;
        let key = Table::create()
            .table("article_create_key")
            .col(text("key").primary_key())
            .col(uuid("article_id"))
            .col(text("input_hash"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        manager.create_table(key).await
    }
}
