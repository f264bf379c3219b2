//! Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.

use std::fmt;

use thiserror::Error;

use crate::key::{KeyError, KeyId, KeyKind, KeyName, PublicKey, SIGNATURE_BYTES};
use crate::text;

/// Far more than a checkpoint with a hundred cosignatures has.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// U+2014 and a space.
const LINE_START: &str = "\u{2014} ";
const KEY_ID_BYTES: usize = 4;

/// What was signed, and by whom it claims to be. Nothing is believed before a key was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<SignatureLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    name: KeyName,
    id: KeyId,
    signature: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    #[error("a note has at most {NOTE_BYTES_MAX} bytes, and this one has {found}")]
    TooLong { found: usize },
    #[error("a note is UTF-8 without control characters other than the line feed")]
    NotText,
    #[error("a note is a text that ends in a line feed, an empty line, and lines of signatures")]
    Form,
    #[error("line {number} of the signatures reads not as a dash, a name and base64")]
    Line { number: usize },
    #[error("line {number} of the signatures has no name that a signer may have")]
    Name { number: usize, source: KeyError },
    #[error("there is no signature of {key}")]
    NotSigned { key: String },
    #[error("there are two signatures of {key}, and one is allowed")]
    SignedTwice { key: String },
    #[error(
        "the signature of {key} does not hold: the text was changed, or somebody else signed it"
    )]
    WrongSignature { key: String },
    #[error("{key} is not a key of the kind that signs this")]
    OtherKind { key: String },
}

impl Note {
    /// A note whose text has a line feed at the end, as the one who signs makes it.
    pub fn new(text: String, line: SignatureLine) -> Result<Self, NoteError> {
        check_text(&text)?;
        Ok(Self {
            text,
            lines: vec![line],
        })
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if NOTE_BYTES_MAX < bytes.len() {
            return Err(NoteError::TooLong { found: bytes.len() });
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        // The text may hold empty lines of its own, a line of a signature never does.
        let end = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, lines) = (&note[..end + 1], &note[end + 2..]);
        check_text(text)?;
        Ok(Self {
            text: text.to_owned(),
            lines: parse_lines(lines)?,
        })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn lines(&self) -> &[SignatureLine] {
        &self.lines
    }

    pub fn add(&mut self, line: SignatureLine) {
        self.lines.push(line);
    }

    /// The one line of this key, whether or not it holds.
    pub(crate) fn line_of(&self, key: &PublicKey) -> Result<Option<&SignatureLine>, NoteError> {
        let mut lines = self.lines.iter().filter(|line| line.is_of(key));
        match (lines.next(), lines.next()) {
            (line, None) => Ok(line),
            (_, Some(_)) => Err(NoteError::SignedTwice {
                key: key.to_string(),
            }),
        }
    }

    /// Checks the signature of a key of notes over the text.
    pub fn verify(&self, key: &PublicKey) -> Result<(), NoteError> {
        let text = key.to_string();
        if key.kind() != KeyKind::Note {
            return Err(NoteError::OtherKind { key: text });
        }
        match self.line_of(key)? {
            None => Err(NoteError::NotSigned { key: text }),
            Some(line) if key.has_signed(self.text.as_bytes(), &line.signature) => Ok(()),
            Some(_) => Err(NoteError::WrongSignature { key: text }),
        }
    }
}

impl SignatureLine {
    pub(crate) fn new(key: &PublicKey, signature: Vec<u8>) -> Self {
        Self {
            name: key.name().clone(),
            id: key.id(),
            signature,
        }
    }

    /// Has `key` sign a text; whoever holds its secret half does it in `sign`.
    pub fn sign<E>(
        key: &PublicKey,
        text: &str,
        sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
    ) -> Result<Self, E> {
        assert!(key.kind() == KeyKind::Note, "a cosigner signs no notes");
        Ok(Self::new(key, sign(text.as_bytes())?.to_vec()))
    }

    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Without the key's id: of a cosignature the time and the signature, else the signature alone.
    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub fn is_of(&self, key: &PublicKey) -> bool {
        self.name == *key.name() && self.id == key.id()
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = [self.id.0.as_slice(), &self.signature].concat();
        writeln!(
            formatter,
            "{LINE_START}{} {}",
            self.name,
            text::base64(&signature)
        )
    }
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.text)?;
        self.lines
            .iter()
            .try_for_each(|line| write!(formatter, "{line}"))
    }
}

/// Lines of signatures as they stand below a note, and as a witness answers with them: one at least, each ended.
pub fn parse_lines(text: &str) -> Result<Vec<SignatureLine>, NoteError> {
    let lines = text.strip_suffix('\n').ok_or(NoteError::Form)?;
    lines
        .split('\n')
        .enumerate()
        .map(|(index, line)| parse_line(index + 1, line))
        .collect()
}

fn parse_line(number: usize, line: &str) -> Result<SignatureLine, NoteError> {
    let wrong = || NoteError::Line { number };
    let line = line.strip_prefix(LINE_START).ok_or_else(wrong)?;
    let (name, signature) = line.split_once(' ').ok_or_else(wrong)?;
    let name = KeyName::parse(name).map_err(|source| NoteError::Name { number, source })?;
    let bytes = text::parse_base64(signature).ok_or_else(wrong)?;
    let (id, signature) = bytes
        .split_first_chunk::<KEY_ID_BYTES>()
        .filter(|(_, signature)| !signature.is_empty())
        .ok_or_else(wrong)?;
    Ok(SignatureLine {
        name,
        id: KeyId(*id),
        signature: signature.to_vec(),
    })
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Form);
    }
    let is_control = |character: char| character.is_control() && character != '\n';
    if text.contains(is_control) {
        return Err(NoteError::NotText);
    }
    Ok(())
}
