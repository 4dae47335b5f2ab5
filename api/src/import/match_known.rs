//! Which of the articles of a batch are here already, and what to do with each.

use std::collections::HashMap;
use std::collections::HashSet;

use entity::import_article;
use entity::import_key;
use sea_orm::ColumnTrait;
use sea_orm::EntityTrait;
use sea_orm::QueryFilter;
use uuid::Uuid;

use super::batch::Prepared;
use crate::article::Article;
use crate::article::Audience;
use crate::article::State;
use crate::article::find;
use crate::clock::new_id;
use crate::db::Txn;
use crate::error::Error;

/// What to do with an article.
#[derive(Debug)]
pub enum Plan {
    /// Insert it under this id.
    Insert(Uuid),
    /// Correct this one.
    Update(Box<Article>),
    /// It is this one, as it is.
    Same(Uuid),
    /// Leave this one alone, and say why.
    Keep(Uuid, &'static str),
    /// It was deleted here and stays so.
    Gone,
}

/// The keys of an article and what to do with it.
pub struct Planned {
    /// What identifies it from now on.
    pub keys: Vec<String>,
    /// What to do.
    pub plan: Plan,
}

/// Plans all articles of a batch, in their order.
pub async fn plan(txn: &Txn, batch: &[Prepared]) -> Result<Vec<Planned>, Error> {
    let mut known = load(txn, batch).await?;
    Ok(batch.iter().map(|prepared| known.plan(prepared)).collect())
}

struct Known {
    keys: HashMap<String, Uuid>,
    articles: HashMap<Uuid, Article>,
    imports: HashMap<Uuid, import_article::Model>,
    planned: HashSet<Uuid>,
    /// Articles that were written here and deleted: their slugs remain.
    gone: HashSet<Uuid>,
}

async fn load(txn: &Txn, batch: &[Prepared]) -> Result<Known, Error> {
    let keys = batch.iter().map(|prepared| &prepared.keys);
    let own = keys.flat_map(|keys| keys.own.iter().chain(&keys.copy));
    let brought = batch.iter().flat_map(|prepared| &prepared.record.import_keys);
    let asked: HashSet<&String> = own.chain(brought).collect();
    let asked: Vec<&String> = asked.into_iter().collect();
    let mut found = HashMap::new();
    for part in asked.chunks(1000) {
        let rows = import_key::Entity::find()
            .filter(import_key::Column::Key.is_in(part.iter().copied()))
            .all(&txn.db)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.key, row.article_id)));
    }
    let given = batch.iter().filter_map(|prepared| prepared.record.id);
    let ids: HashSet<Uuid> = found.values().copied().chain(given).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let (mut articles, mut imports) = (HashMap::new(), HashMap::new());
    for part in ids.chunks(1000) {
        let rows = find::by_ids(&txn.db, Audience::Editor, part).await?;
        articles.extend(rows.into_iter().map(|row| (row.id, row)));
        let rows = import_article::Entity::find()
            .filter(import_article::Column::ArticleId.is_in(part.iter().copied()))
            .all(&txn.db)
            .await?;
        imports.extend(rows.into_iter().map(|row| (row.article_id, row)));
    }
    let given = batch.iter().filter_map(|prepared| prepared.record.id);
    let missing: Vec<Uuid> = given.filter(|id| !articles.contains_key(id)).collect();
    let mut gone = HashSet::new();
    for part in missing.chunks(1000) {
        gone.extend(find::slugs(&txn.db, part).await?.into_iter().map(|row| row.article_id));
    }
    Ok(Known { keys: found, articles, imports, planned: HashSet::new(), gone })
}

impl Known {
    fn plan(&mut self, prepared: &Prepared) -> Planned {
        let keys = &prepared.keys;
        let find = |key: &String| self.keys.get(key).copied();
        let here = |id: &Uuid| {
            let known = self.articles.contains_key(id) || self.imports.contains_key(id);
            known || self.planned.contains(id) || self.gone.contains(id)
        };
        let by_id = prepared.record.id.filter(here);
        let brought = &prepared.record.import_keys;
        let known = by_id.or_else(|| keys.own.iter().chain(brought).find_map(find));
        let copy = keys.copy.as_ref().and_then(find);
        let plan = match (known, copy) {
            (Some(id), _) => self.known(prepared, id),
            (None, Some(id)) => self.copy(id),
            (None, None) => Plan::Insert(prepared.record.id.unwrap_or_else(new_id)),
        };
        let all = keys.own.iter().chain(&keys.copy).chain(brought);
        let all: Vec<String> = all.cloned().collect();
        match &plan {
            Plan::Insert(id) => {
                self.planned.insert(*id);
                self.keys.extend(all.iter().map(|key| (key.clone(), *id)));
            }
            _ => self.planned.extend(known),
        }
        Planned { keys: all, plan }
    }

    fn known(&self, prepared: &Prepared, id: Uuid) -> Plan {
        if self.planned.contains(&id) {
            return Plan::Keep(id, "the same article stands earlier in this import");
        }
        let Some(article) = self.articles.get(&id) else { return Plan::Gone };
        match self.imports.get(&id) {
            Some(import) if import.content_hash == prepared.hash => Plan::Same(id),
            _ if article.state == State::Withdrawn => {
                Plan::Keep(id, "it was withdrawn here and stays so")
            }
            Some(import) if import.article_version == article.version => {
                Plan::Update(Box::new(article.clone()))
            }
            Some(_) => Plan::Keep(id, "an editor changed it here since the last import"),
            None => Plan::Keep(id, "an article with this id was written here"),
        }
    }

    /// The same text in another place is the same article, and no correction.
    fn copy(&self, id: Uuid) -> Plan {
        if self.planned.contains(&id) || self.articles.contains_key(&id) {
            Plan::Same(id)
        } else {
            Plan::Gone
        }
    }
}
