//! Articles that editors exclude from lists by views or pin there: a row for each
//! time that one said so.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let overrides = Table::create()
            .table("ranking_override")
            .col(uuid("id").primary_key())
            .col(uuid("article_id"))
            .col(small_integer("mode"))
            .col(text("reason"))
            .col(timestamp_with_time_zone_null("until"))
            .col(timestamp_with_time_zone("at"))
            .col(uuid_null("token_id"))
            .to_owned();
        manager.create_table(overrides).await?;
        // Whether a row is the last of its article; the list of those that hold.
        index(manager, "ranking_override", &["article_id", "id"]).await?;
        index(manager, "ranking_override", &["at", "id"]).await
    }
}
