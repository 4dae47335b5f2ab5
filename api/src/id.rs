//! Opaque global ids: base64url of the type's name, a colon and the key.
//! GraphQL Global Object Identification Specification.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::error::Error;
use crate::error::Reason;

/// The global id of an object.
pub fn encode(kind: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}:{key}"))
}

/// The type and key of a global id, if it is one.
pub fn decode(id: &str) -> Option<(String, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let (kind, key) = text.split_once(':')?;
    Some((kind.to_owned(), key.to_owned()))
}

/// The UUID behind an id of that type. The bare UUID, as exports have it, will
/// do as well.
pub fn uuid(kind: &str, id: &str, field: &str) -> Result<Uuid, Error> {
    let of_kind = decode(id).filter(|(found, _)| found == kind).map(|(_, key)| key);
    let uuid = Uuid::try_parse(of_kind.as_deref().unwrap_or(id));
    uuid.map_err(|_| {
        let message = format!("`{field}` is not the id of {kind}: pass one that the API gave you.");
        Error::invalid(field, Reason::Invalid, message)
    })
}
