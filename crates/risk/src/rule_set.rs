//! All rules and lists at one version. A change makes the next version and leaves the old one as it was, so that a decision
//! names the version it was taken by, and finds it again.

mod edit;
mod encoding;

use crate::bytes::{DecodeError, Writer};
use crate::list::{EntryError, List, ListNames};
use crate::name::Name;
use crate::rule::refusal::RuleError;
use crate::rule::{CheckedRule, Mode};
pub use edit::Edit;
pub(crate) use encoding::{read_action, write_action};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Rules of a set.
pub const RULES_MAX: usize = 500;
/// Steps that asking all rules of a set takes at most.
pub const COST_MAX: u32 = 20_000;

const HASH_CONTEXT: &[u8] = b"scrip rule set 1";

/// Rules in their order, and lists in the order of their names.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    version: u64,
    rules: Vec<Arc<CheckedRule>>,
    lists: Vec<Arc<List>>,
    hash: [u8; 32],
}

/// Why a change is not made, in words that say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error(transparent)]
    Rule(#[from] RuleError),
    #[error(transparent)]
    Entry(#[from] EntryError),
    #[error("there is no rule {0}")]
    NoSuchRule(Name),
    #[error("there is no list {0}; make the list first")]
    NoSuchList(Name),
    #[error("{0} is not on the list")]
    NoSuchEntry(String),
    #[error("there is a list {0} already")]
    ListExists(Name),
    #[error("rule {rule} asks the list {list}; change the rule first")]
    ListInUse { list: Name, rule: Name },
    #[error("an entry that has expired already has no effect; give it a later end")]
    ExpiresInThePast,
    #[error("there are {max} rules, which is the most; remove one first", max = RULES_MAX)]
    TooManyRules,
    #[error("there are {max} lists, which is the most; remove one first", max = crate::list::LISTS_MAX)]
    TooManyLists,
    #[error("the lists hold {max} entries together, which is the most; remove some first", max = crate::list::ENTRIES_MAX)]
    TooManyEntries,
    #[error("asking all rules would take {cost} steps, more than {max}; remove or simplify some", max = COST_MAX)]
    TooCostly { cost: u32 },
    #[error("the place {place} is behind the last rule; there are {count}")]
    NoSuchPlace { place: usize, count: usize },
}

/// Why bytes are no rule set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    #[error("the bytes are no rule set")]
    Bytes(#[from] DecodeError),
    #[error("the rule {name} cannot be used any more: {error}")]
    Rule { name: Name, error: RuleError },
    #[error("the rule set is larger than one can be")]
    Bounds(#[from] EditError),
}

impl RuleSet {
    /// No rules and no lists: version 0.
    pub fn empty() -> RuleSet {
        RuleSet::of(0, Vec::new(), Vec::new())
    }

    fn of(version: u64, rules: Vec<Arc<CheckedRule>>, lists: Vec<Arc<List>>) -> RuleSet {
        let hash = content_hash(version, &rules, &lists);
        RuleSet {
            version,
            rules,
            lists,
            hash,
        }
    }

    /// Counts the changes since the empty set.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Names the version and all that it holds.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// In the order in which they are asked.
    pub fn rules(&self) -> &[Arc<CheckedRule>] {
        &self.rules
    }

    pub fn lists(&self) -> &[Arc<List>] {
        &self.lists
    }

    pub fn rule(&self, name: &Name) -> Option<&Arc<CheckedRule>> {
        self.rules.iter().find(|rule| rule.rule().name == *name)
    }

    pub fn list(&self, name: &Name) -> Option<&Arc<List>> {
        self.lists.iter().find(|list| list.name() == name)
    }

    /// What a new expression may name.
    pub fn list_names(&self) -> ListNames {
        let lists = self.lists.iter();
        ListNames::new(lists.map(|list| (list.name().clone(), list.kind())))
    }

    /// Steps that asking all rules takes at most; rules that are off are not asked.
    pub fn cost(&self) -> u32 {
        let asked = self
            .rules
            .iter()
            .filter(|rule| rule.rule().mode != Mode::Off);
        asked.map(|rule| rule.program().cost()).sum()
    }
}

/// Lists enter by their own digests, so that a change of one does not read the others.
fn content_hash(version: u64, rules: &[Arc<CheckedRule>], lists: &[Arc<List>]) -> [u8; 32] {
    let mut bytes = Writer::default();
    bytes.raw(HASH_CONTEXT);
    bytes.number(version);
    bytes.length(rules.len());
    for rule in rules {
        encoding::write_rule(rule.rule(), &mut bytes);
    }
    bytes.length(lists.len());
    for list in lists {
        bytes.raw(&list.hash());
    }
    Sha256::digest(bytes.finish()).into()
}

#[cfg(test)]
mod tests;
