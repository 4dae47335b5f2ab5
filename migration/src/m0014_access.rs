//! The life of tokens, and the trail of who changed what.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            timestamp_with_time_zone_null("expires_at"),
            timestamp_with_time_zone_null("revoked_at"),
            timestamp_with_time_zone_null("last_used_at"),
            // The only article that it shows, of a preview.
            uuid_null("article_id"),
        ];
        for column in columns {
            // SQLite takes one at a time.
            let add = Table::alter().table("token").add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        index(manager, "token", &["created_at", "id"]).await?;
        let entry = Table::create()
            .table("audit_entry")
            .col(uuid("id").primary_key())
            .col(timestamp_with_time_zone("at"))
            .col(uuid_null("actor_id"))
            .col(text("actor_name"))
            .col(text("action"))
            .col(text_null("subject"))
            .col(json_binary("input"))
            .to_owned();
        manager.create_table(entry).await?;
        index(manager, "audit_entry", &["at", "id"]).await?;
        index(manager, "audit_entry", &["subject", "at", "id"]).await?;
        index(manager, "audit_entry", &["actor_id", "at", "id"]).await
    }
}
