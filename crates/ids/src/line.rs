//! A short text that is put together in place: identifiers are written for every answer.

use std::fmt;

/// At most `N` bytes of text.
pub(crate) struct Line<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Line<N> {
    pub fn new() -> Line<N> {
        Line {
            bytes: [0; N],
            length: 0,
        }
    }

    /// # Panics
    ///
    /// If the text exceeds `N` bytes.
    pub fn push(mut self, text: &str) -> Line<N> {
        let end = self.length + text.len();
        self.bytes[self.length..end].copy_from_slice(text.as_bytes());
        self.length = end;
        self
    }

    /// Writes the number with `width` digits, which must hold it.
    pub fn push_number(mut self, number: u64, width: usize) -> Line<N> {
        let mut rest = number;
        for place in (self.length..self.length + width).rev() {
            self.bytes[place] = b'0' + u8::try_from(rest % 10).expect("a digit is below ten");
            rest /= 10;
        }
        debug_assert_eq!(rest, 0);
        self.length += width;
        self
    }

    pub fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = std::str::from_utf8(&self.bytes[..self.length]);
        f.write_str(text.expect("whole texts make a text"))
    }
}
