//! Where articles can be listed, as the database has it.

use std::collections::HashMap;

use entity::article;
use entity::article_region;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use sea_orm::QuerySelect;
use uuid::Uuid;

use super::places::Place;
use crate::article::State;
use crate::article::lists;
use crate::error::Error;

/// So many articles are asked for at a time.
pub const MOST: usize = 1000;

/// The places of at most [`MOST`] articles in an edition of the region directory.
/// Those that are not published are left out.
pub async fn read(
    db: &impl ConnectionTrait,
    edition: i64,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Place>>, Error> {
    let published: Vec<(Uuid, Option<Uuid>)> = article::Entity::find()
        .select_only()
        .columns([article::Column::Id, article::Column::ChannelId])
        .filter(article::Column::Id.is_in(ids.iter().copied()))
        .filter(article::Column::State.eq(State::Published))
        .into_tuple()
        .all(db)
        .await?;
    let channel = |id: Option<Uuid>| id.map(Place::Channel).into_iter().collect();
    let mut places: HashMap<Uuid, Vec<Place>> =
        published.into_iter().map(|(id, channel_id)| (id, channel(channel_id))).collect();
    let regions: Vec<(Uuid, String)> = article_region::Entity::find()
        .select_only()
        .columns([article_region::Column::ArticleId, article_region::Column::RegionCode])
        .filter(article_region::Column::ArticleId.is_in(ids.iter().copied()))
        .filter(lists::valid(edition))
        .into_tuple()
        .all(db)
        .await?;
    for (id, code) in regions {
        if let Some(places) = places.get_mut(&id) {
            places.push(Place::Region(code));
        }
    }
    Ok(places)
}
