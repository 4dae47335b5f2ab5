//! Who reads, from the headers of a request and the address it came from.

use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use ipnet::IpNet;

use super::class::Class;
use super::reader::Reader;
use crate::auth::Caller;
use crate::auth::Scope;
use crate::auth::http_address;

/// The sender of this request.
pub fn reader(
    headers: &HeaderMap,
    extensions: &Extensions,
    trusted_proxies: &[IpNet],
    caller: &Caller,
) -> Reader {
    let peer = http_address::peer(extensions);
    let trusted = caller.has(Scope::Count);
    let staff = caller.is_staff() && !trusted;
    let prefetch = is_prefetch(headers).then_some(Class::Prefetch);
    Reader {
        address: peer.and_then(|peer| http_address::client(headers, peer, trusted_proxies)),
        // Apps put their Chinese names there, as UTF-8 or whatever.
        agent: headers.get(USER_AGENT).map_or_else(String::new, |agent| {
            String::from_utf8_lossy(agent.as_bytes()).into_owned()
        }),
        excluded: if staff { Some(Class::Staff) } else { prefetch },
        nameless: ["sec-gpc", "dnt"].iter().any(|name| text(headers, name) == Some("1")),
        has_token: caller.token.is_some(),
        trusted,
    }
}

/// `Sec-Purpose: prefetch`, with or without `;prerender`, and what came before it.
fn is_prefetch(headers: &HeaderMap) -> bool {
    let starts = |name, start| {
        text(headers, name).is_some_and(|value| value.to_ascii_lowercase().starts_with(start))
    };
    starts("sec-purpose", "prefetch")
        || starts("purpose", "prefetch")
        || starts("x-purpose", "preview")
        || starts("x-moz", "prefetch")
        || headers.contains_key("next-router-prefetch")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
