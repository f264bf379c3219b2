//! What can be wrong, and which check found it.

use alloc::string::String;
use core::fmt;

/// One thing that has to be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The policy, which the caller wrote, says clearly whom to believe.
    Policy,
    /// A file reads as its format says.
    Form,
    /// The log signed it.
    LogSignature,
    /// Each known witness that cosigned did so, and together they are enough.
    Quorum,
    /// The leaf is in the tree.
    Inclusion,
    /// The newer tree begins with the whole of the older one.
    Consistency,
    /// The leaf says what it has to say at its place.
    Leaf,
    /// What is shown of an entry is what the leaf commits to.
    Opening,
    /// The files of a log are those that its entries make.
    Files,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    PolicyLine {
        number: usize,
        reason: PolicyReason,
    },
    PolicyWithoutQuorum,
    PolicyWithoutLog,
    TooLong {
        what: &'static str,
        byte_count_max: usize,
    },
    Form {
        what: &'static str,
        reason: &'static str,
    },
    UnknownLog {
        origin: String,
    },
    NotSigned {
        name: String,
    },
    SignedTwice {
        name: String,
    },
    WrongSignature {
        name: String,
    },
    OtherLog {
        expected: String,
        found: String,
    },
    WrongCosignature {
        witness: String,
    },
    CosignedTwice {
        witness: String,
    },
    TooFewCosignatures {
        quorum: String,
        counted: usize,
    },
    NoSuchLeaf {
        index: u64,
        size: u64,
    },
    ProofLength {
        found: usize,
    },
    OtherRoot,
    Shrunk {
        old: u64,
        new: u64,
    },
    OtherOldRoot,
    SameSizeOtherRoot {
        size: u64,
    },
    LeafForm {
        reason: &'static str,
    },
    LeafElsewhere {
        index: u64,
        claimed: u64,
    },
    NoView,
    OpeningForm {
        reason: &'static str,
    },
    NoCommitment {
        group: u8,
    },
    OtherContent {
        group: u8,
    },
    EntryCutOff {
        index: u64,
    },
    FileTooLong {
        path: String,
    },
    TileDiffers {
        path: String,
    },
    WalkIncomplete {
        path: String,
    },
}

/// What is wrong with one line of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyReason {
    Word,
    Key,
    OtherKind,
    DuplicateKey,
    Name,
    DuplicateName,
    UnknownName,
    MemberTwice,
    Threshold,
    SecondQuorum,
    Character,
}

impl Failure {
    pub fn check(&self) -> Check {
        match self {
            Self::PolicyLine { .. } | Self::PolicyWithoutQuorum | Self::PolicyWithoutLog => {
                Check::Policy
            }
            Self::TooLong { .. } | Self::Form { .. } => Check::Form,
            Self::UnknownLog { .. }
            | Self::NotSigned { .. }
            | Self::SignedTwice { .. }
            | Self::WrongSignature { .. }
            | Self::OtherLog { .. } => Check::LogSignature,
            Self::WrongCosignature { .. }
            | Self::CosignedTwice { .. }
            | Self::TooFewCosignatures { .. } => Check::Quorum,
            Self::NoSuchLeaf { .. } | Self::ProofLength { .. } | Self::OtherRoot => {
                Check::Inclusion
            }
            Self::Shrunk { .. } | Self::OtherOldRoot | Self::SameSizeOtherRoot { .. } => {
                Check::Consistency
            }
            Self::LeafForm { .. } | Self::LeafElsewhere { .. } => Check::Leaf,
            Self::NoView
            | Self::OpeningForm { .. }
            | Self::NoCommitment { .. }
            | Self::OtherContent { .. } => Check::Opening,
            Self::EntryCutOff { .. }
            | Self::FileTooLong { .. }
            | Self::TileDiffers { .. }
            | Self::WalkIncomplete { .. } => Check::Files,
        }
    }
}

impl Check {
    pub fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Form => "form",
            Self::LogSignature => "log signature",
            Self::Quorum => "quorum",
            Self::Inclusion => "inclusion",
            Self::Consistency => "consistency",
            Self::Leaf => "leaf",
            Self::Opening => "opening",
            Self::Files => "files",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.check().name())?;
        match self.check() {
            Check::Policy | Check::Form => self.explain_form(formatter),
            Check::LogSignature | Check::Quorum => self.explain_signature(formatter),
            Check::Inclusion | Check::Consistency => self.explain_proof(formatter),
            Check::Leaf | Check::Opening | Check::Files => self.explain_content(formatter),
        }
    }
}

impl core::error::Error for Failure {}

