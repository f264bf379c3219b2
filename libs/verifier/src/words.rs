//! What the opened groups of an entry say, in words. One table serves the command and the pages.

mod currencies;
pub(crate) mod spelling;
mod table;
mod value;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::leaf::Opening;
use crate::reading::{take, take_hash, take_number};
use spelling::hexadecimal;
use table::{ACCOUNTS, FIELDS, GROUPS};
use value::Reader;

const PLAIN: u64 = 1;
const DIGESTED: u64 = 2;

/// An opened group in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub number: u8,
    pub name: Cow<'static, str>,
    pub says: Says,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    Fields(Vec<Field>),
    /// The group is too long to be shown, and this digest of it is what the leaf commits to.
    Digest(String),
    /// These are no fields. The leaf commits to the bytes all the same.
    Unreadable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub tag: u8,
    pub name: Cow<'static, str>,
    pub value: String,
}

/// The groups in their order: an amount is of the currency that stands before it.
pub fn read(openings: &[Opening]) -> Vec<Group> {
    let mut reader = Reader::default();
    let read = |opening: &Opening| Group {
        number: opening.group,
        name: name_of_group(opening.group),
        says: says(&mut reader, &opening.content).unwrap_or(Says::Unreadable),
    };
    openings.iter().map(read).collect()
}

/// The name of a group, by its number.
pub fn name_of_group(number: u8) -> Cow<'static, str> {
    match GROUPS.get(usize::from(number)) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("group {number}")),
    }
}

/// An amount of minor units of the currency with this number of ISO 4217.
pub fn amount(minor: i64, currency: u16) -> String {
    spelling::amount(minor, Some(currency))
}

/// The accounts of the issuer's books, by the codes that postings name.
pub fn accounts() -> [(u16, &'static str); 8] {
    ACCOUNTS
}

fn says(reader: &mut Reader, content: &[u8]) -> Option<Says> {
    let mut rest = content;
    match take_number::<1>(&mut rest)? {
        PLAIN => fields(reader, rest).map(Says::Fields),
        DIGESTED => {
            let digest = take_hash(&mut rest)?;
            rest.is_empty()
                .then(|| Says::Digest(hexadecimal(&digest.0)))
        }
        _ => None,
    }
}

fn fields(reader: &mut Reader, mut rest: &[u8]) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let tag = u8::try_from(take_number::<1>(&mut rest)?).ok()?;
        let length = usize::try_from(take_number::<4>(&mut rest)?).ok()?;
        let value = take(&mut rest, length)?;
        fields.push(field(reader, tag, value));
    }
    Some(fields)
}

/// A field of a later version is shown by its tag and its bytes; so is a value that this version cannot read.
fn field(reader: &mut Reader, tag: u8, value: &[u8]) -> Field {
    let row = FIELDS.iter().find(|(known, ..)| *known == tag);
    let (name, words) = match row {
        Some((_, name, parts)) => (Cow::Borrowed(*name), reader.read(parts, value)),
        None => (Cow::Owned(format!("field {tag}")), None),
    };
    let value = words.unwrap_or_else(|| format!("0x{}", hexadecimal(value)));
    Field { tag, name, value }
}

#[cfg(test)]
mod tests;
