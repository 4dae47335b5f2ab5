//! One attempt to tell a webhook something.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use ipnet::IpNet;
use reqwest::Client;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;

use super::Delivery;
use super::Webhook;
use super::address;
use super::address::Resolver;
use super::sign;
use crate::config::Config;
use crate::error::Error;

/// So much of an answer is waited for, in bytes; nobody reads it.
const ANSWER: usize = 64 << 10;
/// The longest wait that an answer may ask for.
const LONGEST_WAIT: i64 = 86_400;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status that came.
    pub status: Option<u16>,
    /// What went wrong; `None`: it was taken.
    pub error: Option<String>,
    /// The receiver wants to hear nothing any more (Standard Webhooks: 410).
    pub gone: bool,
    /// It asks to be left alone for so long.
    pub wait: Option<TimeDelta>,
    /// How long it took.
    pub took: Duration,
}

/// Goes to no private address but to those allowed, and follows nobody elsewhere.
#[derive(Clone)]
pub struct Sender {
    client: Client,
    allowed: Arc<[IpNet]>,
}

impl Sender {
    /// As the settings have it.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let allowed: Arc<[IpNet]> = config.webhook_allow.as_slice().into();
        let timeout = Duration::from_secs(config.webhook_timeout);
        Ok(Self { client: client(&allowed, timeout)?, allowed })
    }
}

fn client(allowed: &[IpNet], timeout: Duration) -> Result<Client, Error> {
    let agent = concat!("Redian/", env!("CARGO_PKG_VERSION"), " (webhook)");
    let client = Client::builder()
        .timeout(timeout)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(agent)
        .dns_resolver(Arc::new(Resolver(allowed.to_vec())));
    client.build().map_err(|error| Error::Internal(format!("the client of webhooks: {error}")))
}

/// Tells a webhook something.
pub async fn send(
    sender: &Sender,
    webhook: &Webhook,
    delivery: &Delivery,
    now: DateTime<Utc>,
) -> Result<Outcome, Error> {
    let begun = Instant::now();
    let ended = |status, error: Option<String>| Outcome {
        status,
        error,
        gone: false,
        wait: None,
        took: begun.elapsed(),
    };
    let url = Url::parse(&webhook.url)
        .map_err(|error| Error::Internal(format!("a webhook's address: {error}")))?;
    if address::literal(&url).is_some_and(|literal| !address::is_allowed(literal, &sender.allowed))
    {
        return Ok(ended(None, Some(address::REFUSED.into())));
    }
    let id = format!("msg_{}", delivery.id.simple());
    let signatures = sign::signatures(webhook, &id, &delivery.body, now)?;
    let request = sender
        .client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now.timestamp())
        .header("webhook-signature", signatures)
        .body(delivery.body.clone());
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Ok(ended(None, Some(reason(&error)))),
    };
    let status = response.status();
    let wait = wait(&response);
    let read = read(&mut response).await;
    let error = match read {
        _ if !status.is_success() => Some(format!("it answered {}", status.as_u16())),
        Err(error) if error.is_timeout() => Some(reason(&error)),
        Err(_) => Some("the answer broke off".into()),
        Ok(()) => None,
    };
    let gone = status == StatusCode::GONE;
    Ok(Outcome { gone, wait, ..ended(Some(status.as_u16()), error) })
}

/// Reads an answer to its end, so that one that breaks off is noticed.
async fn read(response: &mut Response) -> Result<(), reqwest::Error> {
    let mut length = 0;
    while let Some(part) = response.chunk().await? {
        length += part.len();
        if length > ANSWER {
            break;
        }
    }
    Ok(())
}

/// How long the receiver asks to wait, in seconds (RFC 9110, 10.2.3).
fn wait(response: &Response) -> Option<TimeDelta> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(TimeDelta::seconds(i64::clamp(seconds, 0, LONGEST_WAIT)))
}

/// In words that tell the operator what to look at.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string() == address::REFUSED {
            return address::REFUSED.into();
        }
        cause = error.source();
    }
    let reason = match error {
        _ if error.is_timeout() => "it took too long to answer",
        _ if error.is_connect() => "no connection: the name, the port or the certificate is wrong",
        _ => "the connection broke",
    };
    reason.into()
}
