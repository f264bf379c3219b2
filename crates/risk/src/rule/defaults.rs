//! The rules that ship: known frauds with vouchers, each with its reason.
//!
//! First stand the rules that block, then those that allow what an operator trusts, then all others; so no trusted network
//! may guess PINs, and a trusted customer meets no challenge. Rules that would trouble honest payers until somebody has
//! looked at a back-test stand in shadow. Counters count less with age: `attempts_1h` counts an attempt half after an hour.

mod table;

use super::{Action, Mode, Rule};
use crate::fact::Catalogue;
use crate::list::ListKind;
use crate::name::Name;
use crate::rule_set::{Edit, EditError, RuleSet};
use crate::verdict::Verdict;
use ids::time::Timestamp;
use table::RULES;
pub use table::SWINDLER_WORDS;

/// The lists that the rules ask; all are empty at first.
const LISTS: [(&str, ListKind); 9] = [
    ("blocked-countries", ListKind::Texts),
    ("blocked-customers", ListKind::Texts),
    ("blocked-devices", ListKind::Texts),
    ("blocked-networks", ListKind::Networks),
    // What is under attack; the platform puts it there, for a while.
    ("guarded-merchants", ListKind::Texts),
    ("guarded-networks", ListKind::Texts),
    ("guarded-terminals", ListKind::Texts),
    ("trusted-customers", ListKind::Texts),
    ("trusted-networks", ListKind::Networks),
];

/// A rule of the table.
struct Shipped {
    name: &'static str,
    expression: &'static str,
    effect: Option<Verdict>,
    actions: &'static [Action],
    mode: Mode,
    reason: &'static str,
    payer_words: &'static str,
}

/// The edits that make the shipped set from an empty one.
pub fn edits() -> Vec<Edit> {
    let lists = LISTS
        .iter()
        .map(|(name, kind)| Edit::MakeList(shipped_name(name), *kind));
    let rules = RULES.iter().map(|shipped| {
        Edit::SaveRule(Rule {
            name: shipped_name(shipped.name),
            expression: shipped.expression.to_owned(),
            effect: shipped.effect,
            actions: shipped.actions.to_vec(),
            reason: shipped.reason.to_owned(),
            payer_words: shipped.payer_words.to_owned(),
            mode: shipped.mode,
        })
    });
    lists.chain(rules).collect()
}

/// The shipped rule set.
///
/// # Errors
/// A fact that a rule asks is not in the catalogue.
pub fn rule_set(catalogue: &Catalogue, at: Timestamp) -> Result<RuleSet, EditError> {
    let mut set = RuleSet::empty();
    for edit in edits() {
        set = set.apply(&edit, catalogue, at)?;
    }
    Ok(set)
}

fn shipped_name(text: &str) -> Name {
    Name::parse(text).expect("the table's names are names, as a test tries")
}

#[cfg(test)]
mod tests;
