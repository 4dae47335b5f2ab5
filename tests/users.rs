//! Users of an identity provider: whose tokens are believed, and what their roles may do.

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::encode;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::jwk::JwkSet;
use redian::config::jwt::Jwt;
use serde_json::Value;
use serde_json::json;

use crate::helpers::app::Client;
use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::database;
use crate::helpers::import::Folder;
use crate::helpers::make;
use crate::helpers::receiver::Receiver;
use crate::helpers::socket::Socket;

const SECRET: &str = "a secret of at least thirty-two bytes";
const DRAFTS: &str = "{ articles(orderBy: RECENTLY_UPDATED) { nodes { title } } }";

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(include_bytes!("access/rs256.pem")).unwrap()
}

fn elliptic() -> EncodingKey {
    EncodingKey::from_ec_pem(include_bytes!("access/es256.pem")).unwrap()
}

fn public(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.into());
    jwk
}

fn both_keys() -> String {
    let keys =
        vec![public(&rsa(), Algorithm::RS256, "a"), public(&elliptic(), Algorithm::ES256, "b")];
    serde_json::to_string(&JwkSet { keys }).unwrap()
}

/// Settings that believe all three kinds.
fn settings(keys: &str) -> Jwt {
    Jwt {
        secret: Some(SECRET.into()),
        keys: Some(keys.into()),
        audience: Some("redian".into()),
        issuer: Some("https://id.example".into()),
        roles_claim: "roles".into(),
        roles: ["editor=publish", "author = write", "build=count+unlimited"].map(Into::into).into(),
    }
}

/// A server that believes the keys of a file.
async fn server(folder: &Folder) -> TestApp {
    let keys = folder.write("keys.json", both_keys());
    TestApp::quiet_with(|config| config.jwt = settings(&keys)).await
}

/// What an editor's token says.
fn claims(app: &TestApp) -> Value {
    let end = app.app.clock.now() + TimeDelta::hours(1);
    json!({
        "iss": "https://id.example", "aud": "redian", "sub": "u-7", "roles": ["editor"],
        "exp": end.timestamp(),
    })
}

fn signed(algorithm: Algorithm, key: &EncodingKey, id: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: id.map(Into::into), ..Header::new(algorithm) };
    encode(&header, claims, key).unwrap()
}

fn by_secret(app: &TestApp, claims: &Value) -> Client {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    app.with_token(&signed(Algorithm::HS256, &key, None, claims))
}

/// Whether drafts are shown, or the code of what is said instead.
async fn shown(client: &Client) -> String {
    let answer = client.query(DRAFTS).await;
    let code = answer.json.pointer("/errors/0/extensions/code");
    code.map_or("shown".into(), |code| code.as_str().unwrap().into())
}

#[tokio::test]
async fn a_user_whose_token_is_signed_by_the_secret_or_a_key_may_do_what_the_roles_say() {
    let folder = Folder::new();
    let app = server(&folder).await;
    let claims = claims(&app);
    assert_eq!(shown(&by_secret(&app, &claims)).await, "shown");
    for (algorithm, key, id) in
        [(Algorithm::RS256, rsa(), "a"), (Algorithm::ES256, elliptic(), "b")]
    {
        for id in [Some(id), None] {
            let client = app.with_token(&signed(algorithm, &key, id, &claims));
            assert_eq!(shown(&client).await, "shown", "{algorithm:?} {id:?}");
        }
    }
    for (roles, expected) in [
        (json!(["author"]), "shown"),
        (json!("reader author"), "shown"),
        (json!(["reader", "build"]), "FORBIDDEN"),
        (json!([]), "FORBIDDEN"),
        (json!({ "editor": true }), "FORBIDDEN"),
        (json!([["editor"], 1]), "FORBIDDEN"),
        (json!("editors"), "FORBIDDEN"),
    ] {
        let mut claims = claims.clone();
        claims["roles"] = roles.clone();
        assert_eq!(shown(&by_secret(&app, &claims)).await, expected, "{roles}");
    }
}

