//! The address a request comes from, as far as it can be believed.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::HeaderMap;
use http::request::Parts;

/// The address that limits count against. Absent only when the server was started without connection addresses, as in
/// tests that call the router directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub Option<IpAddr>);

/// The networks whose `X-Forwarded-For` is believed. Empty by default: the header is then ignored.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Arc<[Network]>,
}

/// An address range such as `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// Why a text is not a [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("the part before the slash is not an IP address")]
    Address,
    #[error("the prefix length is not a number from 0 to {bits_max}")]
    Prefix { bits_max: u8 },
}

impl ClientAddress {
    /// Finds the address of a request: its handlers find it in its extensions.
    pub fn identify(request: &mut Request, proxies: &TrustedProxies) {
        let peer = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip());
        let client = peer.map(|peer| proxies.client(peer, request.headers()));
        request.extensions_mut().insert(Self(client));
    }
}

impl TrustedProxies {
    pub fn new(networks: Vec<Network>) -> Self {
        Self {
            networks: networks.into(),
        }
    }

    /// Walks `X-Forwarded-For` from the right, past our own proxies, to the first address that none of them vouches for.
    /// Everything left of it was written by strangers. An unreadable element ends the walk at the proxy that sent it.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let forwarded = headers.get_all("x-forwarded-for").iter().rev();
        let elements = forwarded.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for element in elements {
            if !self.contains(client) {
                break;
            }
            match parse_forwarded(element.trim()) {
                Some(address) => client = address.to_canonical(),
                None => break,
            }
        }
        client
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(address))
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix_bits);
                u64::from(network.to_bits()) >> shift == u64::from(address.to_bits()) >> shift
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix_bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Address)?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix
                .parse()
                .map_err(|_| NetworkError::Prefix { bits_max })?,
            None => bits_max,
        };
        if bits_max < prefix_bits {
            return Err(NetworkError::Prefix { bits_max });
        }
        Ok(Self {
            address,
            prefix_bits,
        })
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(None)))
    }
}

/// Some proxies write a port: `192.0.2.1:4711` or `[2001:db8::1]:4711`.
fn parse_forwarded(element: &str) -> Option<IpAddr> {
    let address = element.parse::<IpAddr>().ok();
    address.or_else(|| {
        element
            .parse::<SocketAddr>()
            .ok()
            .map(|address| address.ip())
    })
}

#[cfg(test)]
mod tests;
