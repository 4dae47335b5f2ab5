//! Where a request comes from: the client's address, through proxies.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use axum::extract::ConnectInfo;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::header;
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What proxies add.
const PROXIES: [HeaderName; 3] =
    [FORWARDED_FOR, header::FORWARDED, HeaderName::from_static("x-real-ip")];

/// The address that the connection comes from.
pub fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical())
}

/// The address of the client: the last one in the chain of forwarders that is
/// none of the trusted proxies. Unknown if a proxy that nobody vouches for stands
/// in between.
pub fn client(headers: &HeaderMap, peer: IpAddr, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        if is_private(peer) && PROXIES.iter().any(|name| headers.contains_key(name)) {
            warn(peer);
            return None;
        }
        // Anybody may send these headers; the peer's address is a fact.
        return Some(peer);
    }
    let chain = headers.get_all(&FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
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
             visitor, and its readers have one rate limit together; pass its address with \
             --trusted-proxies"
        );
    }
}