#[tokio::test]
async fn a_token_that_was_not_made_for_this_service_is_refused() {
    let folder = Folder::new();
    let app = server(&folder).await;
    let seconds = |by: i64| json!(app.app.clock.now().timestamp() + by);
    for (claim, value, expected) in [
        ("aud", json!("another"), "UNAUTHENTICATED"),
        ("aud", json!(["another", "redian"]), "shown"),
        ("aud", json!([]), "UNAUTHENTICATED"),
        ("iss", json!("https://evil.example"), "UNAUTHENTICATED"),
        ("sub", json!(""), "UNAUTHENTICATED"),
        ("sub", json!(7), "UNAUTHENTICATED"),
        ("exp", seconds(0), "UNAUTHENTICATED"),
        ("exp", seconds(1), "shown"),
        ("exp", json!("tomorrow"), "UNAUTHENTICATED"),
        ("nbf", seconds(61), "UNAUTHENTICATED"),
        ("nbf", seconds(60), "shown"),
    ] {
        let mut claims = claims(&app);
        claims[claim] = value.clone();
        assert_eq!(shown(&by_secret(&app, &claims)).await, expected, "{claim}: {value}");
    }
    for claim in ["aud", "iss", "sub", "exp"] {
        let mut claims = claims(&app);
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(shown(&by_secret(&app, &claims)).await, "UNAUTHENTICATED", "without {claim}");
    }
}

