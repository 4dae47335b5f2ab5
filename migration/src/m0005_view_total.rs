//! Totals of views.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let total = Table::create()
            .table("view_total")
            .col(uuid("article_id").primary_key())
            .col(big_integer("counted").default(0))
            .col(big_integer("imported").default(0))
            .to_owned();
        manager.create_table(total).await
    }
}
