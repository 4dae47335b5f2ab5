//! The site's time zone, fixed at the first start: the days that were counted by
//! one cannot be made those of another.

use chrono_tz::Tz;
use entity::setting;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use crate::db::Db;
use crate::error::Error;

const SETTING: &str = "time_zone";

/// Keeps the time zone of the settings, or fails if another one is kept.
pub async fn fix(db: &Db, zone: Tz) -> Result<(), Error> {
    if let Some(kept) = setting::Entity::find_by_id(SETTING).one(&db.read).await? {
        return same(&kept.value, zone);
    }
    let txn = db.begin().await?;
    let row = setting::ActiveModel { name: Set(SETTING.into()), value: Set(zone.name().into()) };
    let keep = OnConflict::column(setting::Column::Name).do_nothing().to_owned();
    setting::Entity::insert(row).on_conflict(keep).exec_without_returning(&txn.db).await?;
    let kept = setting::Entity::find_by_id(SETTING).one(&txn.db).await?;
    txn.commit().await?;
    kept.map_or(Ok(()), |kept| same(&kept.value, zone))
}

fn same(kept: &str, zone: Tz) -> Result<(), Error> {
    if kept == zone.name() {
        return Ok(());
    }
    Err(Error::Unavailable(format!(
        "Views of this database are counted by the days of {kept}, and cannot be by those of \
         {zone}: start with --time-zone {kept}."
    )))
}
