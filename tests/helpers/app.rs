//! The app under test: the real server on a port of its own, with a clock that
//! the test moves, and with those who ask.

use std::time::Duration;

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;
use redian::app::App;
use redian::auth::token;
use redian::clock::Clock;
use redian::config::Config;
use redian::db::Db;
use redian::follow;
use redian::front::Front;
use redian::listen;
use redian::server;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::database;
use super::database::TestDatabase;

/// The longest that a test waits for something inside.
const PATIENCE: Duration = Duration::from_secs(30);
/// What clients of GraphQL accept.
const ACCEPT: &str = "application/graphql-response+json, application/json;q=0.9";

/// A running server with an empty, migrated database.
pub struct TestApp {
    /// A reader.
    pub anon: Client,
    /// Has a token with the scope `publish`.
    pub editor: Client,
    /// The instance inside, for what HTTP does not show.
    pub app: App,
    /// Its database.
    pub database: TestDatabase,
    stop: oneshot::Sender<()>,
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub url: String,
    token: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub json: Value,
}

/// When the clock of a test starts: 2026-03-01T08:00:00Z.
pub fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_772_352_000_000).unwrap()
}

impl TestApp {
    /// Starts a server of its own.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let (test, listener, stopped) = Self::prepare(change).await;
        let stopped = async move { drop(stopped.await) };
        tokio::spawn(server::serve(test.app.clone(), listener, stopped));
        test
    }

    /// Starts a server without the background loops: nothing happens there but
    /// what is asked.
    pub async fn quiet() -> Self {
        Self::quiet_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn quiet_with(change: impl FnOnce(&mut Config)) -> Self {
        let without_cache = |config: &mut Config| {
            // Nobody would follow the change log for it.
            config.cache_size = 0;
            change(config);
        };
        let (test, listener, stopped) = Self::prepare(without_cache).await;
        tokio::spawn(answer(test.app.clone(), listener, async move { drop(stopped.await) }));
        test
    }

    /// The same, but views are counted.
    pub async fn quiet_but_counting() -> Self {
        Self::quiet_but_counting_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn quiet_but_counting_with(change: impl FnOnce(&mut Config)) -> Self {
        let test = Self::quiet_with(change).await;
        tokio::spawn(server::count_views(test.app.clone()));
        test
    }

    async fn prepare(
        change: impl FnOnce(&mut Config),
    ) -> (Self, TcpListener, oneshot::Receiver<()>) {
        let database = database::migrated().await;
        let mut config = database::config(&database.url);
        change(&mut config);
        let db = Db::connect(&database.url).await.unwrap();
        let clock = Clock::fixed(start_of_time());
        let app = App::assume_ready(db, config, clock).await.unwrap();
        app.views.load(&app.db).await.unwrap();
        let (listener, url) = listen().await;
        let (stop, stopped) = oneshot::channel::<()>();
        let token = token(&app, "editor", &["publish"]).await;
        let anon = Client { http: reqwest::Client::new(), url, token: None };
        let editor = Client { token: Some(token), ..anon.clone() };
        (Self { anon, editor, app, database, stop }, listener, stopped)
    }

    /// A second instance on the same database, with a clock of its own.
    pub async fn second_instance(&self) -> App {
        self.second_instance_with(|_| {}).await
    }

    async fn second_instance_with(&self, change: impl FnOnce(&mut Config)) -> App {
        let db = Db::connect(&self.database.url).await.unwrap();
        let mut config = self.app.config.clone();
        change(&mut config);
        App::assume_ready(db, config, Clock::fixed(self.app.clock.now())).await.unwrap()
    }

    /// A second server on the same database, its clock at the same time.
    pub async fn second_server(&self) -> Self {
        self.second_server_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn second_server_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        let (app, database) = (self.second_instance_with(change).await, self.database.borrowed());
        app.views.load(&app.db).await.unwrap();
        let (listener, url) = listen().await;
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move { drop(stopped.await) };
        tokio::spawn(server::serve(app.clone(), listener, stopped));
        let anon = Client { url: url.clone(), ..self.anon.clone() };
        let editor = Client { url, ..self.editor.clone() };
        Self { anon, editor, app, database, stop }
    }

    /// The same, but it only counts what it is sent, and hears of nothing else.
    pub async fn second_quiet_server(&self) -> Self {
        let app = self.second_instance_with(|config| config.cache_size = 0).await;
        let database = self.database.borrowed();
        app.views.load(&app.db).await.unwrap();
        let (listener, url) = listen().await;
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(answer(app.clone(), listener, async move { drop(stopped.await) }));
        tokio::spawn(server::count_views(app.clone()));
        let anon = Client { url: url.clone(), ..self.anon.clone() };
        let editor = Client { url, ..self.editor.clone() };
        Self { anon, editor, app, database, stop }
    }

    /// Waits until memory shows what other processes committed.
    pub async fn caught_up(&self) {
        follow::run(self.app.clone()).await.unwrap();
        server::follow_views(self.app.clone()).await.unwrap();
    }

    /// Waits until the background loops have had their turns more than once.
    pub async fn turns(&self) {
        let turned = self.app.db.statements() + 100;
        while self.app.db.statements() < turned {
            tokio::task::yield_now().await;
        }
    }

    /// Asks it to stop.
    pub fn stop(self) {
        drop(self.stop);
    }

    /// Waits until so many subscriptions listen to changes at this instance.
    pub async fn listened_to_by(&self, listeners: usize) {
        let listening = async {
            while self.app.live.listeners() != listeners {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, listening).await.unwrap();
    }

    /// A client with a token of these scopes.
    pub async fn with_scopes(&self, scopes: &[&str]) -> Client {
        let token = token(&self.app, "test", scopes).await;
        Client { token: Some(token), ..self.anon.clone() }
    }

    /// A client with this `Authorization` header's token, known or not.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.anon.clone() }
    }

    /// An instant so far from now, as JSON has it.
    pub fn in_time(&self, by: TimeDelta) -> String {
        (self.app.clock.now() + by).to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The same as the API tells it.
    pub fn told_in_time(&self, by: TimeDelta) -> String {
        (self.app.clock.now() + by).to_rfc3339()
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        self.app.clock.set(self.app.clock.now() + by);
    }
}

async fn token(app: &App, name: &str, scopes: &[&str]) -> String {
    let names: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
    let (scopes, txn) = (token::scopes(&names).unwrap(), app.db.begin().await.unwrap());
    let (_, text) = token::create(&txn, name, &scopes, None, app.clock.now()).await.unwrap();
    txn.commit().await.unwrap();
    text
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Answers requests, and nothing else.
async fn answer(
    app: App,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) {
    let front = Front::new(&app).unwrap();
    let answer = move |request, peer| front.clone().answer(request, peer);
    listen::run(listener, answer, &app.config, stopped).await;
}

impl Client {
    /// Sends a GraphQL request without variables.
    pub async fn query(&self, query: &str) -> Answer {
        self.query_with(query, json!({})).await
    }

    /// Sends a GraphQL request.
    pub async fn query_with(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        self.post("/graphql", "application/json", body.to_string()).await
    }

    /// Sends a mutation that takes one `input` and gives `selection`.
    pub async fn mutate(&self, name: &str, input: Value, selection: &str) -> Answer {
        let mut kind = name.to_owned();
        kind[..1].make_ascii_uppercase();
        let query = format!(
            "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} \
             userErrors {{ field message code }} }} }}"
        );
        self.query_with(&query, json!({ "input": input })).await
    }

    /// Posts a body.
    pub async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = self.http.post(format!("{}{path}", self.url));
        let request = request.header("accept", ACCEPT).header("content-type", content_type);
        let request = request.body(body);
        Answer::of(self.authorised(request).send().await.unwrap()).await
    }

    /// Gets a path; parameters are percent-encoded by the caller.
    pub async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.url));
        Answer::of(self.authorised(request).send().await.unwrap()).await
    }

    /// A request of this client's, to be changed at will.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.authorised(self.http.request(method, format!("{}{path}", self.url)))
    }

    /// Its token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

