//! Signatures by the Standard Webhooks rules (specification 1.0, symmetric: `v1`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::Utc;
use entity::webhook::Model as Webhook;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Digest;
use sha2::Sha256;

use crate::clock;
use crate::error::Error;

/// What a secret begins with.
const START: &str = "whsec_";

/// A new secret of 32 bytes.
pub fn secret() -> String {
    format!("{START}{}", STANDARD.encode(Sha256::digest(clock::random())))
}

/// The header `webhook-signature`: by the secret, and by the one before while that holds.
pub fn signatures(
    webhook: &Webhook,
    id: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let former = webhook.former_until.filter(|until| now < *until);
    let former = former.and(webhook.former_secret.as_deref());
    let content = format!("{id}.{}.{body}", now.timestamp());
    let mut signatures = Vec::with_capacity(2);
    for secret in [Some(webhook.secret.as_str()), former].into_iter().flatten() {
        signatures.push(format!("v1,{}", signature(secret, &content)?));
    }
    Ok(signatures.join(" "))
}

fn signature(secret: &str, content: &str) -> Result<String, Error> {
    let key = STANDARD.decode(secret.trim_start_matches(START));
    let key = key.map_err(|error| Error::Internal(format!("a webhook's secret: {error}")))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)
        .map_err(|error| Error::Internal(format!("a webhook's secret: {error}")))?;
    mac.update(content.as_bytes());
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}
