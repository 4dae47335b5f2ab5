//! Servers that keep answers, and what is asked of them.

use std::sync::atomic::Ordering::Relaxed;

use redian::config::Config;
use redian::follow;
use reqwest::Method;
use reqwest::Response;

use super::app::Client;
use super::app::TestApp;
use super::make::Made;
use super::views;

/// Longer than any test takes, in milliseconds.
pub const HOUR: u64 = 3_600_000;

/// A server that keeps answers, without background loops: it follows the change log now, and
/// after each of its own changes.
pub async fn quiet() -> TestApp {
    quiet_with(|_| {}).await
}

/// The same with other settings.
pub async fn quiet_with(change: impl FnOnce(&mut Config)) -> TestApp {
    let app = TestApp::quiet_but_counting_with(|config| {
        config.cache_size = 64;
        config.cache_lag = HOUR;
        change(config);
    })
    .await;
    followed(&app).await;
    app
}

/// Follows the change log.
pub async fn followed(app: &TestApp) {
    follow::run(app.app.clone()).await.unwrap();
}

/// How many answers were sent that were kept.
pub fn hits(app: &TestApp) -> u64 {
    app.app.cache.counts.hits.load(Relaxed)
}

/// Gets a query, with headers.
pub async fn get(client: &Client, query: &str, headers: &[(&str, &str)]) -> Response {
    let query = form_urlencoded::byte_serialize(query.as_bytes()).collect::<String>();
    let mut request = client.request(Method::GET, &format!("/graphql?query={query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// A header; `none` when it is not there.
pub fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name);
    value.map_or("none".into(), |value| value.to_str().unwrap().to_owned())
}

/// What a page shows of an article's views.
pub fn page(made: &Made) -> String {
    format!("{{ article(id: \"{}\") {{ title views {{ total counted imported }} }} }}", made.id)
}

/// Counts a view.
pub async fn view(app: &TestApp, made: &Made) {
    let event = views::event_of(made, app.app.clock.now(), &redian::clock::new_id().to_string());
    let answer = views::report(&app.anon, &event).await;
    assert_eq!(views::verdicts(&answer), ["COUNTED"]);
}
