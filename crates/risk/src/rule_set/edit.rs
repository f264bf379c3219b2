//! Changes of a rule set.

use super::{COST_MAX, EditError, RULES_MAX, RuleSet};
use crate::fact::Catalogue;
use crate::list::{ENTRIES_MAX, LISTS_MAX, List, ListKind};
use crate::name::Name;
use crate::rule::{CheckedRule, Mode, Rule};
use ids::time::Timestamp;
use std::sync::Arc;

/// What a person, or a countermeasure, wants to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Takes the place of the rule of its name, or stands behind the last one.
    SaveRule(Rule),
    RemoveRule(Name),
    /// Moves a rule to a place, counted from 0.
    MoveRule(Name, usize),
    SetMode(Name, Mode),
    MakeList(Name, ListKind),
    /// Removes a list that no rule asks.
    DropList(Name),
    /// Puts an entry on a list, or gives one that is there another end.
    AddEntry {
        list: Name,
        entry: String,
        /// The time at which it expires; none if never.
        until: Option<Timestamp>,
    },
    RemoveEntry {
        list: Name,
        entry: String,
    },
}

impl RuleSet {
    /// The next version, with this edit made.
    ///
    /// # Errors
    /// What stands against the edit, in words that say what to do.
    pub fn apply(
        &self,
        edit: &Edit,
        catalogue: &Catalogue,
        at: Timestamp,
    ) -> Result<RuleSet, EditError> {
        let (rules, lists) = self.edited(edit, catalogue, at)?;
        let next = RuleSet::of(self.version + 1, rules, lists);
        next.check_bounds()?;
        Ok(next)
    }

    fn edited(
        &self,
        edit: &Edit,
        catalogue: &Catalogue,
        at: Timestamp,
    ) -> Result<Parts, EditError> {
        let (mut rules, lists) = (self.rules.clone(), self.lists.clone());
        match edit {
            Edit::SaveRule(rule) => {
                let rule = CheckedRule::new(rule.clone(), catalogue, &self.list_names())?;
                let rule = Arc::new(rule);
                match self.place(&rule.rule().name) {
                    Ok(place) => rules[place] = rule,
                    Err(_) => rules.push(rule),
                }
            }
            Edit::RemoveRule(name) => {
                rules.remove(self.place(name)?);
            }
            Edit::MoveRule(name, place) => {
                let rule = rules.remove(self.place(name)?);
                if rules.len() < *place {
                    let (place, count) = (*place, self.rules.len());
                    return Err(EditError::NoSuchPlace { place, count });
                }
                rules.insert(*place, rule);
            }
            Edit::SetMode(name, mode) => {
                let place = self.place(name)?;
                rules[place] = Arc::new(rules[place].with_mode(*mode));
            }
            Edit::MakeList(name, kind) => return self.with_list(name, *kind),
            Edit::DropList(name) => return self.without_list(name),
            Edit::AddEntry { list, entry, until } => {
                if until.is_some_and(|until| until <= at) {
                    return Err(EditError::ExpiresInThePast);
                }
                let place = self.list_place(list)?;
                let changed = lists[place].with(entry, *until, at)?;
                return Ok((rules, replaced(lists, place, changed)));
            }
            Edit::RemoveEntry { list, entry } => {
                let place = self.list_place(list)?;
                let changed = lists[place].without(entry, at)?;
                let changed = changed.ok_or_else(|| EditError::NoSuchEntry(entry.clone()))?;
                return Ok((rules, replaced(lists, place, changed)));
            }
        }
        Ok((rules, lists))
    }

    pub(super) fn check_bounds(&self) -> Result<(), EditError> {
        if RULES_MAX < self.rules.len() {
            return Err(EditError::TooManyRules);
        }
        if LISTS_MAX < self.lists.len() {
            return Err(EditError::TooManyLists);
        }
        let entries: usize = self.lists.iter().map(|list| list.len()).sum();
        if ENTRIES_MAX < entries {
            return Err(EditError::TooManyEntries);
        }
        let cost = self.cost();
        if COST_MAX < cost {
            return Err(EditError::TooCostly { cost });
        }
        Ok(())
    }

    fn place(&self, name: &Name) -> Result<usize, EditError> {
        let place = self.rules.iter().position(|rule| rule.rule().name == *name);
        place.ok_or_else(|| EditError::NoSuchRule(name.clone()))
    }

    fn list_place(&self, name: &Name) -> Result<usize, EditError> {
        let found = self.lists.binary_search_by(|list| list.name().cmp(name));
        found.map_err(|_| EditError::NoSuchList(name.clone()))
    }

    fn with_list(&self, name: &Name, kind: ListKind) -> Result<Parts, EditError> {
        let mut lists = self.lists.clone();
        match lists.binary_search_by(|list| list.name().cmp(name)) {
            Ok(_) => return Err(EditError::ListExists(name.clone())),
            Err(place) => lists.insert(place, Arc::new(List::new(name.clone(), kind))),
        }
        Ok((self.rules_bound_to(&lists), lists))
    }

    fn without_list(&self, name: &Name) -> Result<Parts, EditError> {
        let place = self.list_place(name)?;
        let asks = |rule: &&Arc<CheckedRule>| rule.program().lists().any(|list| list == name);
        if let Some(rule) = self.rules.iter().find(asks) {
            return Err(EditError::ListInUse {
                list: name.clone(),
                rule: rule.rule().name.clone(),
            });
        }
        let mut lists = self.lists.clone();
        lists.remove(place);
        Ok((self.rules_bound_to(&lists), lists))
    }

    /// The rules, with the places of their lists found again among these.
    fn rules_bound_to(&self, lists: &[Arc<List>]) -> Vec<Arc<CheckedRule>> {
        let set = RuleSet::of(self.version, Vec::new(), lists.to_vec());
        let names = set.list_names();
        let rules = self.rules.iter();
        rules.map(|rule| Arc::new(rule.bound_to(&names))).collect()
    }
}

type Parts = (Vec<Arc<CheckedRule>>, Vec<Arc<List>>);

fn replaced(mut lists: Vec<Arc<List>>, place: usize, list: List) -> Vec<Arc<List>> {
    lists[place] = Arc::new(list);
    lists
}
