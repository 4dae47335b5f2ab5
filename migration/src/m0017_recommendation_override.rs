//! What editors pin and block in recommended reading: a row for each time that one said so.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let overrides = Table::create()
            .table("recommendation_override")
            .col(uuid("id").primary_key())
            .col(uuid_null("article_id"))
            .col(uuid("recommended_id"))
            .col(small_integer("mode"))
            .col(text("reason"))
            .col(timestamp_with_time_zone_null("until"))
            .col(timestamp_with_time_zone("at"))
            .col(uuid_null("token_id"))
            .to_owned();
        manager.create_table(overrides).await?;
        // What holds for an article, and whether a row is the last of two articles.
        let pair = ["article_id", "recommended_id", "id"];
        index(manager, "recommendation_override", &pair).await
    }
}
