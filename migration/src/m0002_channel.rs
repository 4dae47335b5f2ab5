//! Channels (频道).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let channel = Table::create()
            .table("channel")
            .col(uuid("id").primary_key())
            .col(text_uniq("slug"))
            .col(text("name"))
            .to_owned();
        manager.create_table(channel).await
    }
}
