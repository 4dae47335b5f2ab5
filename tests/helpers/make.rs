//! Builders: what a test needs to be there, made through the API.

use serde_json::Value;
use serde_json::json;

use super::app::TestApp;

/// An article to be made.
pub struct ArticleBuilder {
    input: Value,
}

/// An article that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The global id.
    pub id: String,
    /// The slug.
    pub slug: String,
    /// The version.
    pub version: i64,
}

/// An article with this title and a short body.
pub fn article(title: &str) -> ArticleBuilder {
    ArticleBuilder { input: json!({ "title": title, "body": format!("{title}的正文。") }) }
}

/// A channel; gives its slug back.
pub async fn channel(app: &TestApp, slug: &str, name: &str) -> String {
    let input = json!({ "slug": slug, "name": name });
    let answer = app.editor.mutate("createChannel", input, "channel { slug }").await;
    answer.data("/createChannel/channel/slug").as_str().unwrap().to_owned()
}

impl ArticleBuilder {
    /// Sets a field of `CreateArticleInput`.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.input[field] = value.into();
        self
    }

    /// In these regions.
    pub fn about(self, codes: &[&str]) -> Self {
        self.with("regions", codes.to_vec())
    }

    /// Saves it as a draft.
    pub async fn draft(self, app: &TestApp) -> Made {
        let answer =
            app.editor.mutate("createArticle", self.input, "article { id slug version }").await;
        assert_eq!(answer.user_errors(), [""; 0]);
        made(answer.data("/createArticle/article"))
    }

    /// Saves and publishes it.
    pub async fn published(self, app: &TestApp) -> Made {
        self.published_with(app, json!({})).await
    }

    /// Saves and publishes it with `publishAt` or `unpublishAt`.
    pub async fn published_with(self, app: &TestApp, times: Value) -> Made {
        let draft = self.draft(app).await;
        let mut input = times;
        input["id"] = draft.id.into();
        let answer =
            app.editor.mutate("publishArticle", input, "article { id slug version }").await;
        assert_eq!(answer.user_errors(), [""; 0]);
        made(answer.data("/publishArticle/article"))
    }

    /// Saves, publishes and withdraws it.
    pub async fn withdrawn(self, app: &TestApp) -> Made {
        let published = self.published(app).await;
        let input = json!({ "id": published.id });
        let answer =
            app.editor.mutate("withdrawArticle", input, "article { id slug version }").await;
        made(answer.data("/withdrawArticle/article"))
    }
}

fn made(article: &Value) -> Made {
    Made {
        id: article["id"].as_str().unwrap().to_owned(),
        slug: article["slug"].as_str().unwrap().to_owned(),
        version: article["version"].as_i64().unwrap(),
    }
}
