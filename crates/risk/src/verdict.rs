//! What is said of an attempt, and how suspicious a model found it.

use crate::bytes::DecodeError;

/// What is said of an attempt. A later one is more severe than an earlier one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It goes on.
    Allow,
    /// It goes on once the payer has proved something.
    Challenge,
    /// It waits for a person.
    Review,
    /// It does not happen.
    Block,
}

impl Verdict {
    pub const ALL: [Verdict; 4] = [
        Verdict::Allow,
        Verdict::Challenge,
        Verdict::Review,
        Verdict::Block,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Challenge => "challenge",
            Verdict::Review => "review",
            Verdict::Block => "block",
        }
    }

    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Result<Verdict, DecodeError> {
        let verdict = Verdict::ALL.get(usize::from(code)).copied();
        verdict.ok_or(DecodeError::Invalid("verdict"))
    }
}

/// How likely fraud is, in hundredths of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u16);

/// A score is at most 10,000 hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a score is at most 10000, not {0}")]
pub struct ScoreTooHigh(pub u16);

impl Score {
    pub const MAX: Score = Score(10_000);

    pub const fn new(basis_points: u16) -> Result<Score, ScoreTooHigh> {
        if basis_points <= Score::MAX.0 {
            Ok(Score(basis_points))
        } else {
            Err(ScoreTooHigh(basis_points))
        }
    }

    pub const fn basis_points(self) -> u16 {
        self.0
    }
}
