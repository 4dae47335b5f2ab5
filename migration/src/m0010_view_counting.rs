//! Counting views: the log that they are acknowledged by, and what is folded from
//! it: what has been seen, and buckets by hour, day and month.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use super::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keyed = |table: TableCreateStatement| of_backend(manager, table);
        for table in [
            // Keys: an event, a visitor's visit to an article, the visits of a network.
            table("view_event", "hour", "id").col(small_integer("class")).take(),
            keys("view_visit").take(),
            keys("view_network").col(big_integer("visits")).take(),
            // Counters.
            table("view_hour", "hour", "article_id").col(big_integer("counted")).take(),
            table("view_day", "day", "article_id").col(big_integer("counted")).take(),
            table("view_month", "month", "article_id").col(big_integer("counted")).take(),
            Table::create()
                .table("view_excluded")
                .col(integer("day"))
                .col(uuid("article_id"))
                .col(small_integer("class"))
                .col(big_integer("excluded"))
                .primary_key(Index::create().col("article_id").col("day").col("class"))
                .take(),
            Table::create()
                .table("view_hot")
                .col(uuid("article_id").primary_key())
                .col(double("fast"))
                .col(double("slow"))
                .take(),
            Table::create()
                .table("view_salt")
                .col(integer("day").primary_key())
                .col(binary("salt"))
                .take(),
        ] {
            manager.create_table(keyed(table)).await?;
        }
        let visitors = table("view_visitors", "day", "article_id").col(binary("sketch")).take();
        let correction = Table::create()
            .table("view_correction")
            .col(uuid("id").primary_key())
            .col(uuid("article_id"))
            .col(timestamp_with_time_zone("at"))
            .col(uuid_null("token_id"))
            .col(big_integer("before"))
            .col(big_integer("after"))
            .col(text("reason"))
            .take();
        for table in [visitors, correction] {
            manager.create_table(table).await?;
        }
        index(manager, "view_correction", &["article_id"]).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            // On SQLite it is a file of its own.
            let log = Table::create()
                .table("view_log")
                .col(big_integer("seq").primary_key())
                .col(timestamp_with_time_zone("at"))
                .col(binary("displays"))
                .take();
            manager.create_table(log).await?;
            // Room for new versions of a counter within its page, and no time spent on
            // compressing what is random.
            let tune = "ALTER TABLE view_total SET (fillfactor = 70);
                        ALTER TABLE view_hour SET (fillfactor = 80);
                        ALTER TABLE view_day SET (fillfactor = 80);
                        ALTER TABLE view_log ALTER COLUMN displays SET STORAGE EXTERNAL;";
            manager.get_connection().execute_unprepared(tune).await?;
        }
        Ok(())
    }
}

/// A table whose key is a bucket of time and an id.
fn table(name: &'static str, bucket: &'static str, id: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(integer(bucket))
        .col(uuid(id))
        .primary_key(Index::create().col(bucket).col(id))
        .take()
}

/// A table of keyed hashes of 16 bytes, by the hour from which nobody asks for them any more.
fn keys(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(integer("hour"))
        .col(uuid("key"))
        .primary_key(Index::create().col("hour").col("key"))
        .take()
}

/// In SQLite, the rows themselves in the order of their key.
fn of_backend(manager: &SchemaManager, mut table: TableCreateStatement) -> TableCreateStatement {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}
