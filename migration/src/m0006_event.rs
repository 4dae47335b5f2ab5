//! The change log.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let event = Table::create()
            .table("event")
            .col(big_pk_auto("id"))
            .col(timestamp_with_time_zone("at"))
            .col(text("kind"))
            .col(uuid_null("article_id"))
            .col(json_binary("data"))
            .col(text_null("once").unique_key())
            .to_owned();
        manager.create_table(event).await?;
        index(manager, "event", &["at"]).await
    }
}
