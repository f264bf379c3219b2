//! What a rule would have done to payments of the past.

use crate::entity::mix;
use crate::fact::Facts;
use crate::list::List;
use crate::rule::CheckedRule;
use crate::rule::program::{Outcome, Question};
use crate::verdict::{Score, Verdict};
use ids::time::Timestamp;
use money::currency::Currency;
use std::sync::Arc;

/// Payments that are named as hit.
pub const SAMPLE_MAX: usize = 100;
/// Currencies that are told apart; payments in more are counted, and their money is not.
pub const CURRENCIES_MAX: usize = 64;

/// What is known of a payment by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Fraud,
    Good,
}

/// A payment of the past, with its facts as they were at its time.
#[derive(Clone, Debug)]
pub struct Past<I, F> {
    pub id: I,
    pub facts: F,
    pub score: Option<Score>,
    pub at: Timestamp,
    pub amount_minor: i64,
    pub currency: Currency,
    pub label: Option<Label>,
    /// What was decided then.
    pub happened: Verdict,
}

/// What one payment would have met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Met {
    /// Whether the rule matches.
    is_hit: bool,
    /// What the rule says.
    says: Verdict,
    /// What the verdict would have been.
    verdict: Verdict,
    is_judged: bool,
}

/// Money of one currency, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    pub currency: Currency,
    /// Frauds that would have been challenged, reviewed or blocked.
    pub caught: i128,
    /// Frauds that the rule says nothing against.
    pub lost: i128,
    /// Good payments that would have been blocked.
    pub blocked_wrongly: i128,
    /// Good payments that would have been challenged or reviewed.
    pub delayed_wrongly: i128,
}

/// Somebody who would have been hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<I> {
    pub id: I,
    pub label: Option<Label>,
    pub happened: Verdict,
    pub would: Verdict,
}

/// What the rule would have done. An alarm is a verdict other than allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<I> {
    pub payments: u64,
    /// Payments that the rule matches.
    pub hits: u64,
    /// Payments of which the rule could not be judged.
    pub not_judged: u64,
    pub alarms: u64,
    /// Frauds with an alarm.
    pub caught: u64,
    /// Frauds without one.
    pub missed: u64,
    /// Good payments with an alarm.
    pub false_alarms: u64,
    /// Good payments without one.
    pub left_alone: u64,
    pub unlabelled_alarms: u64,
    /// Payments by what happened (first) and what would have happened (second), as `Verdict` counts.
    pub agreement: [[u64; 4]; 4],
    pub money: Vec<Money>,
    /// An even sample of the hits.
    pub sample: Vec<Hit<I>>,
}

/// Tries a rule, whatever its mode, beside what happened to payments of the past, in any order.
pub fn backtest<I, F: Facts>(
    rule: &CheckedRule,
    lists: &[Arc<List>],
    history: impl IntoIterator<Item = Past<I, F>>,
) -> Report<I> {
    let mut report = Report::new();
    for past in history {
        let met = meet(rule, lists, &past);
        report.count(past, met);
    }
    report
}

fn meet<I, F: Facts>(rule: &CheckedRule, lists: &[Arc<List>], past: &Past<I, F>) -> Met {
    let outcome = rule.program().ask(&Question {
        facts: &past.facts,
        score: past.score,
        lists,
        at: past.at,
    });
    let is_hit = outcome == Outcome::Matches;
    let effect = rule.rule().effect.filter(|_| is_hit);
    Met {
        is_hit,
        says: effect.unwrap_or(Verdict::Allow),
        verdict: match effect {
            Some(Verdict::Allow) => Verdict::Allow,
            Some(effect) => past.happened.max(effect),
            None => past.happened,
        },
        is_judged: !matches!(outcome, Outcome::NotJudged(_)),
    }
}

impl<I> Report<I> {
    fn new() -> Report<I> {
        Report {
            payments: 0,
            hits: 0,
            not_judged: 0,
            alarms: 0,
            caught: 0,
            missed: 0,
            false_alarms: 0,
            left_alone: 0,
            unlabelled_alarms: 0,
            agreement: [[0; 4]; 4],
            money: Vec::new(),
            sample: Vec::new(),
        }
    }

    fn count<F>(&mut self, past: Past<I, F>, met: Met) {
        let is_alarm = Verdict::Allow < met.says;
        self.payments += 1;
        self.hits += u64::from(met.is_hit);
        self.not_judged += u64::from(!met.is_judged);
        self.alarms += u64::from(is_alarm);
        self.agreement[past.happened as usize][met.verdict as usize] += 1;
        let counter = match (past.label, is_alarm) {
            (Some(Label::Fraud), true) => Some(&mut self.caught),
            (Some(Label::Fraud), false) => Some(&mut self.missed),
            (Some(Label::Good), true) => Some(&mut self.false_alarms),
            (Some(Label::Good), false) => Some(&mut self.left_alone),
            (None, true) => Some(&mut self.unlabelled_alarms),
            (None, false) => None,
        };
        if let Some(counter) = counter {
            *counter += 1;
        }
        self.count_money(
            past.currency,
            i128::from(past.amount_minor),
            past.label,
            met.says,
        );
        if met.is_hit {
            self.sample_hit(Hit {
                id: past.id,
                label: past.label,
                happened: past.happened,
                would: met.verdict,
            });
        }
    }

    fn count_money(
        &mut self,
        currency: Currency,
        amount_minor: i128,
        label: Option<Label>,
        says: Verdict,
    ) {
        let Some(label) = label else {
            return;
        };
        let known = self
            .money
            .iter()
            .position(|money| money.currency == currency);
        let place = match known {
            Some(place) => place,
            None if self.money.len() < CURRENCIES_MAX => {
                self.money.push(Money {
                    currency,
                    caught: 0,
                    lost: 0,
                    blocked_wrongly: 0,
                    delayed_wrongly: 0,
                });
                self.money.len() - 1
            }
            None => return,
        };
        let money = &mut self.money[place];
        let sum = match (label, says) {
            (Label::Fraud, Verdict::Allow) => &mut money.lost,
            (Label::Fraud, _) => &mut money.caught,
            (Label::Good, Verdict::Allow) => return,
            (Label::Good, Verdict::Block) => &mut money.blocked_wrongly,
            (Label::Good, Verdict::Challenge | Verdict::Review) => &mut money.delayed_wrongly,
        };
        *sum = sum.saturating_add(amount_minor);
    }

    /// Keeps every hit with the same chance (Vitter's algorithm R), by chance that is the same in every run.
    fn sample_hit(&mut self, hit: Hit<I>) {
        if self.sample.len() < SAMPLE_MAX {
            self.sample.push(hit);
            return;
        }
        let drawn = usize::try_from(mix(self.hits) % self.hits).unwrap_or(usize::MAX);
        if let Some(place) = self.sample.get_mut(drawn) {
            *place = hit;
        }
    }
}

#[cfg(test)]
mod tests;
