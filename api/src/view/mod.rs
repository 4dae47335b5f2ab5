//! Views of articles: totals, as counted here and as brought along by imports.

pub mod graphql;

use std::collections::HashMap;

use entity::view_total;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::ExprTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;

/// The views of an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Counted here.
    pub counted: i64,
    /// The largest number that an import brought along.
    pub imported: i64,
}

/// The totals of these articles; absent means none.
pub async fn totals(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Totals>, Error> {
    let ids = view_total::Column::ArticleId.is_in(ids.iter().copied());
    let rows = view_total::Entity::find().filter(ids).all(db).await?;
    let total = |row: view_total::Model| {
        (row.article_id, Totals { counted: row.counted, imported: row.imported })
    };
    Ok(rows.into_iter().map(total).collect())
}

/// Keeps numbers that imports brought along. Each is a reading of a moment: a
/// larger one replaces a smaller one, nothing is added up. No article twice.
pub async fn observe(txn: &Txn, mut imported: Vec<(Uuid, i64)>) -> Result<(), Error> {
    use view_total::Column;
    // Sorted, so that two writers lock the rows in the same order.
    imported.sort();
    let stored = || Expr::col((view_total::Entity, Column::Imported));
    let seen = || Expr::col(("excluded", Column::Imported));
    let larger = Expr::case(seen().gt(stored()), seen()).finally(stored());
    let keep = OnConflict::column(Column::ArticleId).value(Column::Imported, larger).to_owned();
    for batch in imported.chunks(1000) {
        let rows = batch.iter().map(|(article_id, imported)| {
            let row =
                view_total::Model { article_id: *article_id, counted: 0, imported: *imported };
            row.into_active_model()
        });
        view_total::Entity::insert_many(rows)
            .on_conflict(keep.clone())
            .exec_without_returning(&txn.db)
            .await?;
    }
    Ok(())
}
