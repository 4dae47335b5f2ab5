//! Users of an identity provider: JSON Web Tokens (RFC 7519), signed by HS256, RS256 or
//! ES256 (RFC 7518, 3.1).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::Validation;
use jsonwebtoken::decode;
use jsonwebtoken::decode_header;
use jsonwebtoken::errors::ErrorKind;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;
use uuid::Builder;

use super::Caller;
use super::Scope;
use super::jwt_keys::Keys;
use super::token;
use crate::config::jwt;
use crate::error::Error;

/// So far may the clock of the provider be ahead.
const AHEAD: TimeDelta = TimeDelta::seconds(60);
/// So many characters of a user's name are kept.
const NAME: usize = 100;

const SIGNATURE: &str = "its signature is not by a key that is known here";
const CLAIMS: &str = "it needs `aud`, `exp` as a number, `sub` as a text that is not empty, and `iss` where \
     --jwt-issuer is set";

/// How tokens of users are known, and what their roles may do.
pub struct Jwt {
    secret: Option<DecodingKey>,
    keys: Option<Keys>,
    audience: String,
    issuer: Option<String>,
    /// A JSON Pointer (RFC 6901).
    roles_at: String,
    roles: HashMap<String, Vec<Scope>>,
}

impl Jwt {
    /// As the settings have it; `None` when there is neither a secret nor keys.
    pub fn new(config: &jwt::Jwt) -> Result<Option<Self>, Error> {
        let jwt::Jwt { secret, keys, audience, issuer, roles_claim, roles } = config;
        if secret.is_none() && keys.is_none() {
            return Ok(None);
        }
        let Some(audience) = audience.clone() else {
            let message = "--jwt-audience is missing: without it, tokens that your identity \
                           provider makes for other services would be believed, too.";
            return Err(Error::Unavailable(message.into()));
        };
        let roles_at = match roles_claim.starts_with('/') {
            true => roles_claim.clone(),
            false => format!("/{}", roles_claim.replace('~', "~0").replace('/', "~1")),
        };
        Ok(Some(Self {
            secret: secret.as_ref().map(|secret| DecodingKey::from_secret(secret.as_bytes())),
            keys: keys.as_deref().map(Keys::new),
            audience,
            issuer: issuer.clone(),
            roles_at,
            roles: roles.iter().map(|role| mapped(role)).collect::<Result<_, _>>()?,
        }))
    }

    /// Reads keys that are in a file: what is wrong there is told at the start. A provider on
    /// the web may be out of reach for a while.
    pub async fn begin(&self) -> Result<(), Error> {
        match &self.keys {
            Some(keys) if keys.are_local() => keys.refresh().await,
            _ => Ok(()),
        }
    }

    /// Reads the keys anew, if there are any.
    pub async fn refresh(&self) -> Result<(), Error> {
        match &self.keys {
            Some(keys) => keys.refresh().await,
            None => Ok(()),
        }
    }

    /// Who has this token; fails when it is none of a user's, or is one no longer.
    pub async fn caller(&self, text: &str, now: DateTime<Utc>) -> Result<Caller, Error> {
        // What has not three parts is no JSON Web Token, and may be one of ours.
        let header = decode_header(text).map_err(|_| Error::UnknownToken)?;
        let validation = self.validation(header.alg);
        let mut fault = "no key that is known here fits its `alg` and `kid`";
        for key in self.candidates(&header, now).await? {
            match decode::<Value>(text, &key, &validation) {
                Ok(token) => return self.user(&token.claims, now),
                Err(error) => fault = told(error.kind()),
            }
            if fault != SIGNATURE {
                break;
            }
        }
        Err(Error::RefusedToken(fault))
    }

    /// Times are looked at by our own clock.
    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "aud", "sub"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.set_audience(&[&self.audience]);
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".into());
        }
        validation
    }

    /// Keys that a token of this header may be signed by. A secret never fits another
    /// algorithm than its own, and public keys never the secret's (RFC 8725, 3.1).
    async fn candidates(
        &self,
        header: &Header,
        now: DateTime<Utc>,
    ) -> Result<Vec<Arc<DecodingKey>>, Error> {
        match (header.alg, &self.secret, &self.keys) {
            (Algorithm::HS256, Some(secret), _) => Ok(vec![Arc::new(secret.clone())]),
            (Algorithm::RS256 | Algorithm::ES256, _, Some(keys)) => {
                keys.of(header.alg, header.kid.as_deref(), now).await
            }
            _ => Ok(Vec::new()),
        }
    }

    fn user(&self, claims: &Value, now: DateTime<Utc>) -> Result<Caller, Error> {
        let instant = |claim: &str| {
            let seconds = claims[claim].as_f64()?;
            DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
        };
        let subject = claims["sub"].as_str().filter(|subject| !subject.is_empty());
        let (Some(subject), Some(end)) = (subject, instant("exp")) else {
            return Err(Error::RefusedToken(CLAIMS));
        };
        if instant("nbf").is_some_and(|begin| now + AHEAD < begin) {
            return Err(Error::RefusedToken("it is not valid yet, by its `nbf`"));
        }
        let issuer = claims["iss"].as_str().unwrap_or_default();
        let mut id = [0; 16];
        let hash = Sha256::digest(format!("{issuer}\0{subject}"));
        id.copy_from_slice(&hash[..16]);
        let caller = Caller {
            // The same for each token of the user.
            token: Some(Builder::from_custom_bytes(id).into_uuid()),
            name: subject.chars().filter(|char| !char.is_control()).take(NAME).collect(),
            expires_at: Some(end),
            scopes: self.scopes(claims),
            preview: None,
        };
        if caller.holds(now) { Ok(caller) } else { Err(Error::EndedToken) }
    }

    fn scopes(&self, claims: &Value) -> Vec<Scope> {
        let told: Vec<&str> = match claims.pointer(&self.roles_at) {
            Some(Value::String(roles)) => roles.split_whitespace().collect(),
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        told.into_iter().filter_map(|role| self.roles.get(role)).flatten().copied().collect()
    }
}

/// What is wrong with a token. Claims are looked at only when the signature is good.
fn told(fault: &ErrorKind) -> &'static str {
    match fault {
        ErrorKind::InvalidSignature => SIGNATURE,
        ErrorKind::InvalidAudience => "its `aud` is not what --jwt-audience has",
        ErrorKind::InvalidIssuer => "its `iss` is not what --jwt-issuer has",
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) => CLAIMS,
        _ => "it cannot be read",
    }
}

/// Reads `ROLE=SCOPE+SCOPE`.
fn mapped(text: &str) -> Result<(String, Vec<Scope>), Error> {
    let unsound = || {
        let message = format!(
            "--jwt-roles has `{text}`: write ROLE=SCOPE or ROLE=SCOPE+SCOPE, parted by commas."
        );
        Error::Unavailable(message)
    };
    let (role, scopes) = text.split_once('=').ok_or_else(unsound)?;
    let names: Vec<String> = scopes.split('+').map(|name| name.trim().to_owned()).collect();
    let scopes = token::scopes(&names)
        .map_err(|error| Error::Unavailable(format!("--jwt-roles has `{text}`. {error}")))?;
    match role.trim() {
        "" => Err(unsound()),
        role => Ok((role.to_owned(), scopes)),
    }
}
