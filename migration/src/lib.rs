//! The steps from an empty database to today's schema.
//!
//! One step a file, SQLite and PostgreSQL side by side. A step that has been
//! released is never edited: add another. Expand first, contract a release
//! later, because instances of two versions may run at once.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m0001_region;
mod m0002_channel;
mod m0003_article;
mod m0004_article_lists;
mod m0005_view_total;
mod m0006_event;
mod m0007_import;
mod m0008_token;
mod m0009_article_region_tag;
mod m0010_view_counting;
mod m0011_ranking_snapshot;
mod m0012_ranking_override;
mod m0013_article_statistics;
mod m0014_access;
mod m0015_webhook;
mod m0016_search;
mod m0017_recommendation_override;

/// The ordered list of steps.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_region::Migration),
            Box::new(m0002_channel::Migration),
            Box::new(m0003_article::Migration),
            Box::new(m0004_article_lists::Migration),
            Box::new(m0005_view_total::Migration),
            Box::new(m0006_event::Migration),
            Box::new(m0007_import::Migration),
            Box::new(m0008_token::Migration),
            Box::new(m0009_article_region_tag::Migration),
            Box::new(m0010_view_counting::Migration),
            Box::new(m0011_ranking_snapshot::Migration),
            Box::new(m0012_ranking_override::Migration),
            Box::new(m0013_article_statistics::Migration),
            Box::new(m0014_access::Migration),
            Box::new(m0015_webhook::Migration),
            Box::new(m0016_search::Migration),
            Box::new(m0017_recommendation_override::Migration),
        ]
    }
}

/// Creates an index; the name is made of table and columns.
async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    manager.create_index(index_statement(table, columns)).await
}

/// Like `index`, without the rows whose first column is null: nobody looks
/// for those, and most rows have none.
async fn index_of_set(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut create = index_statement(table, columns);
    if let Some(first) = columns.first() {
        create.and_where(Expr::col(*first).is_not_null());
    }
    manager.create_index(create).await
}

fn index_statement(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut create = Index::create();
    create.table(table).name(format!("{table}_{}", columns.join("_")));
    for column in columns {
        create.col(*column);
    }
    create
}

/// Rows of `table` go when their article goes.
fn of_article(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "article_id")
        .to("article", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
