//! Bytes of numbers, texts, lists and choices.

use std::net::IpAddr;
use std::sync::Arc;

/// Something with one binary form.
pub trait Record: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the record ends early")]
    EndsEarly,
    #[error("bytes follow the record")]
    BytesFollow,
    #[error("the record has the unknown format {found}")]
    UnknownFormat { found: u8 },
    #[error("{found} is no choice of {kind}")]
    UnknownChoice { kind: &'static str, found: u8 },
    #[error("the record holds an invalid {0}")]
    Invalid(&'static str),
}

/// The rest of a record.
pub struct Reader<'a> {
    rest: &'a [u8],
    format: u8,
}

impl<'a> Reader<'a> {
    /// The bytes behind the format's number.
    pub fn new(bytes: &'a [u8], format: u8) -> Reader<'a> {
        Reader {
            rest: bytes,
            format,
        }
    }

    /// A field that records have since a format; older ones get what it was before there was a choice.
    pub fn since<T: Record + Default>(&mut self, format: u8) -> Result<T, DecodeError> {
        if format <= self.format {
            T::read(self)
        } else {
            Ok(T::default())
        }
    }

    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.rest.split_first().ok_or(DecodeError::EndsEarly)?;
        self.rest = rest;
        Ok(*first)
    }

    pub fn bytes(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (bytes, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(DecodeError::EndsEarly)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A length that the rest can hold, each element taking at least one byte.
    pub fn length(&mut self) -> Result<usize, DecodeError> {
        let length =
            usize::try_from(u64::read(self)?).map_err(|_| DecodeError::Invalid("length"))?;
        if self.rest.len() < length {
            return Err(DecodeError::EndsEarly);
        }
        Ok(length)
    }

    pub fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::BytesFollow)
        }
    }
}

pub fn write_list<T: Record>(items: &[T], out: &mut Vec<u8>) {
    (items.len() as u64).write(out);
    items.iter().for_each(|item| item.write(out));
}

impl Record for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while 0x7f < rest {
            out.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }

    fn read(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = reader.byte()?;
            let bits = u64::from(byte & 0x7f);
            let placed = bits << shift;
            if placed >> shift != bits {
                return Err(DecodeError::Invalid("number"));
            }
            number |= placed;
            if byte & 0x80 == 0 {
                let canonical = byte != 0 || shift == 0;
                return if canonical {
                    Ok(number)
                } else {
                    Err(DecodeError::Invalid("number"))
                };
            }
        }
        Err(DecodeError::Invalid("number"))
    }
}

impl Record for i64 {
    fn write(&self, out: &mut Vec<u8>) {
        let zigzag = (self << 1) ^ (self >> 63);
        zigzag.cast_unsigned().write(out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<i64, DecodeError> {
        let zigzag = u64::read(reader)?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }
}

impl Record for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<u8, DecodeError> {
        reader.byte()
    }
}

macro_rules! narrow_number {
    ($($number:ty),*) => {
        $(impl Record for $number {
            fn write(&self, out: &mut Vec<u8>) {
                u64::from(*self).write(out);
            }

            fn read(reader: &mut Reader<'_>) -> Result<$number, DecodeError> {
                u64::read(reader)?.try_into().map_err(|_| DecodeError::Invalid("number"))
            }
        })*
    };
}

narrow_number!(u16, u32);

impl Record for String {
    fn write(&self, out: &mut Vec<u8>) {
        (self.len() as u64).write(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
        let length = reader.length()?;
        let text = std::str::from_utf8(reader.bytes(length)?);
        text.map(str::to_owned)
            .map_err(|_| DecodeError::Invalid("text"))
    }
}

impl<const N: usize> Record for [u8; N] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<[u8; N], DecodeError> {
        reader
            .bytes(N)?
            .try_into()
            .map_err(|_| DecodeError::EndsEarly)
    }
}

impl<const N: usize> Record for [i64; N] {
    fn write(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|number| number.write(out));
    }

    fn read(reader: &mut Reader<'_>) -> Result<[i64; N], DecodeError> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = i64::read(reader)?;
        }
        Ok(numbers)
    }
}

