//! What a page says about a PIN that was not accepted.

use web::texts::Texts;

/// Why a PIN was not accepted, as far as the person may know. Signs, length and check digit are seen in the PIN itself, without
/// looking anything up, so they tell a guesser nothing and cost no try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinProblem {
    Missing,
    Length {
        digits: usize,
    },
    /// A letter or another sign that no PIN has.
    NotDigits,
    CheckDigit,
    /// Everything else: unknown, used up, frozen, expired. One sentence for all.
    Refused,
}

/// What the PIN was entered for; it chooses the sentence for [`PinProblem::Refused`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinPurpose {
    Payment,
    Balance,
    Freeze,
}

impl PinProblem {
    pub fn text(self, purpose: PinPurpose, texts: &Texts) -> String {
        match self {
            PinProblem::Missing => texts.text("pin-missing"),
            PinProblem::Length { digits } => texts.count("pin-length", "digits", digits as u64),
            PinProblem::NotDigits => texts.text("pin-not-digits"),
            PinProblem::CheckDigit => texts.text("pin-check-digit"),
            PinProblem::Refused => texts.text(match purpose {
                PinPurpose::Payment => "pin-refused-payment",
                PinPurpose::Balance => "pin-refused-balance",
                PinPurpose::Freeze => "pin-refused-freeze",
            }),
        }
    }
}
