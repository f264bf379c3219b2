//! Which targets a merchant may name: public ones, unless the operator allows others.
//!
//! Without this a merchant could make the platform call machines that only the platform can reach. The host in the URL
//! is checked here; a name is resolved by [`CheckedResolver`], which hands the client the addresses that passed and no
//! other, so that a name cannot change its address between the check and the connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

#[cfg(test)]
mod tests;

/// The longest URL that is taken, in bytes.
pub const URL_LENGTH_MAX: usize = 2_048;

/// Where messages may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetPolicy {
    /// To addresses of the public Internet, by https.
    PublicOnly,
    /// Anywhere, by http too: for development, and for merchants on the operator's own network.
    PrivateAllowed,
}

/// Why a message is not sent to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefusal {
    #[error("the address is not a URL with a host")]
    NotAUrl,
    #[error("the URL is longer than {URL_LENGTH_MAX} bytes")]
    TooLong,
    #[error("the URL must begin with https://")]
    NotHttps,
    #[error(
        "the address is on a private or reserved network, where this platform does not send messages"
    )]
    NotPublic,
}

/// Resolves names with the operating system and keeps the addresses that the policy allows.
pub struct CheckedResolver(pub TargetPolicy);

/// The target that a text names, if messages may go there. A name is judged when it is resolved.
pub fn parse_target(text: &str, policy: TargetPolicy) -> Result<Url, TargetRefusal> {
    if URL_LENGTH_MAX < text.len() {
        return Err(TargetRefusal::TooLong);
    }
    let url = Url::parse(text).map_err(|_| TargetRefusal::NotAUrl)?;
    let host = url.host().ok_or(TargetRefusal::NotAUrl)?;
    match (url.scheme(), policy) {
        ("https", _) | ("http", TargetPolicy::PrivateAllowed) => {}
        _ => return Err(TargetRefusal::NotHttps),
    }
    let literal = match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    };
    match literal {
        Some(address) if !is_allowed(address, policy) => Err(TargetRefusal::NotPublic),
        Some(_) | None => Ok(url),
    }
}

/// Whether an address belongs to the public Internet, so that anybody could reach it without us.
///
/// After the registries of special-purpose addresses of IANA (RFC 6890 and its updates). Addresses that carry another
/// one inside (mapped, translated, 6to4, Teredo) are never public: what they lead to depends on the network.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !RESERVED_V4
            .iter()
            .any(|(network, bits)| contains_v4(*network, *bits, address)),
        IpAddr::V6(address) => {
            contains_v6(GLOBAL_UNICAST.0, GLOBAL_UNICAST.1, address)
                && !RESERVED_V6
                    .iter()
                    .any(|(network, bits)| contains_v6(*network, *bits, address))
        }
    }
}

/// The addresses that may be connected to; an error if a name has none.
pub fn allowed(
    addresses: impl Iterator<Item = SocketAddr>,
    policy: TargetPolicy,
) -> Result<Vec<SocketAddr>, TargetRefusal> {
    let (kept, refused): (Vec<_>, Vec<_>) =
        addresses.partition(|address| is_allowed(address.ip(), policy));
    if kept.is_empty() && !refused.is_empty() {
        return Err(TargetRefusal::NotPublic);
    }
    Ok(kept)
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Addrs = Box::new(allowed(found, policy)?.into_iter());
            Ok(addresses)
        })
    }
}

fn is_allowed(address: IpAddr, policy: TargetPolicy) -> bool {
    match policy {
        TargetPolicy::PublicOnly => is_public(address),
        TargetPolicy::PrivateAllowed => true,
    }
}

const RESERVED_V4: [(Ipv4Addr, u32); 16] = [
    // This network, RFC 791.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private, RFC 1918.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Carrier-grade NAT, RFC 6598.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback, RFC 1122.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local, RFC 3927; the metadata services of clouds live here.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocol assignments, RFC 6890.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation, RFC 5737.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // 6to4 relays, RFC 7526.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Benchmarks, RFC 2544.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast, RFC 5771.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved and broadcast, RFC 1112.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // Automatic multicast tunnels, RFC 7450: an anycast address of the local network.
    (Ipv4Addr::new(192, 52, 193, 0), 24),
];

/// Everything outside it is loopback, unspecified, mapped, translated, unique local, link-local or multicast.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

const RESERVED_V6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments with Teredo, benchmarks and ORCHID, RFC 2928.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation, RFC 3849 and RFC 9637.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, RFC 3056.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// `bits` is 1 to 32.
fn contains_v4(network: Ipv4Addr, bits: u32, address: Ipv4Addr) -> bool {
    let differing = network.to_bits() ^ address.to_bits();
    differing >> (u32::BITS - bits) == 0
}

/// `bits` is 1 to 128.
fn contains_v6(network: Ipv6Addr, bits: u32, address: Ipv6Addr) -> bool {
    let differing = network.to_bits() ^ address.to_bits();
    differing >> (u128::BITS - bits) == 0
}
