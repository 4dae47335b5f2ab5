//! Webhooks to be made, and what became of what they were told.

use redian::config::Config;
use serde_json::Value;
use serde_json::json;
use standardwebhooks::Webhook;

use super::app::Client;
use super::app::TestApp;
use super::receiver::Receiver;
use super::receiver::Request;

const DELIVERY: &str = "id messageId event state nextAttemptAt body attempts { at status error }";

/// A webhook that was made.
pub struct Hook {
    pub id: String,
    pub secret: String,
    pub admin: Client,
}

/// Lets webhooks go to this machine.
pub fn local(config: &mut Config) {
    config.webhook_allow = vec!["127.0.0.1/32".parse().unwrap()];
}

/// A server that tells webhooks on this machine.
pub async fn server() -> TestApp {
    TestApp::start_with(local).await
}

/// A webhook that goes there, with other fields of `CreateWebhookInput`.
pub async fn hook(app: &TestApp, receiver: &Receiver, other: Value) -> Hook {
    hook_at(app, &receiver.url, other).await
}

/// The same by its address.
pub async fn hook_at(app: &TestApp, url: &str, other: Value) -> Hook {
    let admin = app.with_scopes(&["admin"]).await;
    let mut input = other;
    input["url"] = json!(url);
    let answer = admin.mutate("createWebhook", input, "secret webhook { id }").await;
    assert_eq!(answer.user_errors(), [""; 0]);
    let text = |at: &str| answer.data(at).as_str().unwrap().to_owned();
    let (id, secret) = (text("/createWebhook/webhook/id"), text("/createWebhook/secret"));
    Hook { id, secret, admin }
}

impl Hook {
    /// What it was told, the first first.
    pub async fn deliveries(&self) -> Vec<Value> {
        let query = format!(
            "{{ node(id: \"{}\") {{ ... on Webhook {{ deliveries(first: 100) {{ \
             nodes {{ {DELIVERY} }} }} }} }} }}",
            self.id
        );
        let answer = self.admin.query(&query).await;
        let mut deliveries = answer.data("/node/deliveries/nodes").as_array().unwrap().clone();
        deliveries.reverse();
        deliveries
    }

    /// Waits until that holds of what it was told.
    pub async fn until(&self, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let waiting = async {
            loop {
                let deliveries = self.deliveries().await;
                if holds(&deliveries) {
                    return deliveries;
                }
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await;
        match waited {
            Ok(deliveries) => deliveries,
            Err(_) => panic!("it does not come to that: {:#?}", self.deliveries().await),
        }
    }

    /// Waits until so many were told and taken.
    pub async fn delivered(&self, number: usize) -> Vec<Value> {
        let all = |deliveries: &[Value]| {
            deliveries.len() == number && deliveries.iter().all(|one| one["state"] == "DELIVERED")
        };
        self.until(all).await
    }

    /// Does something to it by a mutation.
    pub async fn mutate(&self, name: &str, other: Value) -> Vec<String> {
        let mut input = other;
        input["id"] = json!(self.id);
        self.admin.mutate(name, input, "").await.user_errors()
    }

    /// Whether a request has its signature.
    pub fn verify(&self, request: &Request) -> bool {
        verify(&self.secret, request)
    }
}

/// Whether a request is signed with this secret, by the library of Standard Webhooks. Servers
/// in tests have a time of their own, so that is not looked at.
pub fn verify(secret: &str, request: &Request) -> bool {
    let library = Webhook::new(secret).unwrap();
    let time = request.header("webhook-timestamp").parse().unwrap();
    let wanted = library.sign(&request.header("webhook-id"), time, &request.body).unwrap();
    request.header("webhook-signature").split(' ').any(|own| own == wanted)
}

/// The types that a receiver was told, in their order.
pub fn kinds(received: &[Request]) -> Vec<String> {
    received.iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect()
}
