//! What can be wrong, and which check found it.

use alloc::string::String;
use core::fmt;

/// The check that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The policy, which the caller wrote, does not say clearly whom to believe.
    Policy(PolicyFailure),
    /// A file does not read as its format says.
    Form {
        what: &'static str,
        reason: &'static str,
    },
    /// No known log signed it.
    LogSignature(SignatureFailure),
    /// Too few of the known witnesses cosigned, or one did not.
    Quorum(QuorumFailure),
    /// The leaf is not shown to be in the tree.
    Inclusion(InclusionFailure),
    /// The newer tree is not shown to begin with the whole of the older one.
    Consistency(ConsistencyFailure),
    /// The leaf does not say what it has to say at its place.
    Leaf(LeafFailure),
    /// What is shown of an entry is not what the leaf commits to.
    Opening(OpeningFailure),
    /// The files of a log are not those that its entries make.
    Files(FilesFailure),
    /// What the issuer says that it owes is not what it has shown.
    Liabilities(LiabilitiesFailure),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyFailure {
    Line { number: usize, reason: PolicyReason },
    NoQuorum,
    NoLog,
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureFailure {
    UnknownLog { origin: String },
    UnknownKey { id: String },
    NotSigned { name: String },
    SignedTwice { name: String },
    Wrong { name: String },
    OtherLog { expected: String, found: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuorumFailure {
    Wrong { witness: String },
    CosignedTwice { witness: String },
    TooFew { quorum: String, counted: usize },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InclusionFailure {
    NoSuchLeaf { index: u64, size: u64 },
    Length { found: usize },
    OtherRoot,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsistencyFailure {
    Shrunk { old: u64, new: u64 },
    Length { found: usize },
    SameSize { size: u64 },
    Rewritten { old: u64, new: u64 },
    OtherBeginning { old: u64, new: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeafFailure {
    Form { reason: &'static str },
    Elsewhere { index: u64, claimed: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpeningFailure {
    NoView,
    Form { reason: &'static str },
    NoCommitment { group: u8 },
    OtherContent { group: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesFailure {
    EntryCutOff { index: u64 },
    EntryDiffers { path: String, index: u64 },
    CutOff { path: String },
    TooLong { path: String },
    TileDiffers { path: String },
    NotLookedAt { path: String },
    OtherRoot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiabilitiesFailure {
    NotShown,
    OtherEntry,
    OtherStatement,
    CountsTheFuture { counted: u64, entry: u64 },
    NotTheTotal { currency: u16 },
    ForAnother { expected: u64, found: u64 },
    NoSuchCurrency { currency: u16 },
    MoreThanTheTotal { value: u64, total: u64 },
    NoPoint,
    OtherRoot,
    BelowZero,
}

impl From<LiabilitiesFailure> for Failure {
    fn from(failure: LiabilitiesFailure) -> Self {
        Self::Liabilities(failure)
    }
}

impl Failure {
    /// The name of the check.
    pub fn check(&self) -> &'static str {
        match self {
            Self::Policy(_) => "policy",
            Self::Form { .. } => "form",
            Self::LogSignature(_) => "log signature",
            Self::Quorum(_) => "quorum",
            Self::Inclusion(_) => "inclusion",
            Self::Consistency(_) => "consistency",
            Self::Leaf(_) => "leaf",
            Self::Opening(_) => "opening",
            Self::Files(_) => "files",
            Self::Liabilities(_) => "liabilities",
        }
    }
}

impl core::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}: ", self.check())?;
        match self {
            Self::Policy(failure) => failure.fmt(to),
            Self::Form { what, reason } => write!(to, "{what} {reason}"),
            Self::LogSignature(failure) => failure.fmt(to),
            Self::Quorum(failure) => failure.fmt(to),
            Self::Inclusion(failure) => failure.fmt(to),
            Self::Consistency(failure) => failure.fmt(to),
            Self::Leaf(failure) => failure.fmt(to),
            Self::Opening(failure) => failure.fmt(to),
            Self::Files(failure) => failure.fmt(to),
            Self::Liabilities(failure) => failure.fmt(to),
        }
    }
}

impl fmt::Display for PolicyFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { number, reason } => write!(to, "line {number} {reason}"),
            Self::NoQuorum => to.write_str("there is no line `quorum`"),
            Self::NoLog => to.write_str("there is no line `log`"),
        }
    }
}

impl fmt::Display for PolicyReason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
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
        })
    }
}

impl fmt::Display for SignatureFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLog { origin } => write!(to, "the policy has no log named {origin}"),
            Self::UnknownKey { id } => {
                write!(to, "the policy has no log whose key has the id {id}")
            }
            Self::NotSigned { name } => write!(to, "{name} has not signed"),
            Self::SignedTwice { name } => write!(to, "there are two signatures of {name}"),
            Self::Wrong { name } => write!(
                to,
                "the signature of {name} does not hold: the text was changed, or somebody else signed"
            ),
            Self::OtherLog { expected, found } => {
                write!(to, "this is of the log {found} and not of {expected}")
            }
        }
    }
}