/// One text for each failure, in four parts so that each can be read at a glance; a failure is in exactly one of them.
impl Failure {
    fn explain_form(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PolicyLine { number, reason } => {
                write!(formatter, "line {number} {}", reason.text())
            }
            Self::PolicyWithoutQuorum => formatter.write_str("there is no line `quorum`"),
            Self::PolicyWithoutLog => formatter.write_str("there is no line `log`"),
            Self::TooLong {
                what,
                byte_count_max,
            } => {
                write!(formatter, "{what} has more than {byte_count_max} bytes")
            }
            Self::Form { what, reason } => write!(formatter, "{what} {reason}"),
            other => unreachable!("{other:?} is told elsewhere"),
        }
    }

    fn explain_signature(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLog { origin } => {
                write!(formatter, "the policy has no log named {origin}")
            }
            Self::NotSigned { name } => write!(formatter, "{name} has not signed"),
            Self::SignedTwice { name } => {
                write!(formatter, "there are two signatures of {name}")
            }
            Self::WrongSignature { name } => write!(
                formatter,
                "the signature of {name} does not hold: the text was changed, or somebody else signed"
            ),
            Self::OtherLog { expected, found } => {
                write!(
                    formatter,
                    "this is of the log {found} and not of {expected}"
                )
            }
            Self::WrongCosignature { witness } => write!(
                formatter,
                "the cosignature of {witness} does not hold: checkpoint or time was changed, or somebody else signed"
            ),
            Self::CosignedTwice { witness } => {
                write!(formatter, "there are two cosignatures of {witness}")
            }
            Self::TooFewCosignatures { quorum, counted } => write!(
                formatter,
                "the cosignatures of {counted} known witnesses count, and {quorum} asks for others or more"
            ),
            other => unreachable!("{other:?} is told elsewhere"),
        }
    }

    fn explain_proof(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchLeaf { index, size } => {
                write!(formatter, "a tree of {size} leaves has no leaf {index}")
            }
            Self::ProofLength { found } => write!(
                formatter,
                "a proof of {found} hashes is too short or too long for this place in the tree"
            ),
            Self::OtherRoot => formatter.write_str("the proof leads to another root"),
            Self::Shrunk { old, new } => {
                write!(formatter, "{new} leaves cannot have grown from {old}")
            }
            Self::OtherOldRoot => formatter.write_str(
                "the newer tree does not begin with the older one: history was rewritten",
            ),
            Self::SameSizeOtherRoot { size } => write!(
                formatter,
                "there are two trees of {size} leaves with different roots: history was rewritten"
            ),
            other => unreachable!("{other:?} is told elsewhere"),
        }
    }

    fn explain_content(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeafForm { reason } => write!(formatter, "the leaf {reason}"),
            Self::LeafElsewhere { index, claimed } => write!(
                formatter,
                "leaf {index} says that it is leaf {claimed}: one was moved or left out"
            ),
            Self::NoView => formatter.write_str("the file shows nothing of an entry"),
            Self::OpeningForm { reason } => write!(formatter, "the view of the entry {reason}"),
            Self::NoCommitment { group } => {
                write!(formatter, "the leaf commits to no group {group}")
            }
            Self::OtherContent { group } => write!(
                formatter,
                "group {group} is not what the leaf commits to: content or salt was changed"
            ),
            Self::EntryCutOff { index } => write!(formatter, "entry {index} is cut off"),
            Self::FileTooLong { path } => write!(formatter, "{path} goes on behind its end"),
            Self::TileDiffers { path } => {
                write!(formatter, "{path} is not what the entries below it hash to")
            }
            Self::WalkIncomplete { path } => write!(formatter, "{path} was not looked at"),
            other => unreachable!("{other:?} is told elsewhere"),
        }
    }
}

impl PolicyReason {
    fn text(self) -> &'static str {
        match self {
            Self::Word => {
                "is none of `log`, `witness`, `group` and `quorum` with what belongs to it"
            }
            Self::Key => "has a key that cannot be read: it reads name+id+key",
            Self::OtherKind => {
                "has a key of another kind: logs sign with kind 1, witnesses with kind 4"
            }
            Self::DuplicateKey => "has a key that another line has too",
            Self::Name => "defines the name `none`, which has a meaning of its own",
            Self::DuplicateName => "defines a name again",
            Self::UnknownName => "uses a name that no line before defines",
            Self::MemberTwice => "uses a name that is in a group already",
            Self::Threshold => "asks for none of its members or for more than it has",
            Self::SecondQuorum => "is a second quorum",
            Self::Character => "has a control character",
        }
    }
}
