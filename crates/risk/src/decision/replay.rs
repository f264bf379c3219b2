//! Past decisions, taken again.

use super::values::{FactValues, Schema};
use super::{Contribution, Judged, Record, decide};
use crate::rule_set::RuleSet;

/// Why a past decision is not taken again as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Difference {
    #[error("the decision was taken by rule set {wanted}, not by {found}")]
    OtherRuleSet { wanted: u64, found: u64 },
    #[error("the rule set of this version holds other rules than those that decided")]
    OtherRules,
    #[error(
        "the facts have other names, units or meanings, or another order, by now; replay it with the version that took it"
    )]
    OtherFacts,
    #[error("the decision comes out otherwise")]
    OtherDecision(Box<Record>),
}

/// Takes a decision again from what its record holds, and compares every bit.
///
/// `judge` is given the facts and answers as the models named in the record do. A challenger whose file is gone may answer
/// from the record.
///
/// # Errors
/// What differs.
pub fn replay(
    record: &Record,
    schema: &Schema,
    rule_set: &RuleSet,
    judge: impl FnOnce(&FactValues) -> Judged,
    contributions: impl FnOnce(&FactValues) -> Vec<Contribution>,
) -> Result<(), Difference> {
    if record.rule_set_version != rule_set.version() {
        return Err(Difference::OtherRuleSet {
            wanted: record.rule_set_version,
            found: rule_set.version(),
        });
    }
    if record.rule_set_hash != rule_set.hash() {
        return Err(Difference::OtherRules);
    }
    if !schema.understands(&record.facts) {
        return Err(Difference::OtherFacts);
    }
    let judged = judge(&record.facts);
    let again = decide(
        record.case,
        record.facts.clone(),
        rule_set,
        &judged,
        contributions,
    );
    if again == *record {
        Ok(())
    } else {
        Err(Difference::OtherDecision(Box::new(again)))
    }
}
