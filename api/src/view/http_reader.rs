//! Who reads, from the headers of a request and the address it came from.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use ipnet::IpNet;

use super::class::Class;
use super::reader::Reader;
use crate::auth::Caller;
use crate::auth::Scope;

/// The sender of this request.
pub fn reader(
    headers: &HeaderMap,
    extensions: &Extensions,
    trusted_proxies: &[IpNet],
    caller: &Caller,
) -> Reader {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
    let trusted = caller.has(Scope::Count);
    let staff = caller.has(Scope::ReadDrafts) && !trusted;
    let prefetch = is_prefetch(headers).then_some(Class::Prefetch);
    Reader {
        address: peer.and_then(|peer| address(headers, peer, trusted_proxies)),
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

/// The address of the client: the last one in the chain of forwarders that is
/// none of the trusted proxies. Unknown if a proxy that nobody vouches for stands
/// in between.
fn address(headers: &HeaderMap, peer: IpAddr, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        let forwarded = ["x-forwarded-for", "forwarded", "x-real-ip"];
        if is_private(peer) && forwarded.iter().any(|name| headers.contains_key(*name)) {
            warn(peer);
            return None;
        }
        // Anybody may send these headers; the peer's address is a fact.
        return Some(peer);
    }
    let chain = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let mut chain: Vec<&str> = chain.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut client = peer;
    while let Some(before) = chain.pop() {
        client = forwarder(before)?;
        if !is_trusted(&client) {
            break;
        }
    }
    Some(client)
}

/// An address of the chain, with or without a port.
fn forwarder(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private() || address.is_loopback() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

fn warn(peer: IpAddr) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            %peer,
            "a proxy forwards requests, but is not configured: views through it count without a \
             visitor; pass its address with --trusted-proxies"
        );
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
