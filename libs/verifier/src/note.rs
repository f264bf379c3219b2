//! Signed notes (C2SP signed-note).

use alloc::string::ToString;
use alloc::vec::Vec;

use crate::base64;
use crate::failure::{Failure, SignatureFailure};
use crate::key::{Key, is_name};

pub const NOTE_BYTES_MAX: usize = 64 * 1024;

pub struct Note<'a> {
    pub text: &'a str,
    lines: Vec<Line<'a>>,
}

struct Line<'a> {
    name: &'a str,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl<'a> Note<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Failure> {
        if NOTE_BYTES_MAX < bytes.len() {
            return Err(form("has more than 64 KiB"));
        }
        let note = str::from_utf8(bytes).map_err(|_| form("is no text"))?;
        let end = note
            .rfind("\n\n")
            .ok_or_else(|| form("has no empty line between its text and its signatures"))?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let is_foreign = |character: char| character.is_control() && character != '\n';
        if text.contains(is_foreign) {
            return Err(form("has a control character"));
        }
        let lines = lines
            .strip_suffix('\n')
            .ok_or_else(|| form("does not end with a line feed"))?;
        let lines = lines.split('\n').map(Line::parse);
        let lines = lines
            .collect::<Option<_>>()
            .ok_or_else(|| form("has a line of signatures that cannot be read"))?;
        Ok(Self { text, lines })
    }

    /// The signature of a key, which nobody has checked yet. More than one is as bad as a wrong one.
    pub fn signature(&self, key: &Key) -> Found<'_> {
        let of_key = |line: &&Line<'_>| line.name == key.name && line.id == key.id;
        let mut lines = self.lines.iter().filter(of_key);
        match (lines.next(), lines.next()) {
            (None, _) => Found::None,
            (Some(line), None) => Found::One(&line.signature),
            (Some(_), Some(_)) => Found::Several,
        }
    }

    /// Checks that a log signed the text.
    pub fn check_log(&self, log: &Key) -> Result<(), Failure> {
        let name = log.name.clone();
        let failure = match self.signature(log) {
            Found::None => SignatureFailure::NotSigned { name },
            Found::Several => SignatureFailure::SignedTwice { name },
            Found::One(signature) if log.has_signed(self.text.as_bytes(), signature) => {
                return Ok(());
            }
            Found::One(_) => SignatureFailure::Wrong { name },
        };
        Err(Failure::LogSignature(failure))
    }
}

pub enum Found<'a> {
    None,
    One(&'a [u8]),
    Several,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let bytes = base64::decode(signature)?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        (is_name(name) && !signature.is_empty()).then(|| Self {
            name,
            id: *id,
            signature: signature.to_vec(),
        })
    }
}

/// Names a log that is not in the policy, or not the one that was asked for.
pub fn unknown_log(origin: &str) -> Failure {
    Failure::LogSignature(SignatureFailure::UnknownLog {
        origin: origin.to_string(),
    })
}

fn form(reason: &'static str) -> Failure {
    Failure::Form {
        what: "the note",
        reason,
    }
}
