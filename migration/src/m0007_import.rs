//! What came from outside.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let page = Table::create()
            .table("import_page")
            .col(uuid("id").primary_key())
            .col(text_uniq("hash"))
            .col(text_null("site"))
            .col(text_null("site_column"))
            .col(text("raw"))
            .col(json_binary("recommended"))
            .col(timestamp_with_time_zone("imported_at"))
            .to_owned();
        manager.create_table(page).await?;
        // No foreign keys: what identifies a deleted article keeps it deleted.
        let article = Table::create()
            .table("import_article")
            .col(uuid("article_id").primary_key())
            .col(big_integer("article_version"))
            .col(text("content_hash"))
            .col(uuid_null("page_id"))
            .col(timestamp_with_time_zone("imported_at"))
            .to_owned();
        manager.create_table(article).await?;
        let key = Table::create()
            .table("import_key")
            .col(text("key").primary_key())
            .col(uuid("article_id"))
            .to_owned();
        manager.create_table(key).await?;
        index(manager, "import_key", &["article_id"]).await
    }
}
