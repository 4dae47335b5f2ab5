//! Webhooks of several instances: one of them tells, another one goes on.

use std::collections::BTreeSet;

use serde_json::json;
use standardwebhooks::Webhook;

use crate::helpers::app::TestApp;
use crate::helpers::cli;
use crate::helpers::database;
use crate::helpers::make;
use crate::helpers::receiver::Receiver;
use crate::helpers::receiver::Request;
use crate::helpers::server::Server;
use crate::helpers::webhooks::hook;
use crate::helpers::webhooks::local;
use crate::helpers::webhooks::server;

fn ids(received: &[Request]) -> BTreeSet<String> {
    received.iter().map(|request| request.header("webhook-id")).collect()
}

#[tokio::test]
async fn of_two_instances_one_tells_and_each_event_comes_once() {
    let (app, receiver) = (server().await, Receiver::start().await);
    let other = app.second_server().await;
    let hook = hook(&app, &receiver, json!({})).await;
    // What is on its way is due all the time that it is not answered.
    receiver.hold(true);
    for number in 0..20 {
        let on: &TestApp = if number % 2 == 0 { &app } else { &other };
        make::article(&format!("第{number}篇")).published(on).await;
    }
    receiver.has(4).await;
    // The other one looks at least once whether something is due.
    for instance in [&app, &other] {
        instance.turns().await;
    }
    receiver.hold(false);
    hook.delivered(20).await;
    let received = receiver.received();
    assert_eq!((received.len(), ids(&received).len()), (20, 20));
}

#[tokio::test]
async fn when_the_one_that_tells_stops_another_one_goes_on() {
    let (app, receiver) = (TestApp::quiet_with(local).await, Receiver::start().await);
    let hook = hook(&app, &receiver, json!({})).await;
    let one = app.second_server().await;
    make::article("甲").published(&app).await;
    hook.delivered(1).await;
    let other = app.second_server().await;
    one.stop();
    make::article("乙").published(&other).await;
    receiver.has(2).await;
    assert_eq!(receiver.received().len(), 2);
}

/// Asks a server of the real binary something.
async fn ask(server: &Server, token: &str, query: &str) -> serde_json::Value {
    let request = reqwest::Client::new().post(format!("{}/graphql", server.url));
    let request = request.bearer_auth(token).json(&json!({ "query": query }));
    let answer: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].clone()
}

#[tokio::test]
async fn a_server_that_is_killed_between_leaves_nothing_untold() {
    let database = database::migrated().await;
    let arguments = ["--webhook-allow", "127.0.0.1", "--webhook-timeout", "1"];
    let receiver = Receiver::start().await;
    receiver.hold(true);
    let server = Server::start(&database.url, &arguments);
    let create = ["token", "create", "--scope", "admin"];
    let token = cli::text(&cli::redian(&database.url, &create).stdout).trim().to_owned();
    let url = json!(receiver.url);
    let create = format!("mutation {{ createWebhook(input: {{ url: {url} }}) {{ secret }} }}");
    let secret = ask(&server, &token, &create).await["createWebhook"]["secret"].clone();
    for number in 0..6 {
        let input = format!("{{ title: \"第{number}篇\", body: \"文\" }}");
        let made = format!("mutation {{ createArticle(input: {input}) {{ article {{ id }} }} }}");
        let id = ask(&server, &token, &made).await["createArticle"]["article"]["id"].clone();
        let publish =
            format!("mutation {{ publishArticle(input: {{ id: {id} }}) {{ article {{ id }} }} }}");
        ask(&server, &token, &publish).await;
    }
    // On their way, and not answered.
    receiver.has(1).await;
    server.kill();
    receiver.hold(false);
    let _server = Server::start(&database.url, &arguments);
    let all = async {
        let mut number = receiver.received().len();
        while ids(&receiver.received()).len() < 6 {
            number = receiver.has(number + 1).await.len();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), all).await.unwrap();
    // Now that it is sent by the real time, the library looks at all of it.
    let library = Webhook::new(secret.as_str().unwrap()).unwrap();
    for request in receiver.received() {
        library.verify(&request.body, &request.headers).unwrap();
    }
}
