//! The chain's words: addresses, 32 bytes, numbers in hexadecimal (Ethereum JSON-RPC, "Hex encoding").

use std::fmt;
use std::str::FromStr;

use sha3::{Digest, Keccak256};
use thiserror::Error;

/// An account or a contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 20]);

/// A hash, a root or a word of a contract's data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub [u8; 32]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WordError {
    #[error("an address is 0x and 40 hexadecimal digits")]
    Address,
    #[error("a hash is 0x and 64 hexadecimal digits")]
    Word,
    #[error(
        "the capitals of the address are not those of its digits (EIP-55): one of them was mistyped"
    )]
    Checksum,
}

impl Address {
    /// The account of an uncompressed public key: x and y of the point, 32 bytes each.
    pub fn of_public_key(point: &[u8; 64]) -> Address {
        let Word(digest) = keccak(point);
        Address(digest[12..].try_into().expect("20 of 32 bytes"))
    }
}

impl Word {
    /// A number, right-aligned.
    pub fn of_number(number: u64) -> Word {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&number.to_be_bytes());
        Word(bytes)
    }

    /// An address, right-aligned.
    pub fn of_address(address: Address) -> Word {
        let mut bytes = [0; 32];
        bytes[12..].copy_from_slice(&address.0);
        Word(bytes)
    }

    /// The number in it; none beyond 64 bits.
    pub fn number(self) -> Option<u64> {
        let (high, low) = self.0.split_at(24);
        let is_small = high.iter().all(|byte| *byte == 0);
        is_small.then(|| u64::from_be_bytes(low.try_into().expect("eight bytes")))
    }
}

pub fn keccak(bytes: &[u8]) -> Word {
    Word(Keccak256::digest(bytes).into())
}

/// Digits as EIP-55 spells them.
fn spelled(address: &Address) -> String {
    let digits = hex::encode(address.0);
    let Word(digest) = keccak(digits.as_bytes());
    let is_capital = |place: usize| 8 <= digest[place / 2] >> (4 * (1 - place % 2)) & 15;
    let capital = |(place, digit): (usize, char)| match is_capital(place) {
        true => digit.to_ascii_uppercase(),
        false => digit,
    };
    digits.chars().enumerate().map(capital).collect()
}

impl FromStr for Address {
    type Err = WordError;

    /// All small, all capital, or as EIP-55 spells it.
    fn from_str(text: &str) -> Result<Address, WordError> {
        let digits = text.strip_prefix("0x").ok_or(WordError::Address)?;
        let mut bytes = [0; 20];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| WordError::Address)?;
        let address = Address(bytes);
        let letters = || digits.chars().filter(char::is_ascii_alphabetic);
        let is_plain = letters().all(|letter| letter.is_ascii_lowercase())
            || letters().all(|letter| letter.is_ascii_uppercase());
        match is_plain || digits == spelled(&address) {
            true => Ok(address),
            false => Err(WordError::Checksum),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", spelled(self))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Word {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Word, WordError> {
        let digits = text.strip_prefix("0x").ok_or(WordError::Word)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| WordError::Word)?;
        Ok(Word(bytes))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A number as the protocol spells it: 0x and hexadecimal digits without zeros in front.
pub fn quantity(number: u128) -> String {
    format!("{number:#x}")
}

pub fn parse_quantity(text: &str) -> Option<u128> {
    let digits = text.strip_prefix("0x")?;
    let is_signed = digits.starts_with('+');
    if is_signed {
        return None;
    }
    u128::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests;
