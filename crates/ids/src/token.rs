//! The part of an object's identifier that tells it from its siblings.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// The longest token, in characters: what a `Correlation-ID` may hold.
pub const TOKEN_LENGTH_MAX: usize = 41;

/// 1 to 41 characters of `[A-Za-z0-9_-]`: 32 random ones, or the shop's `Correlation-ID`.
#[derive(Clone, Copy)]
pub struct Token {
    length: u8,
    bytes: [u8; TOKEN_LENGTH_MAX],
}

/// The text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("1 to {TOKEN_LENGTH_MAX} characters of A-Z, a-z, 0-9, - and _ are allowed")]
pub struct InvalidToken;

impl Token {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("a token holds ASCII alone")
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Token, InvalidToken> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || TOKEN_LENGTH_MAX < text.len() || !text.bytes().all(allowed) {
            return Err(InvalidToken);
        }
        let mut bytes = [0; TOKEN_LENGTH_MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        let length = u8::try_from(text.len()).map_err(|_| InvalidToken)?;
        Ok(Token { length, bytes })
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Token) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Token {}

impl PartialOrd for Token {
    fn partial_cmp(&self, other: &Token) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Token {
    fn cmp(&self, other: &Token) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