impl fmt::Display for QuorumFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong { witness } => write!(
                to,
                "the cosignature of {witness} does not hold: checkpoint or time was changed, or somebody else signed"
            ),
            Self::CosignedTwice { witness } => {
                write!(to, "there are two cosignatures of {witness}")
            }
            Self::TooFew { quorum, counted } => write!(
                to,
                "the cosignatures of {counted} known witnesses count, and {quorum} asks for others or more"
            ),
        }
    }
}

impl fmt::Display for InclusionFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchLeaf { index, size } => {
                write!(to, "a tree of {size} leaves has no leaf {index}")
            }
            Self::Length { found } => write!(
                to,
                "a proof of {found} hashes is too short or too long for this place in the tree"
            ),
            Self::OtherRoot => to.write_str("the proof leads to another root"),
        }
    }
}

impl fmt::Display for ConsistencyFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shrunk { old, new } => {
                write!(to, "{new} leaves cannot have grown from {old}")
            }
            Self::Length { found } => write!(
                to,
                "a proof of {found} hashes is too short or too long for trees of these sizes"
            ),
            Self::SameSize { size } => write!(
                to,
                "there are two trees of {size} leaves with different roots: history was rewritten"
            ),
            Self::Rewritten { old, new } => write!(
                to,
                "the tree of {new} leaves is not shown to begin with that of {old}: the proof is wrong, or history was rewritten"
            ),
            Self::OtherBeginning { old, new } => write!(
                to,
                "the first {old} leaves of the tree of {new} are not those of the older tree: history was rewritten"
            ),
        }
    }
}

impl fmt::Display for LeafFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form { reason } => write!(to, "it {reason}"),
            Self::Elsewhere { index, claimed } => write!(
                to,
                "leaf {index} says that it is leaf {claimed}: one was moved or left out"
            ),
        }
    }
}

impl fmt::Display for OpeningFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoView => to.write_str("the file shows nothing of an entry"),
            Self::Form { reason } => write!(to, "the view of the entry {reason}"),
            Self::NoCommitment { group } => write!(to, "the leaf commits to no group {group}"),
            Self::OtherContent { group } => write!(
                to,
                "group {group} is not what the leaf commits to: content or salt was changed"
            ),
        }
    }
}

impl fmt::Display for FilesFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EntryCutOff { index } => write!(to, "entry {index} is cut off"),
            Self::EntryDiffers { path, index } => write!(
                to,
                "entry {index} in {path} is not what the tile above it stands for"
            ),
            Self::CutOff { path } => write!(to, "{path} is cut off"),
            Self::TooLong { path } => write!(to, "{path} goes on behind its end"),
            Self::TileDiffers { path } => {
                write!(to, "{path} is not what the tile above it stands for")
            }
            Self::NotLookedAt { path } => write!(to, "{path} was not looked at"),
            Self::OtherRoot => to.write_str(
                "the partial tiles at the end of the log make another root than the checkpoint's",
            ),
        }
    }
}

impl fmt::Display for LiabilitiesFailure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotShown => to.write_str("the receipt does not show what its entry is"),
            Self::OtherEntry => {
                to.write_str("the receipt is that of another entry, and of no statement of liabilities")
            }
            Self::OtherStatement => {
                to.write_str("the statement is not the one whose receipt this is: one of the two was changed")
            }
            Self::CountsTheFuture { counted, entry } => write!(
                to,
                "entry {entry} states what was owed after entry {counted}, which came later"
            ),
            Self::NotTheTotal { currency } => write!(
                to,
                "the total of currency {currency} is not what its commitment was made for: one of them was changed"
            ),
            Self::ForAnother { expected, found } => write!(
                to,
                "the proof is for the statement that counts up to entry {found}, and this one counts up to {expected}"
            ),
            Self::NoSuchCurrency { currency } => {
                write!(to, "the statement has no total of currency {currency}")
            }
            Self::MoreThanTheTotal { value, total } => write!(
                to,
                "the holder is owed {value} minor units, and all holders together {total}: that is {} too few",
                value - total
            ),
            Self::NoPoint => to.write_str("a commitment in the proof is none"),
            Self::OtherRoot => to.write_str(
                "the holder's value is not part of the total: the proof leads to another root",
            ),
            Self::BelowZero => to.write_str(
                "what is owed to the others is not shown to be nowhere below zero: the total may be too low",
            ),
        }
    }
}
