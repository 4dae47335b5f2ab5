//! Where webhooks may go: no private address, unless the operator allows it, so that nobody
//! reaches by this server what is behind it.

use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::sync::LazyLock;

use ipnet::IpNet;
use reqwest::Url;
use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;

use crate::error::Error;
use crate::error::Reason;

/// What is not of the public internet (IANA's special-purpose address registries).
const PRIVATE: [&str; 25] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];
/// IPv6 networks whose addresses carry one of IPv4, and at which byte.
const CARRIERS: [(&str, usize); 2] = [("64:ff9b::/96", 12), ("2002::/16", 2)];
/// What is said of an address where no webhook may go.
pub const REFUSED: &str = "the address is private: the operator can allow it by --webhook-allow";
/// So long an address of a webhook may be, in characters.
const LONGEST: usize = 2000;

/// Whether a webhook may go there.
pub fn is_allowed(address: IpAddr, allowed: &[IpNet]) -> bool {
    let address = address.to_canonical();
    allowed.iter().any(|network| network.contains(&address)) || !is_private(address)
}

fn is_private(address: IpAddr) -> bool {
    static NETWORKS: LazyLock<Vec<IpNet>> = LazyLock::new(|| networks(&PRIVATE));
    if let IpAddr::V6(address) = address
        && let Some(carried) = carried(address)
    {
        return is_private(carried);
    }
    NETWORKS.iter().any(|network| network.contains(&address))
}

/// The address of IPv4 to which a gateway would go on.
fn carried(address: Ipv6Addr) -> Option<IpAddr> {
    static CARRYING: LazyLock<Vec<IpNet>> =
        LazyLock::new(|| networks(&CARRIERS.map(|(network, _)| network)));
    let which = CARRYING.iter().position(|network| network.contains(&IpAddr::V6(address)))?;
    let (_, at) = CARRIERS.get(which)?;
    let bytes: [u8; 4] = address.octets().get(*at..at + 4)?.try_into().ok()?;
    Some(IpAddr::from(bytes))
}

fn networks(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Resolves names to addresses where a webhook may go.
pub struct Resolver(pub Vec<IpNet>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<_> =
                found.filter(|address| is_allowed(address.ip(), &allowed)).collect();
            match found.is_empty() {
                true => Err(REFUSED.into()),
                false => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

/// The address that a host is by itself, without being resolved.
pub fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// Checks an address that somebody wants to be told at.
pub async fn check(text: &str, allowed: &[IpNet]) -> Result<(), Error> {
    let refuse = |message: String| Err(Error::invalid("url", Reason::Invalid, message));
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
    let Some(url) = url.filter(|_| text.chars().count() <= LONGEST && !text.contains('\0')) else {
        let message = "`url` must be an address of the web, https://…, without a user name and \
                       of at most 2,000 characters.";
        return refuse(message.into());
    };
    let addresses = match (literal(&url), url.host_str()) {
        (Some(address), _) => vec![address],
        (None, Some(host)) => match tokio::net::lookup_host((host, 0)).await {
            Ok(found) => found.map(|address| address.ip()).collect(),
            // It may be known later; whatever it is then is looked at again.
            Err(_) => Vec::new(),
        },
        (None, None) => Vec::new(),
    };
    if !addresses.is_empty() && !addresses.iter().any(|address| is_allowed(*address, allowed)) {
        return refuse(format!("`url` cannot be told: {REFUSED}."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_networks_of_the_lists_are_sound() {
        assert_eq!(networks(&PRIVATE).len(), PRIVATE.len());
        assert_eq!(networks(&CARRIERS.map(|(network, _)| network)).len(), CARRIERS.len());
    }

    #[test]
    fn private_addresses_are_refused_in_every_guise_unless_they_are_allowed() {
        let none: &[IpNet] = &[];
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::808:808",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001:db8::1",
        ] {
            assert!(!is_allowed(private.parse().unwrap(), none), "{private}");
        }
        for public in
            ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::"]
        {
            assert!(is_allowed(public.parse().unwrap(), none), "{public}");
        }
        let allowed = ["127.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        for address in ["127.0.0.1", "::ffff:127.0.0.1", "fd12::1"] {
            assert!(is_allowed(address.parse().unwrap(), &allowed), "{address}");
        }
        assert!(!is_allowed("10.0.0.1".parse().unwrap(), &allowed));
    }

    #[test]
    fn an_address_is_known_however_it_is_written() {
        for text in ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"]
        {
            let url = Url::parse(text).unwrap();
            assert_eq!(literal(&url), Some("127.0.0.1".parse().unwrap()), "{text}");
        }
        let url = Url::parse("http://[::ffff:10.0.0.1]:8080/").unwrap();
        assert!(!is_allowed(literal(&url).unwrap(), &[]));
    }
}