impl Answer {
    /// Reads an answer; a body that is not JSON becomes a string.
    pub async fn of(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, json }
    }

    /// What stands at a JSON pointer (RFC 6901) below `data`; fails the test if
    /// there are errors.
    #[track_caller]
    pub fn data(&self, pointer: &str) -> &Value {
        assert!(self.json.get("errors").is_none(), "errors: {}", self.json);
        let found = self.json["data"].pointer(pointer);
        found.unwrap_or_else(|| panic!("nothing at {pointer}: {}", self.json))
    }

    /// The texts of one member of each object of a list.
    #[track_caller]
    pub fn each(&self, list: &str, member: &str) -> Vec<String> {
        let items = self.data(list).as_array().unwrap();
        items.iter().map(|item| item[member].as_str().unwrap_or("null").to_owned()).collect()
    }

    /// The code of the first error; fails the test if there is none.
    #[track_caller]
    pub fn code(&self) -> &str {
        let code = self.json.pointer("/errors/0/extensions/code").and_then(Value::as_str);
        code.unwrap_or_else(|| panic!("no coded error: {}", self.json))
    }

    /// The message of the first error; fails the test if there is none.
    #[track_caller]
    pub fn message(&self) -> &str {
        let message = self.json.pointer("/errors/0/message").and_then(Value::as_str);
        message.unwrap_or_else(|| panic!("no error: {}", self.json))
    }

    /// `field: CODE` of each user error of the only mutation.
    #[track_caller]
    pub fn user_errors(&self) -> Vec<String> {
        assert!(self.json.get("errors").is_none(), "errors: {}", self.json);
        let payload = self.json["data"].as_object().unwrap().values().next().unwrap();
        let text = |error: &Value| {
            let field: Vec<&str> =
                error["field"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            format!("{}: {}", field.join("."), error["code"].as_str().unwrap())
        };
        payload["userErrors"].as_array().unwrap().iter().map(text).collect()
    }
}
