//! What SQLite has to know of articles to look them up: that most of them share a state.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // PostgreSQL counts by itself. SQLite guesses that ten articles have the same state,
        // and to find three by their ids it would go through all that are published.
        if manager.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        // <https://www.sqlite.org/optoverview.html>, "Manual control of query plans using
        // SQLITE_STAT tables": rows, then rows that share the first column, the first two, …
        let statistics = "ANALYZE sqlite_schema;
            INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
                ('article', 'article_state_published_at_id', '1000000 300000 2 1'),
                ('article', 'article_state_updated_at_id', '1000000 300000 2 1');
            ANALYZE sqlite_schema";
        manager.get_connection().execute_unprepared(statistics).await?;
        Ok(())
    }
}