impl Record for Arc<[u8]> {
    fn write(&self, out: &mut Vec<u8>) {
        (self.len() as u64).write(out);
        out.extend_from_slice(self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Arc<[u8]>, DecodeError> {
        let length = reader.length()?;
        Ok(Arc::from(reader.bytes(length)?))
    }
}

impl<T: Record> Record for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        write_list(self, out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Vec<T>, DecodeError> {
        let length = reader.length()?;
        (0..length).map(|_| T::read(reader)).collect()
    }
}

impl<T: Record> Record for std::collections::VecDeque<T> {
    fn write(&self, out: &mut Vec<u8>) {
        (self.len() as u64).write(out);
        self.iter().for_each(|item| item.write(out));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Vec::read(reader).map(Self::from)
    }
}

impl<T: Record> Record for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        if let Some(record) = self {
            record.write(out);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Option<T>, DecodeError> {
        match reader.byte()? {
            0 => Ok(None),
            1 => T::read(reader).map(Some),
            found => Err(DecodeError::UnknownChoice {
                kind: "Option",
                found,
            }),
        }
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(reader: &mut Reader<'_>) -> Result<(A, B), DecodeError> {
        Ok((A::read(reader)?, B::read(reader)?))
    }
}

macro_rules! pointer {
    ($($pointer:ident),*) => {
        $(impl<T: Record> Record for $pointer<T> {
            fn write(&self, out: &mut Vec<u8>) {
                T::write(self, out);
            }

            fn read(reader: &mut Reader<'_>) -> Result<$pointer<T>, DecodeError> {
                T::read(reader).map($pointer::new)
            }
        })*
    };
}

pointer!(Arc, Box);

impl Record for IpAddr {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            IpAddr::V4(address) => {
                out.push(4);
                out.extend_from_slice(&address.octets());
            }
            IpAddr::V6(address) => {
                out.push(6);
                out.extend_from_slice(&address.octets());
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<IpAddr, DecodeError> {
        match reader.byte()? {
            4 => <[u8; 4]>::read(reader).map(IpAddr::from),
            6 => <[u8; 16]>::read(reader).map(IpAddr::from),
            found => Err(DecodeError::UnknownChoice {
                kind: "IpAddr",
                found,
            }),
        }
    }
}

/// The binary form of a struct: its fields in the order listed. Behind a semicolon stand the fields that it has since
/// a format.
macro_rules! record {
    ($($name:path { $($field:ident),* $(,)? $(; $format:literal => $($added:ident),*)* })*) => {
        $(impl $crate::codec::wire::Record for $name {
            fn write(&self, out: &mut Vec<u8>) {
                $($crate::codec::wire::Record::write(&self.$field, out);)*
                $($($crate::codec::wire::Record::write(&self.$added, out);)*)*
            }

            fn read(reader: &mut $crate::codec::wire::Reader<'_>) -> Result<Self, $crate::codec::wire::DecodeError> {
                $(let $field = $crate::codec::wire::Record::read(reader)?;)*
                $($(let $added = reader.since($format)?;)*)*
                Ok(Self { $($field,)* $($($added,)*)* })
            }
        })*
    };
}

/// The binary form of an enum: one byte for the choice, then its fields in the order listed. Behind a semicolon stand
/// the fields that a choice has since a format.
macro_rules! choices {
    ($($name:path { $($number:literal => $variant:ident $({ $($field:ident),* $(,)? $(; $format:literal => $($added:ident),*)* })? $(( $($place:ident),* $(,)? ))?),* $(,)? })*) => {
        $(impl $crate::codec::wire::Record for $name {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $({ $($field,)* $($($added,)*)* })? $(( $($place),* ))? => {
                        out.push($number);
                        $($($crate::codec::wire::Record::write($field, out);)*)?
                        $($($($crate::codec::wire::Record::write($added, out);)*)*)?
                        $($($crate::codec::wire::Record::write($place, out);)*)?
                    })*
                }
            }

            fn read(reader: &mut $crate::codec::wire::Reader<'_>) -> Result<Self, $crate::codec::wire::DecodeError> {
                match reader.byte()? {
                    $($number => {
                        $($(let $field = $crate::codec::wire::Record::read(reader)?;)*)?
                        $($($(let $added = reader.since($format)?;)*)*)?
                        $($(let $place = $crate::codec::wire::Record::read(reader)?;)*)?
                        Ok(Self::$variant $({ $($field,)* $($($added,)*)* })? $(( $($place),* ))?)
                    })*
                    found => Err($crate::codec::wire::DecodeError::UnknownChoice { kind: stringify!($name), found }),
                }
            }
        })*
    };
}

/// The binary form of a word that is made from, and gives, something with a binary form.
macro_rules! word {
    ($($name:ty : $form:ty = $to:expr, $from:expr;)*) => {
        $(impl $crate::codec::wire::Record for $name {
            fn write(&self, out: &mut Vec<u8>) {
                let to: fn(&$name) -> $form = $to;
                $crate::codec::wire::Record::write(&to(self), out);
            }

            fn read(reader: &mut $crate::codec::wire::Reader<'_>) -> Result<Self, $crate::codec::wire::DecodeError> {
                let from: fn($form) -> Option<$name> = $from;
                from($crate::codec::wire::Record::read(reader)?)
                    .ok_or($crate::codec::wire::DecodeError::Invalid(stringify!($name)))
            }
        })*
    };
}

pub(crate) use {choices, record, word};
