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
            .col(text("code"))
            .col(big_integer("edition_from"))
            .col(big_integer_null("edition_until"))
            .col(text("name"))
            .col(text("short_name"))
            .col(text("former_names"))
            .col(text("level"))
            .col(text("kind"))
            .col(text_null("parent"))
            .col(text_null("path"))
            .col(text_null("pinyin"))
            .col(text_null("iso"))
            .col(text_null("since"))
            .col(text_null("until"))
            .col(text_null("successor"))
            .col(text("source"))
            .col(text("origin"))
            .primary_key(Index::create().col("code").col("edition_from"))
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
