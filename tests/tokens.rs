//! The life of API tokens: made, used, listed, at an end.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::database;
use crate::helpers::server::Server;
use crate::helpers::socket::Socket;
use crate::helpers::stream::Stream;

const HOUR: TimeDelta = TimeDelta::hours(1);
/// What is subscribed to by a token ends so soon.
const SOON: Duration = Duration::from_secs(5);
const DRAFTS: &str = "{ articles(orderBy: RECENTLY_UPDATED) { nodes { title } } }";
const TOTALS: &str = "subscription { articlePublished { cursor } }";

/// Makes a token by the mutation; its id, and a client that has it.
async fn made(app: &TestApp, admin: &Client, input: Value) -> (String, Client) {
    let answer = admin.mutate("createToken", input, "secret token { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    let text = |at: &str| answer.data(at).as_str().unwrap().to_owned();
    (text("/createToken/token/id"), app.with_token(&text("/createToken/secret")))
}

async fn revoke(admin: &Client, id: &str) -> Value {
    let answer = admin.mutate("revokeToken", json!({ "id": id }), "token { revokedAt }").await;
    answer.data("/revokeToken/token/revokedAt").clone()
}

#[tokio::test]
async fn a_token_made_by_a_mutation_may_do_what_its_scopes_say_until_it_is_revoked() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let input = json!({ "name": "手机", "scopes": ["READ_DRAFTS"] });
    let (id, client) = made(&app, &admin, input).await;
    assert!(client.token().starts_with("redian_") && client.token().len() == 71);
    client.query(DRAFTS).await.data("/articles/nodes");
    let at = revoke(&admin, &id).await;
    assert_eq!(at, app.told_in_time(TimeDelta::zero()));
    let answer = client.query("{ __typename }").await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
    assert!(answer.message().contains("expired or was revoked"), "{}", answer.message());
    // Revoked once more, it was revoked when it was.
    app.advance(HOUR);
    assert_eq!(revoke(&admin, &id).await, at);
}

#[tokio::test]
async fn a_token_with_an_end_is_of_no_use_from_then_on() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let input = json!({ "name": "实习生", "scopes": ["WRITE"], "expiresAt": app.in_time(HOUR) });
    let (_, client) = made(&app, &admin, input).await;
    app.advance(HOUR - TimeDelta::milliseconds(1));
    client.query(DRAFTS).await.data("/articles/nodes");
    app.advance(TimeDelta::milliseconds(1));
    assert_eq!(client.query(DRAFTS).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn tokens_are_listed_with_all_that_is_known_of_them_but_their_texts() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let input = json!({
        "name": " 手机 ", "scopes": ["UNLIMITED", "WRITE", "WRITE"], "expiresAt": app.in_time(HOUR),
    });
    app.advance(TimeDelta::seconds(1));
    let (id, client) = made(&app, &admin, input).await;
    let query = "{ tokens(first: 1) { pageInfo { hasNextPage } nodes { \
                 id name scopes createdAt expiresAt revokedAt lastUsedAt } } }";
    let expected = json!({
        "id": id, "name": "手机", "scopes": ["WRITE", "UNLIMITED"],
        "createdAt": app.told_in_time(TimeDelta::zero()),
        "expiresAt": app.told_in_time(HOUR - TimeDelta::seconds(1)),
        "revokedAt": null, "lastUsedAt": null,
    });
    let answer = admin.query(query).await;
    assert_eq!(answer.data("/tokens/nodes/0"), &expected);
    assert_eq!(answer.data("/tokens/pageInfo/hasNextPage"), true);
    let node = format!("{{ node(id: \"{id}\") {{ ... on Token {{ name }} }} }}");
    assert_eq!(admin.query(&node).await.data("/node/name"), "手机");
    assert_eq!(app.editor.query(&node).await.data("/node"), &Value::Null);
    // Uses are written down by and by, the last one of all instances.
    let other = app.second_instance().await;
    app.advance(TimeDelta::seconds(2));
    client.query("{ __typename }").await;
    let used = app.told_in_time(TimeDelta::zero());
    app.app.last_uses.save(&app.app.db).await.unwrap();
    let (_, token) = redian::id::decode(&id).unwrap();
    other.last_uses.note(token.parse().unwrap(), app.app.clock.now() - HOUR);
    other.last_uses.save(&other.db).await.unwrap();
    assert_eq!(admin.query(query).await.data("/tokens/nodes/0/lastUsedAt"), &used);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let long = "名".repeat(101);
    for (input, error) in [
        (json!({ "name": "", "scopes": ["WRITE"] }), "name: INVALID"),
        (json!({ "name": " ", "scopes": ["WRITE"] }), "name: INVALID"),
        (json!({ "name": "一\n二", "scopes": ["WRITE"] }), "name: INVALID"),
        (json!({ "name": "a\u{0}", "scopes": ["WRITE"] }), "name: INVALID"),
        (json!({ "name": long, "scopes": ["WRITE"] }), "name: INVALID"),
        (json!({ "name": "甲", "scopes": [] }), "scopes: REQUIRED"),
        (
            json!({ "name": "甲", "scopes": ["WRITE"], "expiresAt": app.in_time(TimeDelta::zero()) }),
            "expiresAt: INVALID",
        ),
    ] {
        let answer = admin.mutate("createToken", input.clone(), "token { id } secret").await;
        assert_eq!(answer.user_errors(), [error], "{input}");
        assert_eq!(answer.data("/createToken/secret"), &Value::Null);
    }
    for id in [redian::id::encode("Token", &redian::clock::new_id().to_string()), "x".into()] {
        let answer = admin.mutate("revokeToken", json!({ "id": id }), "token { id }").await;
        assert_eq!(answer.user_errors().len(), 1, "{id}");
    }
}

