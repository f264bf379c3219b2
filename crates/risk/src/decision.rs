//! The decision about one attempt: a pure function of facts, rules, a model's answer and a policy. There is always one.
//!
//! Precedence:
//! 1. Live rules are asked in their order. A rule that says allow ends the judging: what stands below it, and the model, have
//!    no say. What stands above it keeps its say.
//! 2. Of the rules that matched, and the model, the most severe verdict counts: block, review, challenge, allow.
//!    The model asks for the milder of what the costs ask for, by its score, and of what its budget of false alarms allows.
//! 3. If the model cannot judge, the policy's answer for such attempts takes its place.
//! 4. A block that only the model wants may become an exploration: a small share of them goes through, so that what happens
//!    then is learnt. Rules keep their say even then.

mod encoding;
pub mod explain;
mod judge;
mod replay;
pub mod values;

use crate::model::artifact::ModelHash;
use crate::rule::Action;
use crate::rule::program::Unknown;
use crate::verdict::{Score, Verdict};
use ids::time::Timestamp;
pub use judge::{Judged, decide};
pub use replay::{Difference, replay};
use values::FactValues;

/// Bounds of one decision.
pub mod limits {
    /// Reasons that come from rules; of more, the most severe are kept.
    pub const RULE_REASONS_MAX: usize = 32;
    /// Reasons that come from the model.
    pub const FACT_REASONS_MAX: usize = 8;
    /// Rules named as not judged; more are only counted.
    pub const NOT_JUDGED_MAX: usize = 16;
    /// Shadow rules that matched; more are only counted.
    pub const SHADOWS_MAX: usize = 64;
    /// Actions, each kind once.
    pub const ACTIONS_MAX: usize = 8;
    /// Bytes of a record.
    pub const RECORD_BYTES_MAX: usize = 64 * 1024;
}

/// From which score on the model's answer is what; none if never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cutoffs {
    pub challenge: Option<Score>,
    pub review: Option<Score>,
    pub block: Option<Score>,
}

/// What happens when the model cannot judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unjudged {
    /// Up to this amount in minor units, `small` is the answer, above it `large`.
    pub small_minor_max: i64,
    pub small: Verdict,
    pub large: Verdict,
}

/// Which of the blocks that only the model wants go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exploration {
    /// Hundredths of a percent; 0 switches exploration off.
    pub share_basis_points: u16,
    /// The most that one of them may cost, in minor units.
    pub each_minor_max: i64,
    /// What may still be risked in this period, in minor units; whoever asks keeps count.
    pub left_minor: i64,
}

/// A merchant's policy, for one attempt: the costs have been turned into cutoffs for its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub cutoffs: Cutoffs,
    /// Hundredths of a percent by which the merchant wants the cutoffs higher; below zero for lower.
    pub appetite_basis_points: i16,
    pub unjudged: Unjudged,
    pub exploration: Exploration,
}

/// What is decided about, besides its facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub at: Timestamp,
    pub amount_minor: i64,
    /// Chance, from the payment's id and a key: the same payment draws the same number again.
    pub draw: u64,
    pub policy: Policy,
}

/// Why there is no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Absence {
    /// No model has been trained or chosen.
    NoModel,
    /// The profiles are not rebuilt yet, or too far behind the journal.
    ColdProfiles,
    /// The model asks for facts that this version does not have.
    OtherFacts,
    /// The model gave no finite number.
    NoNumber,
}

impl Absence {
    pub const ALL: [Absence; 4] = [
        Absence::NoModel,
        Absence::ColdProfiles,
        Absence::OtherFacts,
        Absence::NoNumber,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Absence::NoModel => "no-model",
            Absence::ColdProfiles => "cold-profiles",
            Absence::OtherFacts => "other-facts",
            Absence::NoNumber => "no-number",
        }
    }
}

/// A model's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelScore {
    pub model: ModelHash,
    pub score: Score,
    /// The most that the model's budget of false alarms lets it ask for; none if it has no budget. The score has steps,
    /// where the calibration is flat, so that a cutoff among them may alarm many more than it should.
    pub at_most: Option<Verdict>,
}

/// How much a fact moved the model's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The fact's index in the catalogue.
    pub fact: u16,
    /// Thousandths of log-odds; above zero towards fraud.
    pub milli: i32,
}

/// Where a reason comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The rule at this place of the rule set matched.
    Rule(u16),
    /// The model's score reached a cutoff.
    Model(Verdict),
    /// The fact that moved the model.
    Fact(Contribution),
    /// The model could not judge, and the policy says what then.
    Unjudged(Absence),
    /// A block went through to learn from it.
    Explored,
    /// Nothing spoke against the attempt.
    Clear,
}

/// A rule that could not be judged, and the first thing that was unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJudged {
    pub rule: u16,
    pub unknown: Unknown,
}

/// A shadow rule that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shadow {
    pub rule: u16,
    /// What the verdict would have been had the rule been live.
    pub verdict: Verdict,
}

/// A model beside the one that decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenger {
    pub answer: ModelScore,
    /// What the verdict would have been had it decided.
    pub verdict: Verdict,
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// At least one; the rules that matched come first, the most severe of them first.
    pub causes: Vec<Cause>,
    /// Each kind once, with the longest span that was asked for.
    pub actions: Vec<Action>,
    pub not_judged: Vec<NotJudged>,
    /// Also those that are not named.
    pub not_judged_count: u16,
    pub shadows: Vec<Shadow>,
    /// Also those that are not named.
    pub shadow_count: u16,
    pub challengers: Vec<Challenger>,
    /// For how many attempts like it an explored one stands in training, in thousandths.
    pub explored_weight_milli: Option<u32>,
}

/// A decision with everything that it followed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub case: Case,
    pub facts: FactValues,
    pub rule_set_version: u64,
    pub rule_set_hash: [u8; 32],
    pub answer: Result<ModelScore, Absence>,
    pub decision: Decision,
}

impl Record {
    pub fn score(&self) -> Option<Score> {
        self.answer.ok().map(|answer| answer.score)
    }

    /// Why the model could not judge, if it could not.
    pub fn absence(&self) -> Option<Absence> {
        self.answer.err()
    }
}

#[cfg(test)]
mod tests;
