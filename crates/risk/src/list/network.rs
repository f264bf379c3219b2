//! Addresses and networks of both families.

use crate::bytes::{DecodeError, Reader, Writer};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// An address, or all addresses that begin as it does.
///
/// An IPv4 address is kept as the IPv6 address that stands for it (RFC 4291, section 2.5.5.2), so that an address that
/// arrives in either form is on the same lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    bits: u128,
    length: u8,
}

/// Why a text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    #[error(
        "write an address such as 192.0.2.7, or a network such as 192.0.2.0/24 or 2001:db8::/32"
    )]
    Form,
    #[error("the address has bits behind the network's length; write {0}")]
    BitsBehind(Network),
}

const BITS: u8 = 128;
const BITS_BEFORE_IPV4: u8 = 96;

impl Network {
    /// # Errors
    /// The text is neither an address nor a network.
    pub fn parse(text: &str) -> Result<Network, InvalidNetwork> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork::Form)?;
        let (bits, before) = match address {
            IpAddr::V4(address) => (address.to_ipv6_mapped().to_bits(), BITS_BEFORE_IPV4),
            IpAddr::V6(address) => (address.to_bits(), 0),
        };
        let length = match length {
            None => BITS,
            Some(length) => before + parse_length(length, BITS - before)?,
        };
        let network = Network {
            bits: bits & mask(length),
            length,
        };
        if network.bits == bits {
            Ok(network)
        } else {
            Err(InvalidNetwork::BitsBehind(network))
        }
    }

    /// Bits that all its addresses share, counted in IPv6.
    pub(super) fn length(self) -> u8 {
        self.length
    }

    /// The network of this length that holds all of it; none if it is wider itself.
    pub(super) fn widened(self, length: u8) -> Option<Network> {
        (length <= self.length).then_some(Network {
            bits: self.bits & mask(length),
            length,
        })
    }

    pub(super) fn write(self, out: &mut Writer) {
        out.raw(&self.bits.to_be_bytes());
        out.byte(self.length);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Network, DecodeError> {
        let bits = u128::from_be_bytes(reader.array()?);
        let length = reader.byte()?;
        if BITS < length || bits & mask(length) != bits {
            return Err(DecodeError::Invalid("network"));
        }
        Ok(Network { bits, length })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from_bits(self.bits);
        let (address, before) = match address.to_ipv4_mapped() {
            Some(address) if BITS_BEFORE_IPV4 <= self.length => {
                (IpAddr::V4(address), BITS_BEFORE_IPV4)
            }
            _ => (IpAddr::V6(address), 0),
        };
        match self.length {
            BITS => write!(formatter, "{address}"),
            length => write!(formatter, "{address}/{}", length - before),
        }
    }
}

fn parse_length(text: &str, max: u8) -> Result<u8, InvalidNetwork> {
    let is_plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    let length = text
        .parse()
        .ok()
        .filter(|length| is_plain && *length <= max);
    length.ok_or(InvalidNetwork::Form)
}

fn mask(length: u8) -> u128 {
    match u32::from(BITS - length) {
        128 => 0,
        behind => u128::MAX << behind,
    }
}
