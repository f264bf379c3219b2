//! What merchants and the issuer's people share where they ask about what is owed.

use engine::error::CommandError;
use engine::liabilities::LiabilitiesError;
use engine::liabilities::desk::Desk;

use crate::answer::Result;
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, of};
use crate::state::ApiState;

/// How the operations say when they find nothing.
pub const NOTHING_STATED: &str =
    "Nothing was stated yet, or the platform keeps no transparency log.";

/// Who answers; a platform without a transparency log states nothing.
pub fn desk(api: &ApiState) -> Result<&Desk> {
    let desk = api.liabilities.as_deref();
    desk.ok_or_else(|| {
        kinds::NOT_FOUND
            .because("This platform keeps no transparency log, and so states nothing that it owes.")
    })
}

pub fn no_statement() -> Refused {
    kinds::NOT_FOUND.because(
        "Nothing was stated yet; the first statement comes a day after the platform's first entry, or when an operator asks for it.",
    )
}

pub fn busy() -> Refused {
    kinds::TEMPORARILY_UNAVAILABLE.because("Too many proofs are asked for at this moment.")
}

pub fn lost() -> Refused {
    kinds::GENERAL_TECHNICAL_ERROR.because(
        "What proofs are made of is lost on the platform and cannot be made again from its journal. Its operator finds the \
         reason in the log. It is tried once more after a minute, and for the next statement.",
    )
}

pub fn fault(error: LiabilitiesError) -> Refused {
    match error {
        LiabilitiesError::Storage(failure) => of(CommandError::from(failure), Subject::Account),
        LiabilitiesError::Command(error) => of(error, Subject::Account),
        error => {
            tracing::error!(%error, source = ?std::error::Error::source(&error), "what is owed cannot be stated or proved");
            of(CommandError::Fault, Subject::Account)
        }
    }
}
