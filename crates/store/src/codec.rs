//! The binary form of entries and rows: compact, canonical, and refused as a whole when a byte is off.
//!
//! Numbers are little-endian base-128 (signed ones zigzag), texts and lists carry their length in front,
//! choices are one byte. A number of a choice is never reused for something else.

pub mod domain;
pub mod wire;

use accounting::entry::{Circumstances, Entry};
use accounting::fact::Fact;
use ids::command::Sequence;
use ledger::postings::{Posting, Postings};

use crate::codec::wire::{DecodeError, Reader, Record};

/// The version of this format; it stands in front of every record.
pub const FORMAT: u8 = 8;
/// The oldest format that is still read.
pub const FORMAT_OLDEST: u8 = 1;
/// All that are read. Some numbers are left out: of the present format no flipped bit makes another one.
const FORMATS: [u8; 5] = [FORMAT_OLDEST, 2, 4, 7, FORMAT];

/// The bytes of a record, with the format in front.
pub fn encode<T: Record>(record: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.push(FORMAT);
    record.write(&mut out);
    out
}

/// The record in these bytes, which must hold nothing else.
pub fn decode<T: Record>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (format, rest) = bytes.split_first().ok_or(DecodeError::EndsEarly)?;
    if !FORMATS.contains(format) {
        return Err(DecodeError::UnknownFormat { found: *format });
    }
    let mut reader = Reader::new(rest, *format);
    let record = T::read(&mut reader)?;
    reader.finish()?;
    Ok(record)
}

/// The bytes of an entry whose place in the journal is not known yet.
pub fn encode_unplaced(entry: &Entry) -> Vec<u8> {
    let mut bytes = encode(entry);
    let mut number = Vec::new();
    entry.sequence().write(&mut number);
    bytes.drain(1..=number.len());
    bytes
}

/// The entry in such bytes, at its place.
pub fn decode_placed(bytes: &[u8], sequence: Sequence) -> Result<Entry, DecodeError> {
    let (format, rest) = bytes.split_first().ok_or(DecodeError::EndsEarly)?;
    let mut whole = Vec::with_capacity(bytes.len() + 10);
    whole.push(*format);
    sequence.write(&mut whole);
    whole.extend_from_slice(rest);
    decode(&whole)
}

impl Record for Entry {
    fn write(&self, out: &mut Vec<u8>) {
        self.sequence().write(out);
        self.at().write(out);
        self.actor().write(out);
        self.idempotency().write(out);
        self.fact().write(out);
        wire::write_list(self.postings().legs(), out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Entry, DecodeError> {
        let circumstances = Circumstances {
            sequence: Record::read(reader)?,
            at: Record::read(reader)?,
            actor: Record::read(reader)?,
            idempotency: Record::read(reader)?,
        };
        let fact = Fact::read(reader)?;
        let legs: Vec<Posting> = Record::read(reader)?;
        let postings = Postings::balanced(legs).map_err(|_| DecodeError::Invalid("postings"))?;
        Entry::restore(circumstances, fact, postings).map_err(|_| DecodeError::Invalid("postings"))
    }
}
