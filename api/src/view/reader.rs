//! Who reads: what makes a visitor, without keeping who it is.

use std::net::IpAddr;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use uuid::Uuid;

use super::class::Class;
use super::event::Event;
use super::robot;

/// The sender of a request, as far as counting asks.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// The address; unknown behind a proxy that nobody vouches for.
    pub address: Option<IpAddr>,
    /// The `User-Agent`.
    pub agent: String,
    /// Why none of the request's events is a view.
    pub excluded: Option<Class>,
    /// Asks not to be followed (`Sec-GPC`, `DNT`): counts without a visitor.
    pub nameless: bool,
    /// Has a token.
    pub has_token: bool,
    /// Has a token with the scope `count`: tells who reads.
    pub trusted: bool,
}

/// One visitor's marks, before they are hashed; gone with the request.
pub struct Identity {
    /// What makes this visitor another one than the next.
    name: Option<Vec<u8>>,
    /// The first three bytes of an IPv4 address, eight of an IPv6 one.
    network: Option<Vec<u8>>,
    /// Why this is no view.
    pub excluded: Option<Class>,
}

/// Whose event it is. `told` is the address that a trusted front end tells.
pub fn identity(reader: &Reader, event: &Event, told: Option<IpAddr>) -> Identity {
    // A trusted front end's own address and name are not its reader's.
    let (address, agent) = match (reader.trusted, &event.reader) {
        (true, about) => (told, about.as_ref().and_then(|about| about.user_agent.as_deref())),
        (false, _) => (reader.address, Some(&*reader.agent)),
    };
    let robot = agent.is_some_and(robot::is_robot);
    let address = address.map(|address| address.to_canonical());
    let name = match (&event.visitor_id, address) {
        _ if reader.nameless => None,
        (Some(id), _) => Some([b"id ", id.as_bytes()].concat()),
        (None, Some(address)) => {
            let agent = agent.unwrap_or_default().as_bytes();
            Some([b"ip ", &*household(address), b" ", agent].concat())
        }
        (None, None) => None,
    };
    Identity {
        name,
        network: address.map(network),
        excluded: reader.excluded.or(robot.then_some(Class::Bot)),
    }
}

/// An IPv6 household has a /64 of addresses.
fn household(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

fn network(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets()[..3].to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

impl Identity {
    /// The visitor of a day, by that day's salt.
    pub fn visitor(&self, salt: &[u8]) -> Option<u64> {
        let hash = keyed(salt, &[b"visitor", self.name.as_ref()?]);
        Some(hash.as_u64_pair().0)
    }

    /// The visit to an article in a window, by the salt of the day of its start.
    pub fn visit(&self, salt: &[u8], article: Uuid, window: i64) -> Option<Uuid> {
        let place = [&article.into_bytes()[..], &window.to_be_bytes()].concat();
        Some(keyed(salt, &[b"visit", &place, self.name.as_ref()?]))
    }

    /// The network's visits to an article in a window.
    pub fn network(&self, salt: &[u8], article: Uuid, window: i64) -> Option<Uuid> {
        let place = [&article.into_bytes()[..], &window.to_be_bytes()].concat();
        Some(keyed(salt, &[b"network", &place, self.network.as_ref()?]))
    }
}

/// HMAC-SHA256 (RFC 2104), the first half of it.
fn keyed(salt: &[u8], parts: &[&[u8]]) -> Uuid {
    // A key of any length is taken.
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(salt) else { return Uuid::nil() };
    for part in parts {
        hmac.update(part);
    }
    let hash = hmac.finalize().into_bytes();
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(key)
}
