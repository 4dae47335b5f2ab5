//! API tokens.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let token = Table::create()
            .table("token")
            .col(uuid("id").primary_key())
            .col(text("name"))
            .col(text_uniq("hash"))
            .col(text("scopes"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        manager.create_table(token).await
    }
}
