//! Canonical bytes: every value has one form, every length a bound, and what is left over is refused.

use ids::time::Timestamp;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the bytes end early")]
    EndsEarly,
    #[error("more bytes follow than belong to it")]
    BytesFollow,
    #[error("{found} is no known format")]
    UnknownFormat { found: u8 },
    #[error("they hold an invalid {0}")]
    Invalid(&'static str),
}

/// Bytes in the making.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Seven bits a byte, lowest first; the highest bit says that more follow.
    pub fn number(&mut self, number: u64) {
        let mut rest = number;
        while 0x7f < rest {
            self.bytes.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
    }

    pub fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    /// Small numbers of either sign take few bytes.
    pub fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    pub fn text(&mut self, text: &str) {
        self.length(text.len());
        self.raw(text.as_bytes());
    }

    pub fn time(&mut self, time: Timestamp) {
        self.signed(time.0);
    }

    /// A byte says whether there is a value.
    pub fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Writer, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// What is left of some bytes.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    pub fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::BytesFollow)
        }
    }

    /// The first byte, which must name this format.
    pub fn format(&mut self, known: u8) -> Result<(), DecodeError> {
        match self.byte()? {
            found if found == known => Ok(()),
            found => Err(DecodeError::UnknownFormat { found }),
        }
    }

    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.rest.split_first().ok_or(DecodeError::EndsEarly)?;
        self.rest = rest;
        Ok(*first)
    }

    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let split = self.rest.split_at_checked(length);
        let (bytes, rest) = split.ok_or(DecodeError::EndsEarly)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let bytes = self.raw(N)?;
        bytes.try_into().map_err(|_| DecodeError::EndsEarly)
    }

    pub fn number(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let placed = bits << shift;
            if placed >> shift != bits {
                return Err(DecodeError::Invalid("number"));
            }
            number |= placed;
            if byte & 0x80 == 0 {
                let is_shortest = byte != 0 || shift == 0;
                return is_shortest
                    .then_some(number)
                    .ok_or(DecodeError::Invalid("number"));
            }
        }
        Err(DecodeError::Invalid("number"))
    }

    pub fn signed(&mut self) -> Result<i64, DecodeError> {
        let zigzag = self.number()?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    /// A number that fits the type asked for.
    pub fn small<T: TryFrom<u64>>(&mut self) -> Result<T, DecodeError> {
        T::try_from(self.number()?).map_err(|_| DecodeError::Invalid("number"))
    }

    /// A count of at most `max` things, each of which takes at least one of the bytes that are left.
    pub fn length(&mut self, max: usize) -> Result<usize, DecodeError> {
        let length: usize = self.small()?;
        if max < length {
            return Err(DecodeError::Invalid("length"));
        }
        if self.rest.len() < length {
            return Err(DecodeError::EndsEarly);
        }
        Ok(length)
    }

    pub fn text(&mut self, bytes_max: usize) -> Result<&'a str, DecodeError> {
        let length = self.length(bytes_max)?;
        std::str::from_utf8(self.raw(length)?).map_err(|_| DecodeError::Invalid("text"))
    }

    pub fn time(&mut self) -> Result<Timestamp, DecodeError> {
        self.signed().map(Timestamp)
    }

    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Invalid("flag")),
        }
    }

    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.flag()? {
            read(self).map(Some)
        } else {
            Ok(None)
        }
    }

    /// A list of at most `max` things.
    pub fn list<T>(
        &mut self,
        max: usize,
        mut read: impl FnMut(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let length = self.length(max)?;
        (0..length).map(|_| read(self)).collect()
    }
}
