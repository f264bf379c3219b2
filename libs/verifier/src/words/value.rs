//! Values of fields: what they are made of, and how each part reads.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::currencies::currency;
use super::spelling::{amount, hexadecimal, span, time};
use super::table::ACCOUNTS;
use crate::reading::{take, take_number};

/// A part of a value. The text in it stands in front of what it says.
#[derive(Clone, Copy)]
pub enum Part {
    /// A byte that says which, and what follows it then.
    Case(&'static [(&'static str, &'static [Part])]),
    /// Milliseconds since 1970, in eight bytes with a sign.
    Time(&'static str),
    /// Milliseconds, likewise.
    Span(&'static str),
    /// Minor units, likewise, of the currency that the entry named last.
    Minor(&'static str),
    /// Minor units and their currency.
    MinorOf,
    /// Eight bytes with a sign that are a number.
    Bare(&'static str),
    /// A number of so many bytes.
    Number(&'static str, usize),
    Currency(&'static str),
    /// Two letters.
    Country(&'static str),
    /// SHA-256.
    Digest(&'static str),
    Bytes(usize),
    /// Hundredths of a degree, two bytes with a sign.
    Degrees(&'static str),
    /// All that follows.
    Text,
    /// All that follows: letters, digits and signs.
    Token,
    /// A payment or refund: merchant, currency, token.
    Object,
    /// Four bytes or sixteen.
    Address,
    /// Account, owner, currency and amount; debit is positive.
    Posting,
}

/// Reads values, and remembers the currency that was named last.
#[derive(Default)]
pub struct Reader {
    currency: Option<u16>,
}

impl Reader {
    /// The parts in words; nothing if the value is not made of them. One that ends between two parts has no more of them.
    pub fn read(&mut self, parts: &[Part], value: &[u8]) -> Option<String> {
        let mut rest = value;
        let mut words = Vec::new();
        self.read_parts(parts, &mut rest, &mut words)?;
        rest.is_empty().then(|| words.join(", "))
    }

    fn read_parts(
        &mut self,
        parts: &[Part],
        rest: &mut &[u8],
        words: &mut Vec<String>,
    ) -> Option<()> {
        for (number, part) in parts.iter().enumerate() {
            if 0 < number && rest.is_empty() {
                break;
            }
            match part {
                Part::Case(cases) => {
                    let (word, parts) = cases.get(usize::from(take_byte(rest)?))?;
                    if !word.is_empty() {
                        words.push(word.to_string());
                    }
                    if !parts.is_empty() {
                        self.read_parts(parts, rest, words)?;
                    }
                }
                part => words.push(self.read_part(*part, rest)?),
            }
        }
        Some(())
    }

    fn read_part(&mut self, part: Part, rest: &mut &[u8]) -> Option<String> {
        Some(match part {
            Part::Case(_) => return None,
            Part::Time(before) => behind(before, &time(take_signed(rest)?)),
            Part::Span(before) => behind(before, &span(take_signed(rest)?)),
            Part::Minor(before) => behind(before, &amount(take_signed(rest)?, self.currency)),
            Part::MinorOf => {
                let minor = take_signed(rest)?;
                self.take_currency(rest)?;
                amount(minor, self.currency)
            }
            Part::Bare(before) => behind(before, &take_signed(rest)?.to_string()),
            Part::Number(before, bytes) => behind(before, &take_unsigned(rest, bytes)?.to_string()),
            Part::Currency(before) => behind(before, &self.take_currency(rest)?),
            Part::Country(before) => behind(before, str::from_utf8(take(rest, 2)?).ok()?),
            Part::Digest(before) => behind(before, &hexadecimal(take(rest, 32)?)),
            Part::Bytes(count) => hexadecimal(take(rest, count)?),
            Part::Degrees(before) => behind(before, &take_degrees(rest)?),
            Part::Text | Part::Token => plain(str::from_utf8(core::mem::take(rest)).ok()?),
            Part::Object => self.take_object(rest)?,
            Part::Address => take_address(core::mem::take(rest))?,
            Part::Posting => self.take_posting(rest)?,
        })
    }

    fn take_currency(&mut self, rest: &mut &[u8]) -> Option<String> {
        let number = u16::try_from(take_number::<2>(rest)?).ok()?;
        self.currency = Some(number);
        Some(currency(number).map_or_else(
            || format!("currency {number}"),
            |known| known.letters.to_string(),
        ))
    }

    /// As the platform writes such an id, but for the word in front.
    fn take_object(&mut self, rest: &mut &[u8]) -> Option<String> {
        let merchant = take_number::<4>(rest)?;
        let currency = self.take_currency(rest)?;
        let token = plain(str::from_utf8(core::mem::take(rest)).ok()?);
        Some(format!("{token} of merchant {merchant}, {currency}"))
    }

    fn take_posting(&mut self, rest: &mut &[u8]) -> Option<String> {
        let code = u16::try_from(take_number::<2>(rest)?).ok()?;
        let owner = take_number::<8>(rest)?;
        self.take_currency(rest)?;
        let minor = take_signed(rest)?;
        let side = if minor < 0 { "credit" } else { "debit" };
        let account = ACCOUNTS.iter().find(|(known, _)| *known == code);
        let account =
            account.map_or_else(|| format!("account {code}"), |(_, name)| name.to_string());
        let owner = match owner {
            0 => String::new(),
            owner => format!(" ({owner})"),
        };
        let sum = amount(minor.checked_abs()?, self.currency);
        Some(format!("{side} {sum}, {account}{owner}"))
    }
}

fn behind(before: &str, what: &str) -> String {
    if before.is_empty() {
        what.to_string()
    } else {
        format!("{before} {what}")
    }
}

/// Without what would command a terminal or turn the direction of writing: a shop chose some of these texts.
fn plain(text: &str) -> String {
    let is_hidden = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            plain.extend(character.escape_unicode());
        } else {
            plain.push(character);
        }
    }
    plain
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    take(rest, 1)?.first().copied()
}

fn take_signed(rest: &mut &[u8]) -> Option<i64> {
    Some(take_number::<8>(rest)?.cast_signed())
}

fn take_unsigned(rest: &mut &[u8], bytes: usize) -> Option<u64> {
    let taken = take(rest, bytes)?;
    Some(
        taken
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

fn take_degrees(rest: &mut &[u8]) -> Option<String> {
    let hundredths = u16::try_from(take_number::<2>(rest)?).ok()?.cast_signed();
    let sign = if hundredths < 0 { "-" } else { "" };
    let whole = hundredths.unsigned_abs();
    Some(format!("{sign}{}.{:02}\u{b0}", whole / 100, whole % 100))
}

fn take_address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(core::net::Ipv4Addr::from(four).to_string());
    }
    let sixteen: [u8; 16] = bytes.try_into().ok()?;
    Some(core::net::Ipv6Addr::from(sixteen).to_string())
}
