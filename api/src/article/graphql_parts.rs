//! Parts of articles as GraphQL sees them.

use async_graphql::SimpleObject;

use super::Article;
use super::input;

/// Where an article was taken from.
#[derive(SimpleObject)]
pub struct ArticleSource {
    /// The publication.
    name: Option<String>,
    /// The original's address.
    url: Option<String>,
}

/// An article's image.
#[derive(SimpleObject)]
pub struct LeadImage {
    /// Its address.
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

impl ArticleSource {
    /// That of an article; `None` if it is the site's own.
    pub fn of(article: &Article) -> Option<Self> {
        let (name, url) = (article.source_name.clone(), article.source_url.clone());
        (name.is_some() || url.is_some()).then_some(Self { name, url })
    }
}

impl From<input::LeadImage> for LeadImage {
    fn from(image: input::LeadImage) -> Self {
        let input::LeadImage { url, alt, caption, credit, width, height } = image;
        Self { url, alt, caption, credit, width, height }
    }
}
