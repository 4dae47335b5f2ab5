//! The region directory, and the settings that instances share.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let region = Table::create()
            .table("region")
            .col(text("code").primary_key())
            .col(text("name"))
            .col(text("level"))
            .col(text("kind"))
            .col(text_null("parent"))
            .col(text_null("path").unique_key())
            .to_owned();
        manager.create_table(region).await?;
        let setting = Table::create()
            .table("setting")
            .col(text("name").primary_key())
            .col(text("value"))
            .to_owned();
        manager.create_table(setting).await
    }
}
