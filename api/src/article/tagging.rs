//! Regions found in the texts of articles. Each is filed at once and keeps the
//! words that it came from; editors confirm or reject it, and a rejection lasts.

use std::collections::HashMap;

pub use entity::article_region_tag::Model as RegionTag;
pub use entity::article_region_tag::TagState;
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use sea_orm::IntoActiveModel;
use sea_orm::QueryFilter;
use sea_orm::QueryOrder;
use uuid::Uuid;

use super::input::MAX_REGIONS;
use crate::db::Txn;
use crate::error::Error;
use crate::region::Tree;
use crate::region::detect;
use crate::region::detect::Tag;

/// The regions that a title and a plain text name.
pub fn found(tree: &Tree, title: &str, text: &str) -> Vec<Tag> {
    detect::detect(tree, &format!("{title}\n{text}"))
}

/// The tags of articles, in the order of codes; of a region that became part of
/// another, those are of the other.
pub async fn of(
    db: &impl ConnectionTrait,
    tree: &Tree,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<RegionTag>>, Error> {
    use entity::article_region_tag::Column;
    let rows = entity::article_region_tag::Entity::find()
        .filter(Column::ArticleId.is_in(ids.iter().copied()))
        .order_by_asc(Column::RegionCode)
        .all(db)
        .await?;
    let mut tags: HashMap<Uuid, Vec<RegionTag>> = HashMap::new();
    for mut row in rows {
        if let Some(heir) = tree.resolve(&row.region_code) {
            row.region_code.clone_from(&heir.code);
        }
        let of_article = tags.entry(row.article_id).or_default();
        match of_article.iter_mut().find(|known| known.region_code == row.region_code) {
            // What an editor said counts more.
            Some(known) if known.state == TagState::Detected => *known = row,
            Some(_) => {}
            None => of_article.push(row),
        }
    }
    tags.values_mut().for_each(|tags| tags.sort_by(|a, b| a.region_code.cmp(&b.region_code)));
    Ok(tags)
}

/// What becomes of the tags of an article when its regions were `before` and an
/// editor gives it `regions`, which what was `found` now is added to.
///
/// To leave out a region that was found is to reject it; to give one that was
/// rejected is to confirm it.
pub fn decide(
    id: Uuid,
    mut tags: Vec<RegionTag>,
    before: &[String],
    regions: &mut Vec<String>,
    found: Option<&[Tag]>,
) -> Vec<RegionTag> {
    for tag in &mut tags {
        let (was, is) = (before.contains(&tag.region_code), regions.contains(&tag.region_code));
        match tag.state {
            TagState::Rejected if is => tag.state = TagState::Confirmed,
            TagState::Detected | TagState::Confirmed if was && !is => {
                tag.state = TagState::Rejected;
            }
            _ => {}
        }
    }
    let Some(found) = found else { return tags };
    // What the text no longer names and nobody confirmed goes.
    let named = |code: &str| found.iter().any(|tag| tag.code == code);
    tags.retain(|tag| {
        let stale = tag.state == TagState::Detected && !named(&tag.region_code);
        if stale {
            regions.retain(|code| *code != tag.region_code);
        }
        !stale
    });
    let mut looked_at: Vec<&str> = Vec::new();
    for found in found {
        // The first place counts.
        if looked_at.contains(&found.code.as_str()) {
            continue;
        }
        looked_at.push(&found.code);
        let known = tags.iter_mut().find(|tag| tag.region_code == found.code);
        let filed = regions.contains(&found.code);
        let (surface, rule) = (found.surface.clone(), found.rule.as_str().to_owned());
        let text_offset = i32::try_from(found.offset).unwrap_or(i32::MAX);
        match known {
            Some(tag) => (tag.surface, tag.text_offset, tag.rule) = (surface, text_offset, rule),
            None if !filed && regions.len() >= MAX_REGIONS => {}
            None => {
                let state = if filed { TagState::Confirmed } else { TagState::Detected };
                let region_code = found.code.clone();
                tags.push(RegionTag {
                    article_id: id,
                    region_code,
                    state,
                    surface,
                    text_offset,
                    rule,
                });
                if !filed {
                    regions.push(found.code.clone());
                }
            }
        }
    }
    tags
}

/// Notes that tags are right or wrong.
pub async fn set_state(txn: &Txn, id: Uuid, codes: &[String], right: bool) -> Result<(), Error> {
    use entity::article_region_tag::Column;
    let state = if right { TagState::Confirmed } else { TagState::Rejected };
    entity::article_region_tag::Entity::update_many()
        .set(entity::article_region_tag::ActiveModel { state: Set(state), ..Default::default() })
        .filter(Column::ArticleId.eq(id))
        .filter(Column::RegionCode.is_in(codes))
        .exec(&txn.db)
        .await?;
    Ok(())
}

/// Replaces the tags of an article.
pub async fn save(txn: &Txn, id: Uuid, tags: Vec<RegionTag>) -> Result<(), Error> {
    use entity::article_region_tag::Column;
    entity::article_region_tag::Entity::delete_many()
        .filter(Column::ArticleId.eq(id))
        .exec(&txn.db)
        .await?;
    let rows = tags.into_iter().map(IntoActiveModel::into_active_model);
    entity::article_region_tag::Entity::insert_many(rows).exec_without_returning(&txn.db).await?;
    Ok(())
}
