//! The inputs of `createArticle` and `updateArticle`.

use async_graphql::ID;
use async_graphql::InputObject;
use async_graphql::InputType;
use async_graphql::MaybeUndefined;
use uuid::Uuid;

use super::input;
use super::input::Content;
use super::input::Source;
use super::mutation::given;
use crate::auth::Caller;
use crate::channel;
use crate::db::Txn;
use crate::error::Error;
use crate::error::Reason;
use crate::hash::sha256;
use crate::protocol::scalar::JsonObject;
use crate::protocol::scalar::Long;

/// What `createArticle` needs.
#[derive(Clone, InputObject)]
pub struct CreateArticleInput {
    /// Up to 300 characters.
    title: String,
    /// The text: CommonMark with tables; `<!--more-->` on a line of its own is the fold.
    body: String,
    /// For addresses; left out: made of the title.
    slug: Option<String>,
    /// Who wrote it, as printed.
    byline: Option<String>,
    /// Where it was taken from.
    source: Option<ArticleSourceInput>,
    /// The image above the text and on cards.
    lead_image: Option<LeadImageInput>,
    /// The slug of a channel.
    channel: Option<String>,
    /// Up to 20 tags of up to 60 characters.
    tags: Option<Vec<String>>,
    /// Codes of up to 100 regions, e.g. 130000; paths will not do.
    regions: Option<Vec<String>>,
    /// Also file it under the regions that its title and text name; see `regionTags`.
    #[graphql(default)]
    detect_regions: bool,
    /// The newsroom's own data, up to 16 kB.
    #[graphql(name = "metadata")]
    metadata: Option<JsonObject>,
    /// Unique for this article and token, up to 200 characters: the same input
    /// with the same key gives the same article.
    idempotency_key: Option<String>,
}

/// What `updateArticle` needs; what is left out stays, null clears.
#[derive(InputObject)]
pub struct UpdateArticleInput {
    /// The article.
    pub(super) id: ID,
    /// The version that this change is based on.
    pub(super) version: Long,
    /// Up to 300 characters.
    title: MaybeUndefined<String>,
    /// The text in Markdown.
    body: MaybeUndefined<String>,
    /// A new slug; the old one goes on answering. It stays when only the title changes.
    slug: MaybeUndefined<String>,
    /// Who wrote it, as printed.
    byline: MaybeUndefined<String>,
    /// Where it was taken from.
    source: MaybeUndefined<ArticleSourceInput>,
    /// The image above the text and on cards.
    lead_image: MaybeUndefined<LeadImageInput>,
    /// The slug of a channel.
    channel: MaybeUndefined<String>,
    /// All tags.
    tags: MaybeUndefined<Vec<String>>,
    /// The codes of all regions.
    /// To leave out one that was found in the text is to reject it.
    regions: MaybeUndefined<Vec<String>>,
    /// Look again for regions that its title and text name; see `regionTags`.
    #[graphql(default)]
    detect_regions: bool,
    /// All of the newsroom's own data.
    metadata: MaybeUndefined<JsonObject>,
}

/// Where an article was taken from.
#[derive(Clone, InputObject)]
pub struct ArticleSourceInput {
    /// The publication, up to 200 characters.
    name: Option<String>,
    /// The original's address, http or https.
    url: Option<String>,
}

/// An article's image.
#[derive(Clone, InputObject)]
pub struct LeadImageInput {
    /// Its address, http or https.
    url: String,
    /// What it shows, for those who do not see it.
    alt: Option<String>,
    /// What is printed below it.
    caption: Option<String>,
    /// Who made it.
    credit: Option<String>,
    /// In pixels.
    width: Option<u32>,
    /// In pixels.
    height: Option<u32>,
}

impl CreateArticleInput {
    /// SHA-256 of the input, to know a retry from a reused key.
    pub(super) fn hash(&self) -> String {
        let json = self.clone().to_value().to_string();
        sha256(json)
    }

    /// The content, with the channel looked up.
    pub(super) async fn content(self, txn: &Txn) -> Result<Content, Error> {
        if self.title.trim().is_empty() {
            return Err(Error::invalid("title", Reason::Required, "`title` must not be empty."));
        }
        Ok(Content {
            slug: self.slug,
            title: self.title,
            byline: self.byline,
            source: self.source.map(Source::from).unwrap_or_default(),
            lead_image: self.lead_image.map(input::LeadImage::from),
            channel: match self.channel {
                Some(slug) => Some(channel_id(txn, &slug).await?),
                None => None,
            },
            tags: self.tags.unwrap_or_default(),
            regions: self.regions.unwrap_or_default(),
            detect_regions: self.detect_regions,
            metadata: self.metadata.map(|object| object.0).unwrap_or_default(),
            body: self.body,
            updated_at: None,
        })
    }
}

impl UpdateArticleInput {
    /// The content with the change applied.
    pub(super) async fn apply(self, txn: &Txn, mut content: Content) -> Result<Content, Error> {
        given("title", self.title, &mut content.title)?;
        given("body", self.body, &mut content.body)?;
        if let MaybeUndefined::Value(slug) = self.slug {
            content.slug = Some(slug);
        }
        content.detect_regions = self.detect_regions;
        self.byline.update_to(&mut content.byline);
        match self.source {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => content.source = Source::default(),
            MaybeUndefined::Value(source) => content.source = source.into(),
        }
        self.lead_image.map_value(input::LeadImage::from).update_to(&mut content.lead_image);
        match self.channel {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => content.channel = None,
            MaybeUndefined::Value(slug) => content.channel = Some(channel_id(txn, &slug).await?),
        }
        match self.tags {
            MaybeUndefined::Undefined => {}
            tags => content.tags = tags.take().unwrap_or_default(),
        }
        match self.regions {
            MaybeUndefined::Undefined => {}
            regions => content.regions = regions.take().unwrap_or_default(),
        }
        match self.metadata {
            MaybeUndefined::Undefined => {}
            metadata => {
                content.metadata = metadata.take().map(|object| object.0).unwrap_or_default()
            }
        }
        Ok(content)
    }
}

impl From<ArticleSourceInput> for Source {
    fn from(input: ArticleSourceInput) -> Self {
        Self { name: input.name, url: input.url }
    }
}

impl From<LeadImageInput> for input::LeadImage {
    fn from(input: LeadImageInput) -> Self {
        let LeadImageInput { url, alt, caption, credit, width, height } = input;
        Self { url, alt, caption, credit, width, height }
    }
}

/// The stored key: the client's own, apart for each token.
pub(super) fn key_of(caller: &Caller, input: &CreateArticleInput) -> Result<Option<String>, Error> {
    let Some(key) = &input.idempotency_key else { return Ok(None) };
    if key.is_empty() || key.chars().count() > 200 || key.contains('\0') {
        let message = "`idempotencyKey` must have 1 to 200 characters.";
        return Err(Error::invalid("idempotencyKey", Reason::Invalid, message));
    }
    let token: Uuid = caller.token.unwrap_or_default();
    Ok(Some(format!("{token} {key}")))
}

async fn channel_id(txn: &Txn, slug: &str) -> Result<Uuid, Error> {
    let found = channel::by_slug(&txn.db, slug).await?;
    let message = || format!("There is no channel `{slug}`: create it first.");
    found.map(|channel| channel.id).ok_or_else(|| Error::not_found("channel", message()))
}
