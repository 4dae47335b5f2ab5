//! Lists by views, kept for a few minutes for those who page through them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let snapshot = Table::create()
            .table("ranking_snapshot")
            .col(uuid("id").primary_key())
            .col(timestamp_with_time_zone("as_of"))
            .col(text("content"))
            .to_owned();
        manager.create_table(snapshot).await?;
        index(manager, "ranking_snapshot", &["as_of"]).await
    }
}