#[tokio::test]
async fn a_signature_that_is_not_the_providers_is_refused() {
    let folder = Folder::new();
    let app = server(&folder).await;
    let claims = claims(&app);
    let sound = by_secret(&app, &claims).token().to_owned();
    let (start, signature) = sound.rsplit_once('.').unwrap();
    let base64 = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    };
    let (_, body) = start.split_once('.').unwrap();
    // The public key, which everybody knows, in place of the secret.
    let known = EncodingKey::from_secret(both_keys().as_bytes());
    let other_secret = EncodingKey::from_secret(b"another secret, of thirty-two bytes");
    let mut forged = vec![
        format!("{start}."),
        format!("{start}.{}", signature.chars().rev().collect::<String>()),
        format!("{}.{body}.", base64(r#"{"alg":"none"}"#)),
        format!("{}.{body}.{signature}", base64(r#"{"alg":"RS256","kid":"a"}"#)),
        format!("{}.{body}.{signature}", base64(r#"{"alg":"HS384"}"#)),
        signed(Algorithm::HS256, &known, Some("a"), &claims),
        signed(Algorithm::HS256, &other_secret, None, &claims),
        signed(Algorithm::RS256, &rsa(), Some("b"), &claims),
        signed(Algorithm::RS384, &rsa(), Some("a"), &claims),
        signed(Algorithm::ES256, &elliptic(), Some("nobody"), &claims),
        "a.b.c".into(),
        "..".into(),
    ];
    let mut other = claims.clone();
    other["roles"] = json!(["admin"]);
    let (start, _) = sound.split_once('.').unwrap();
    forged.push(format!("{start}.{}.{signature}", base64(&other.to_string())));
    for token in forged {
        assert_eq!(shown(&app.with_token(&token)).await, "UNAUTHENTICATED", "{token}");
    }
    assert_eq!(shown(&app.with_token(&sound)).await, "shown");
    // Our own tokens are known as before.
    assert_eq!(shown(&app.editor).await, "shown");
}

#[tokio::test]
async fn roles_may_stand_deep_in_a_token_and_under_any_name() {
    for (claim, place) in [
        ("/realm_access/roles", json!({ "realm_access": { "roles": ["editor"] } })),
        ("https://news.example/roles", json!({ "https://news.example/roles": "editor" })),
    ] {
        let app = TestApp::quiet_with(|config| {
            config.jwt = Jwt { roles_claim: claim.into(), keys: None, ..settings("") };
        })
        .await;
        let mut claims = claims(&app);
        claims["roles"] = Value::Null;
        assert_eq!(shown(&by_secret(&app, &claims)).await, "FORBIDDEN", "{claim}");
        claims.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
        assert_eq!(shown(&by_secret(&app, &claims)).await, "shown", "{claim}");
    }
}

#[tokio::test]
async fn what_a_user_does_is_told_by_the_users_name_whichever_token_was_used() {
    let folder = Folder::new();
    let app = server(&folder).await;
    let first = by_secret(&app, &claims(&app));
    let second = app.with_token(&signed(Algorithm::RS256, &rsa(), Some("a"), &claims(&app)));
    let mut other = claims(&app);
    other["sub"] = json!("u-8");
    for client in [&first, &second, &by_secret(&app, &other)] {
        let input = json!({ "title": "甲", "body": "文" });
        assert_eq!(client.mutate("createArticle", input, "").await.user_errors(), [""; 0]);
    }
    let admin = app.with_scopes(&["admin"]).await;
    let trail = admin.query("{ auditEntries { nodes { by byName } } }").await;
    assert_eq!(trail.each("/auditEntries/nodes", "byName"), ["u-8", "u-7", "u-7"]);
    let by = trail.each("/auditEntries/nodes", "by");
    assert!(by[1] == by[2] && by[0] != by[1], "{by:?}");
    let query = format!("{{ auditEntries(by: \"{}\") {{ nodes {{ byName }} }} }}", by[1]);
    assert_eq!(admin.query(&query).await.each("/auditEntries/nodes", "byName"), ["u-7", "u-7"]);
}

#[tokio::test]
async fn a_users_socket_ends_with_the_token() {
    let app = TestApp::quiet_with(|config| {
        config.jwt = Jwt { keys: None, ..settings("") };
    })
    .await;
    let client = by_secret(&app, &claims(&app));
    let mut socket = Socket::open(&client).await;
    let payload = json!({ "authorization": format!("Bearer {}", client.token()) });
    socket.send(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    app.advance(TimeDelta::hours(1));
    let closed = tokio::time::timeout(std::time::Duration::from_secs(5), socket.closed());
    assert_eq!(closed.await.unwrap(), 4403);
}

#[tokio::test]
async fn keys_are_fetched_from_the_web_and_again_when_a_new_one_is_used() {
    let provider = Receiver::start().await;
    let one = JwkSet { keys: vec![public(&rsa(), Algorithm::RS256, "a")] };
    provider.answer_with(200, serde_json::to_string(&one).unwrap());
    let app = TestApp::quiet_with(|config| config.jwt = settings(&provider.url)).await;
    let old = app.with_token(&signed(Algorithm::RS256, &rsa(), Some("a"), &claims(&app)));
    let new = app.with_token(&signed(Algorithm::ES256, &elliptic(), Some("b"), &claims(&app)));
    assert_eq!(shown(&old).await, "shown");
    assert_eq!(shown(&old).await, "shown");
    assert_eq!(provider.received().len(), 1, "it is asked once");
    provider.answer_with(200, both_keys());
    // Not for each token that somebody makes up.
    assert_eq!(shown(&new).await, "UNAUTHENTICATED");
    assert_eq!(provider.received().len(), 1);
    app.advance(TimeDelta::seconds(30));
    assert_eq!(shown(&new).await, "shown");
    assert_eq!(provider.received().len(), 2);
    // A provider that fails takes nobody's key away.
    for (status, body) in
        [(500, both_keys()), (200, "<html>".into()), (200, r#"{ "keys": [] }"#.into())]
    {
        provider.answer_with(status, body);
        app.app.users.as_ref().unwrap().refresh().await.unwrap_err();
        assert_eq!(shown(&old).await, "shown");
    }
    // Who cannot be looked up is told to try again, and is not taken for a stranger.
    app.advance(TimeDelta::seconds(30));
    let unknown = signed(Algorithm::ES256, &elliptic(), Some("c"), &claims(&app));
    let answer = app.with_token(&unknown).query(DRAFTS).await;
    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn a_server_reads_the_keys_before_anybody_needs_them() {
    let provider = Receiver::start().await;
    provider.answer_with(200, both_keys());
    let app = TestApp::start_with(|config| config.jwt = settings(&provider.url)).await;
    provider.has(1).await;
    let client = app.with_token(&signed(Algorithm::RS256, &rsa(), Some("a"), &claims(&app)));
    assert_eq!(shown(&client).await, "shown");
}

#[tokio::test]
async fn while_the_provider_is_out_of_reach_nobody_is_taken_for_a_stranger() {
    let provider = Receiver::start().await;
    provider.answer_with(500, "");
    let app = TestApp::quiet_with(|config| config.jwt = settings(&provider.url)).await;
    let client = app.with_token(&signed(Algorithm::RS256, &rsa(), Some("a"), &claims(&app)));
    for _ in 0..2 {
        assert_eq!(shown(&client).await, "UNAVAILABLE");
    }
    assert_eq!(provider.received().len(), 1, "it is asked once in half a minute");
    provider.answer_with(200, both_keys());
    app.advance(TimeDelta::seconds(30));
    assert_eq!(shown(&client).await, "shown");
}

#[tokio::test]
async fn keys_for_other_uses_sign_nothing() {
    let other_use = [(0, "use", "enc", ["UNAUTHENTICATED", "shown"])];
    let other_algorithm = [(1, "alg", "ES384", ["shown", "UNAUTHENTICATED"])];
    for (number, member, value, expected) in other_use.into_iter().chain(other_algorithm) {
        let folder = Folder::new();
        let mut keys = serde_json::from_str::<Value>(&both_keys()).unwrap();
        keys["keys"][number][member] = json!(value);
        let file = folder.write("keys.json", keys.to_string());
        let app = TestApp::quiet_with(|config| config.jwt = settings(&file)).await;
        for ((algorithm, key), expected) in
            [(Algorithm::RS256, rsa()), (Algorithm::ES256, elliptic())].into_iter().zip(expected)
        {
            let client = app.with_token(&signed(algorithm, &key, None, &claims(&app)));
            assert_eq!(shown(&client).await, expected, "{member} {algorithm:?}");
        }
    }
}

#[tokio::test]
async fn who_is_refused_is_told_what_is_wrong_with_the_token() {
    let folder = Folder::new();
    let app = server(&folder).await;
    let told = async |token: &str| {
        let answer = app.with_token(token).query(DRAFTS).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        answer.message().to_owned()
    };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    for (claim, value, said) in [
        ("aud", json!("another"), "`aud` is not what --jwt-audience has"),
        ("iss", json!("https://evil.example"), "`iss` is not what --jwt-issuer has"),
        ("sub", Value::Null, "it needs `aud`, `exp` as a number, `sub` as a text"),
        ("exp", json!("tomorrow"), "it needs `aud`, `exp` as a number, `sub` as a text"),
        ("exp", json!(1), "expired"),
        ("nbf", json!(9_999_999_999_i64), "not valid yet, by its `nbf`"),
    ] {
        let mut claims = claims(&app);
        claims[claim] = value;
        let message = told(&signed(Algorithm::HS256, &key, None, &claims)).await;
        assert!(message.contains(said), "{claim}: {message}");
    }
    let other = EncodingKey::from_secret(b"another secret, of thirty-two bytes");
    // What it says is looked at only when it is the provider's word.
    let mut expired = claims(&app);
    expired["aud"] = json!("another");
    for (token, said) in [
        (signed(Algorithm::HS256, &other, None, &expired), "its signature is not by a key"),
        (signed(Algorithm::RS256, &rsa(), Some("c"), &expired), "fits its `alg` and `kid`"),
        (signed(Algorithm::RS384, &rsa(), None, &expired), "fits its `alg` and `kid`"),
        ("rdn_no".into(), "The token is not known here"),
        ("no".into(), "The token is not known here"),
    ] {
        let message = told(&token).await;
        assert!(message.contains(said), "{message}");
    }
}

#[tokio::test]
async fn settings_that_make_no_sense_are_told_at_the_start() {
    let database = database::migrated().await;
    let folder = Folder::new();
    let unsound = folder.write("keys.json", "{}");
    let empty = folder.write("empty.json", r#"{ "keys": [] }"#);
    let audience = ["--jwt-audience", "redian"];
    let secret = ["--jwt-secret", SECRET];
    for (arguments, said) in [
        (vec!["--jwt-secret", "short"], "at least 32 bytes"),
        (secret.to_vec(), "--jwt-audience is missing"),
        ([&secret[..], &audience, &["--jwt-roles", "editor"]].concat(), "write ROLE=SCOPE"),
        (
            [&secret[..], &audience, &["--jwt-roles", "editor=all"]].concat(),
            "There is no scope `all`",
        ),
        (
            [&audience[..], &["--jwt-keys", "/nowhere.json"]].concat(),
            "/nowhere.json cannot be read",
        ),
        ([&audience[..], &["--jwt-keys", &unsound]].concat(), "is no JSON Web Key Set"),
        ([&audience[..], &["--jwt-keys", &empty]].concat(), "has no key for signatures"),
    ] {
        let serve = [&["serve", "--listen", "127.0.0.1:0"][..], &arguments].concat();
        let output = cli::command(&database.url, &serve).output().unwrap();
        assert!(!output.status.success());
        let told = cli::text(&output.stderr);
        assert!(told.contains(said), "{arguments:?}: {told}");
        assert!(!told.contains(SECRET), "{told}");
    }
}

#[tokio::test]
async fn a_user_may_see_drafts_but_not_manage_tokens() {
    let folder = Folder::new();
    let app = server(&folder).await;
    make::article("稿").draft(&app).await;
    let client = by_secret(&app, &claims(&app));
    assert_eq!(client.query(DRAFTS).await.each("/articles/nodes", "title"), ["稿"]);
    assert_eq!(client.query("{ tokens { nodes { name } } }").await.code(), "FORBIDDEN");
}
