//! What can be searched for.
//!
//! The index has no positions: it says which articles may have a word, and the program looks at
//! the text where that does not prove it. So it is a third of the size, and PostgreSQL never
//! reads a text to check a place in it. What a transaction adds is sorted in memory, up to 16 MB
//! of it on SQLite: the 1 MB of its default takes a quarter more time for many articles.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use super::index;
use super::of_article;

const SQLITE: &str = "CREATE VIRTUAL TABLE search_index USING fts5(
    words, content='', contentless_delete=1, detail=none, tokenize='ascii');
    INSERT INTO search_index (search_index, rank) VALUES ('hashsize', 16777216)";
const POSTGRES: [&str; 3] = [
    "ALTER TABLE search_document ADD COLUMN words tsvector NOT NULL",
    // Compressed it would be smaller by a sixth only, and take that long to be read.
    "ALTER TABLE search_document ALTER COLUMN words SET STORAGE EXTERNAL",
    // What is new is kept apart at first, see `index::put` of search.
    "CREATE INDEX search_document_words ON search_document USING gin (words)",
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let document = Table::create()
            .table("search_document")
            .col(uuid("article_id").primary_key())
            .col(big_integer("place"))
            .col(timestamp_with_time_zone_null("unpublish_at"))
            .col(small_integer("format"))
            .foreign_key(&mut of_article("search_document"))
            .to_owned();
        manager.create_table(document).await?;
        index(manager, "search_document", &["place"]).await?;
        // What other rules made, to be made anew.
        index(manager, "search_document", &["format", "article_id"]).await?;
        let word = Table::create()
            .table("search_word")
            .col(text("word").primary_key())
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        manager.create_table(word).await?;
        let db = manager.get_connection();
        match manager.get_database_backend() {
            DbBackend::Sqlite => {
                db.execute_unprepared(SQLITE).await?;
            }
            _ => {
                for statement in POSTGRES {
                    db.execute_unprepared(statement).await?;
                }
            }
        }
        Ok(())
    }
}
