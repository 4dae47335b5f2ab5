//! Who is told of changes, what they are told, and how far the log is read for them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let webhook = Table::create()
            .table("webhook")
            .col(uuid("id").primary_key())
            .col(text("url"))
            .col(text("description"))
            .col(text("kinds"))
            .col(text_null("region_code"))
            .col(uuid_null("channel_id"))
            .col(text("secret"))
            .col(text_null("former_secret"))
            .col(timestamp_with_time_zone_null("former_until"))
            .col(boolean("enabled"))
            .col(big_integer("since"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        manager.create_table(webhook).await?;
        let delivery = Table::create()
            .table("webhook_delivery")
            .col(uuid("id").primary_key())
            .col(uuid("webhook_id"))
            .col(big_integer_null("event_id"))
            .col(text("kind"))
            .col(text("subject"))
            .col(text("body"))
            .col(small_integer("state"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone("next_at"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut of("webhook_delivery", "webhook_id", "webhook"))
            .to_owned();
        manager.create_table(delivery).await?;
        let once = Index::create()
            .table("webhook_delivery")
            .name("webhook_delivery_webhook_id_event_id")
            .col("webhook_id")
            .col("event_id")
            .unique()
            .to_owned();
        manager.create_index(once).await?;
        // What is due; whether something of the same article comes first; the list.
        let table = "webhook_delivery";
        index(manager, table, &["webhook_id", "state", "next_at", "event_id"]).await?;
        index(manager, table, &["webhook_id", "state", "subject", "event_id"]).await?;
        index(manager, table, &["webhook_id", "created_at", "id"]).await?;
        let attempt = Table::create()
            .table("webhook_attempt")
            .col(uuid("id").primary_key())
            .col(uuid("delivery_id"))
            .col(timestamp_with_time_zone("at"))
            .col(integer_null("status"))
            .col(text_null("error"))
            .col(integer("milliseconds"))
            .foreign_key(&mut of("webhook_attempt", "delivery_id", "webhook_delivery"))
            .to_owned();
        manager.create_table(attempt).await?;
        index(manager, "webhook_attempt", &["delivery_id", "at"]).await?;
        let consumer = Table::create()
            .table("event_consumer")
            .col(text("name").primary_key())
            .col(big_integer("position"))
            .col(uuid("holder"))
            .col(timestamp_with_time_zone("until"))
            .to_owned();
        manager.create_table(consumer).await
    }
}

/// Rows go with the one that they belong to.
fn of(table: &'static str, column: &'static str, whole: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(whole, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
