//! An article without its text: all that lists and cards need.

use sea_orm::entity::prelude::*;

/// Where an article stands in its life. Whether readers see a published one
/// is decided by the time as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// Being written; never seen by readers.
    #[sea_orm(string_value = "draft")]
    Draft,
    /// Released; seen between `published_at` and `unpublish_at`.
    #[sea_orm(string_value = "published")]
    Published,
    /// Taken down by an editor.
    #[sea_orm(string_value = "withdrawn")]
    Withdrawn,
}

/// A row of `article`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "article")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The slug of today; earlier ones are in `article_slug`.
    pub slug: String,
    /// Empty only in drafts that need review.
    pub title: String,
    /// Who wrote it, as printed.
    pub byline: Option<String>,
    /// The publication that it was taken from.
    pub source_name: Option<String>,
    /// Where the original stands.
    pub source_url: Option<String>,
    /// url, alt, caption, credit, width, height.
    pub lead_image: Option<Json>,
    /// The channel (频道).
    pub channel_id: Option<Uuid>,
    /// A JSON array of strings.
    pub tags: Json,
    /// A JSON object of the newsroom's own.
    pub metadata: Json,
    /// Draft, published or withdrawn.
    pub state: State,
    /// Why an editor must look at it, e.g. `TITLE_MISSING`.
    pub review_reason: Option<String>,
    /// Asked-for start of visibility.
    pub publish_at: Option<DateTimeUtc>,
    /// End of visibility, exclusive.
    pub unpublish_at: Option<DateTimeUtc>,
    /// The later of the act of publishing and `publish_at`.
    pub published_at: Option<DateTimeUtc>,
    /// The last editorial change (更新时间).
    pub updated_at: DateTimeUtc,
    /// When the row was made.
    pub created_at: DateTimeUtc,
    /// Counts the changes, from 1; for optimistic locking.
    pub version: i64,
    /// Plain text before the fold.
    pub teaser: String,
}

impl ActiveModelBehavior for ActiveModel {}
