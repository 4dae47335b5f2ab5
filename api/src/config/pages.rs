//! Settings for where a front end shows articles.

use clap::Args;
use reqwest::Url;
use uuid::Uuid;

use crate::error::Error;

/// Where the pages are that readers see.
#[derive(Clone, Debug, Default, Args)]
pub struct Pages {
    /// The front end's first page, e.g. `https://news.example/`. Feeds and sitemaps need it.
    #[arg(long = "site-url", env = "REDIAN_SITE_URL", value_name = "URL", global = true,
          value_parser = web)]
    pub site: Option<Url>,

    /// Where the front end shows an article, e.g. `https://news.example/a/{slug}`; `{id}` is the
    /// article's UUID. What begins with / is on the host of --site-url. Feeds and sitemaps need it.
    #[arg(long = "article-url", env = "REDIAN_ARTICLE_URL", value_name = "TEMPLATE", global = true,
          value_parser = template)]
    pub article: Option<String>,

    /// The language of the site, as news sitemaps want it: zh-cn, zh-tw, or a code of ISO 639.
    #[arg(
        long = "site-language",
        env = "REDIAN_SITE_LANGUAGE",
        default_value = "zh-cn",
        value_name = "CODE",
        global = true
    )]
    pub language: String,
}

impl Pages {
    /// Refuses a path on a host that nobody named.
    pub fn check(&self) -> Result<(), Error> {
        let path = self.article.as_ref().is_some_and(|template| template.starts_with('/'));
        if path && self.site.is_none() {
            let message = "--article-url begins with /: pass --site-url, too, or a whole address.";
            return Err(Error::Unavailable(message.into()));
        }
        Ok(())
    }

    /// The address of an article's page; `None` if it is not known where the pages are.
    pub fn of(&self, id: Uuid, slug: &str) -> Option<String> {
        let template = self.article.as_ref()?;
        let address = template.replace("{slug}", slug).replace("{id}", &id.to_string());
        match &self.site {
            Some(site) => site.join(&address).ok().map(Into::into),
            None => Url::parse(&address).ok().map(Into::into),
        }
    }
}

fn web(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if let Some(url) = url.as_mut().filter(|url| !url.path().ends_with('/')) {
        // What is below it is joined to it.
        url.set_path(&format!("{}/", url.path()));
    }
    url.ok_or("pass an address of the web, e.g. https://news.example/")
}

fn template(text: &str) -> Result<String, &'static str> {
    let named = text.contains("{slug}") || text.contains("{id}");
    let sound = text.starts_with('/') && !text.starts_with("//") || web(text).is_ok();
    (named && sound)
        .then(|| text.to_owned())
        .ok_or("pass an address of the web, or one that begins with /, with {slug} or {id} in it")
}
