//! Regions that were found in the texts of articles, and what editors said of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::of_article;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tag = Table::create()
            .table("article_region_tag")
            .col(uuid("article_id"))
            .col(text("region_code"))
            .col(text("state"))
            .col(text("surface"))
            .col(integer("text_offset"))
            .col(text("rule"))
            .primary_key(Index::create().col("article_id").col("region_code"))
            .foreign_key(&mut of_article("article_region_tag"))
            .to_owned();
        manager.create_table(tag).await
    }
}
