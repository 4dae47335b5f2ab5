//! How often somebody may ask.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::DefaultKeyedRateLimiter;
use governor::Quota;
use governor::clock::Clock;
use governor::clock::DefaultClock;
use ipnet::IpNet;
use uuid::Uuid;

use crate::config::Config;

/// What an owner of IPv6 addresses has at least.
const IPV6_NETWORK: u8 = 64;

/// What each client and each token has left, in memory: as they come, requests of a minute
/// may be all at once.
pub struct Rates {
    clients: Option<DefaultKeyedRateLimiter<IpNet>>,
    tokens: Option<DefaultKeyedRateLimiter<Uuid>>,
}

impl Rates {
    /// As the settings have it.
    pub fn new(config: &Config) -> Self {
        Self { clients: limiter(config.rate_limit), tokens: limiter(config.rate_limit_token) }
    }

    /// Takes one request from what a client has, or says how long it has to wait.
    pub fn client(&self, address: IpAddr) -> Result<(), Duration> {
        let width = if address.is_ipv4() { 32 } else { IPV6_NETWORK };
        let network = IpNet::new(address, width).map_or(address.into(), |network| network.trunc());
        take(self.clients.as_ref(), &network)
    }

    /// The same of a token.
    pub fn token(&self, token: Uuid) -> Result<(), Duration> {
        take(self.tokens.as_ref(), &token)
    }

    /// Forgets those who have all of theirs again.
    pub fn forget(&self) {
        forget(self.clients.as_ref());
        forget(self.tokens.as_ref());
    }
}

fn limiter<K: Clone + Eq + Hash>(per_minute: u32) -> Option<DefaultKeyedRateLimiter<K>> {
    let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
    Some(DefaultKeyedRateLimiter::keyed(quota))
}

fn take<K: Clone + Eq + Hash>(
    limiter: Option<&DefaultKeyedRateLimiter<K>>,
    key: &K,
) -> Result<(), Duration> {
    let taken = limiter.map_or(Ok(()), |limiter| limiter.check_key(key));
    taken.map_err(|not_yet| not_yet.wait_time_from(DefaultClock::default().now()))
}

fn forget<K: Clone + Eq + Hash>(limiter: Option<&DefaultKeyedRateLimiter<K>>) {
    if let Some(limiter) = limiter {
        limiter.retain_recent();
        limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_all_again_takes_no_memory() {
        let limiter = limiter(60_000);
        for number in 0..100_u32 {
            assert_eq!(take(limiter.as_ref(), &number), Ok(()));
        }
        let limiter = limiter.unwrap();
        // Each has it again within a thousandth of a second.
        while !limiter.is_empty() {
            forget(Some(&limiter));
        }
    }
}
