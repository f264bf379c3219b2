//! The bytes of rule sets.

use super::{RULES_MAX, RuleSet, RuleSetError};
use crate::bytes::{DecodeError, Reader, Writer};
use crate::fact::Catalogue;
use crate::list::{LISTS_MAX, List, ListNames, read_name};
use crate::rule::{Action, CheckedRule, Guarded, Mode, Rule, limits};
use crate::verdict::Verdict;
use ids::time::Span;
use std::sync::Arc;

const SET_FORMAT: u8 = 1;

impl RuleSet {
    /// One form for each rule set: format, version, lists, rules.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.byte(SET_FORMAT);
        out.number(self.version);
        out.length(self.lists.len());
        self.lists.iter().for_each(|list| list.write(&mut out));
        out.length(self.rules.len());
        for rule in &self.rules {
            write_rule(rule.rule(), &mut out);
        }
        out.finish()
    }

    /// # Errors
    /// The bytes are not what `encode` writes, or a rule does not fit the catalogue.
    pub fn decode(bytes: &[u8], catalogue: &Catalogue) -> Result<RuleSet, RuleSetError> {
        let mut reader = Reader::new(bytes);
        reader.format(SET_FORMAT)?;
        let version = reader.number()?;
        let lists = reader.list(LISTS_MAX, List::read)?;
        if !lists.is_sorted_by(|left, right| left.name() < right.name()) {
            return Err(DecodeError::Invalid("order of lists").into());
        }
        let rules = reader.list(RULES_MAX, read_rule)?;
        reader.finish()?;
        let names = ListNames::new(lists.iter().map(|list| (list.name().clone(), list.kind())));
        let rules = checked(rules, catalogue, &names)?;
        let set = RuleSet::of(version, rules, lists.into_iter().map(Arc::new).collect());
        set.check_bounds()?;
        Ok(set)
    }
}

fn checked(
    rules: Vec<Rule>,
    catalogue: &Catalogue,
    names: &ListNames,
) -> Result<Vec<Arc<CheckedRule>>, RuleSetError> {
    let mut checked: Vec<Arc<CheckedRule>> = Vec::with_capacity(rules.len());
    for rule in rules {
        let name = rule.name.clone();
        if checked.iter().any(|before| before.rule().name == name) {
            return Err(DecodeError::Invalid("second rule of one name").into());
        }
        let rule = CheckedRule::new(rule, catalogue, names);
        checked.push(Arc::new(
            rule.map_err(|error| RuleSetError::Rule { name, error })?,
        ));
    }
    Ok(checked)
}

pub(super) fn write_rule(rule: &Rule, out: &mut Writer) {
    out.text(rule.name.as_str());
    out.byte(rule.mode as u8);
    out.optional(rule.effect, |out, effect| out.byte(effect.code()));
    out.length(rule.actions.len());
    rule.actions
        .iter()
        .for_each(|action| write_action(*action, out));
    out.text(&rule.expression);
    out.text(&rule.reason);
    out.text(&rule.payer_words);
}

fn read_rule(reader: &mut Reader<'_>) -> Result<Rule, DecodeError> {
    Ok(Rule {
        name: read_name(reader)?,
        mode: read_mode(reader)?,
        effect: reader.optional(|reader| Verdict::from_code(reader.byte()?))?,
        actions: reader.list(limits::ACTIONS_MAX, read_action)?,
        expression: reader.text(limits::EXPRESSION_BYTES_MAX)?.to_owned(),
        reason: reader.text(limits::WORDS_BYTES_MAX)?.to_owned(),
        payer_words: reader.text(limits::WORDS_BYTES_MAX)?.to_owned(),
    })
}

fn read_mode(reader: &mut Reader<'_>) -> Result<Mode, DecodeError> {
    let mode = Mode::ALL.get(usize::from(reader.byte()?)).copied();
    mode.ok_or(DecodeError::Invalid("mode"))
}

pub(crate) fn write_action(action: Action, out: &mut Writer) {
    match action {
        Action::FreezeVoucher => out.byte(0),
        Action::NotifyOwner => out.byte(1),
        Action::NotifyMerchant => out.byte(2),
        Action::WarnPayer => out.byte(3),
        Action::CoolDown(span) => {
            out.byte(4);
            out.signed(span.0);
        }
        Action::RaiseGuard(guarded, span) => {
            out.byte(5);
            out.byte(guarded as u8);
            out.signed(span.0);
        }
    }
}

pub(crate) fn read_action(reader: &mut Reader<'_>) -> Result<Action, DecodeError> {
    Ok(match reader.byte()? {
        0 => Action::FreezeVoucher,
        1 => Action::NotifyOwner,
        2 => Action::NotifyMerchant,
        3 => Action::WarnPayer,
        4 => Action::CoolDown(Span(reader.signed()?)),
        5 => {
            let guarded = Guarded::ALL.get(usize::from(reader.byte()?)).copied();
            let guarded = guarded.ok_or(DecodeError::Invalid("guard"))?;
            Action::RaiseGuard(guarded, Span(reader.signed()?))
        }
        _ => return Err(DecodeError::Invalid("action")),
    })
}