#[tokio::test]
async fn the_command_line_makes_lists_and_revokes_tokens() {
    let app = TestApp::quiet().await;
    let run = async |arguments: &[&str]| {
        let (url, arguments) = (app.database.url.clone(), arguments.to_vec());
        let output = cli::command(&url, &arguments).output().unwrap();
        (output.status.success(), cli::text(&output.stdout), cli::text(&output.stderr))
    };
    let create = ["token", "create", "--name", "备份", "--scope", "publish", "--days", "30"];
    let (sound, text, said) = run(&create).await;
    assert!(sound, "{said}");
    // The clock of the command is the system's, ahead of this server's.
    let client = app.with_token(text.trim());
    client.query(DRAFTS).await.data("/articles/nodes");
    let (_, list, _) = run(&["token", "list"]).await;
    let line = list.lines().find(|line| line.contains("备份")).unwrap();
    let columns: Vec<&str> = line.split('\t').collect();
    assert_eq!((columns.len(), columns[2]), (6, "publish"), "{list}");
    let (sound, _, said) = run(&["token", "revoke", columns[0]]).await;
    assert!(sound && said.contains("The token `备份` is revoked."), "{said}");
    assert_eq!(client.query(DRAFTS).await.code(), "UNAUTHENTICATED");
    let (_, list, _) = run(&["token", "list"]).await;
    assert!(list.lines().any(|line| line.contains("备份") && line.contains("\trevoked ")));
    let (sound, _, said) = run(&["token", "revoke", "nobody"]).await;
    assert!(!sound && said.contains("is not the id of Token"), "{said}");
    let admin = app.with_scopes(&["admin"]).await;
    let query = "{ auditEntries(first: 2) { nodes { action by byName input } } }";
    let trail = admin.query(query).await;
    assert_eq!(trail.each("/auditEntries/nodes", "action"), ["token revoke", "token create"]);
    assert_eq!(trail.data("/auditEntries/nodes/1/byName"), "command line");
    assert_eq!(trail.data("/auditEntries/nodes/1/by"), &Value::Null);
    assert_eq!(trail.data("/auditEntries/nodes/1/input/scopes"), &json!(["publish"]));
    assert!(!trail.json.to_string().contains(text.trim()), "the text is nowhere");
}

#[tokio::test]
async fn a_server_that_stops_has_written_down_when_tokens_were_used() {
    let database = database::migrated().await;
    let create = ["token", "create", "--name", "手机", "--scope", "count"];
    let token = cli::text(&cli::redian(&database.url, &create).stdout);
    let mut server = Server::start(&database.url, &[]);
    let request =
        reqwest::Client::new().get(format!("{}/graphql?query={{__typename}}", server.url));
    assert_eq!(request.bearer_auth(token.trim()).send().await.unwrap().status(), 200);
    server.terminate();
    assert_eq!(server.end().code(), Some(0));
    let list = cli::text(&cli::redian(&database.url, &["token", "list"]).stdout);
    let line = list.lines().find(|line| line.contains("手机")).unwrap();
    let columns: Vec<&str> = line.split('\t').collect();
    assert!(columns[4] >= columns[3], "{line}");
}

/// A client that has a token of these, a socket and a stream by it, both listening.
async fn listening(app: &TestApp, client: &Client) -> (Socket, Stream) {
    let mut socket = Socket::open(client).await;
    let payload = json!({ "authorization": format!("Bearer {}", client.token()) });
    socket.send(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket.subscribe("1", TOTALS).await;
    let mut stream = Stream::open(client, TOTALS).await;
    app.listened_to_by(2).await;
    assert!(stream.next().await.unwrap().id.is_some());
    (socket, stream)
}

async fn assert_end(mut socket: Socket, mut stream: Stream) {
    let ends = async {
        assert_eq!(socket.closed().await, 4403);
        assert_eq!(stream.next().await, None);
    };
    tokio::time::timeout(SOON, ends).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_revoked_anywhere_ends_what_was_subscribed_to_by_it() {
    let app = TestApp::start().await;
    let other = app.second_server().await;
    let admin = app.with_scopes(&["admin"]).await;
    let input = json!({ "name": "手机", "scopes": ["READ_DRAFTS"] });
    let (id, client) = made(&app, &admin, input.clone()).await;
    let (_, kept) = made(&app, &admin, input).await;
    let there = other.with_token(client.token());
    let (socket, stream) = listening(&other, &there).await;
    let mut reader = Socket::begun(&other.anon).await;
    let mut beside = Socket::open(&other.anon).await;
    let payload = json!({ "authorization": format!("Bearer {}", kept.token()) });
    beside.send(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(beside.next().await["type"], "connection_ack");
    revoke(&admin, &id).await;
    assert_end(socket, stream).await;
    // Others go on.
    reader.settle().await;
    beside.settle().await;
    assert_eq!(there.query("{ __typename }").await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_token_that_expires_ends_what_was_subscribed_to_by_it() {
    let app = TestApp::quiet().await;
    let admin = app.with_scopes(&["admin"]).await;
    let input = json!({ "name": "手机", "scopes": ["COUNT"], "expiresAt": app.in_time(HOUR) });
    let (_, client) = made(&app, &admin, input).await;
    let (mut socket, stream) = listening(&app, &client).await;
    app.advance(HOUR - TimeDelta::milliseconds(1));
    socket.settle().await;
    app.advance(TimeDelta::milliseconds(1));
    assert_end(socket, stream).await;
}
