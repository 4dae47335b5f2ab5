//! Builders: what a test needs to be there, made through the API.

use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

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

impl Made {
    /// The UUID behind the global id.
    pub fn uuid(&self) -> Uuid {
        let (_, key) = redian::id::decode(&self.id).unwrap();
        Uuid::try_parse(&key).unwrap()
    }
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

/// Gives an article another slug, so that it has an old one.
pub async fn renamed(app: &TestApp, made: &Made, slug: &str) -> Made {
    let input = json!({ "id": made.id, "version": made.version, "slug": slug });
    changed(app, "updateArticle", input).await
}

/// Publishes a draft, or changes the times of a published article.
pub async fn publish(app: &TestApp, made: &Made, times: Value) -> Made {
    let mut input = times;
    input["id"] = made.id.clone().into();
    changed(app, "publishArticle", input).await
}

/// Takes an article down.
pub async fn withdraw(app: &TestApp, made: &Made) -> Made {
    changed(app, "withdrawArticle", json!({ "id": made.id })).await
}

/// Deletes an article.
pub async fn delete(app: &TestApp, made: &Made) {
    let answer = app.editor.mutate("deleteArticle", json!({ "id": made.id }), "deletedId").await;
    assert_eq!(answer.data("/deleteArticle/deletedId"), &made.id);
}

async fn changed(app: &TestApp, mutation: &str, input: Value) -> Made {
    let answer = app.editor.mutate(mutation, input, "article { id slug version }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    made(answer.data(&format!("/{mutation}/article")))
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
        changed(app, "createArticle", self.input).await
    }

    /// Saves and publishes it.
    pub async fn published(self, app: &TestApp) -> Made {
        self.published_with(app, json!({})).await
    }

    /// Saves and publishes it with `publishAt` or `unpublishAt`.
    pub async fn published_with(self, app: &TestApp, times: Value) -> Made {
        publish(app, &self.draft(app).await, times).await
    }
}

fn made(article: &Value) -> Made {
    Made {
        id: article["id"].as_str().unwrap().to_owned(),
        slug: article["slug"].as_str().unwrap().to_owned(),
        version: article["version"].as_i64().unwrap(),
    }
}
