//! The judge: facts from the profiles, rules and models of the bench, and a record of it all.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use ids::object::PaymentId;
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use parking_lot::Mutex;
use payment::attempt::{Judgement, Verdict};
use risk::decision::values::FactValues;
use risk::decision::{Record, decide};
use risk::feature::features;
use risk::rule::Action;

use crate::judge::{Case, Countermeasure, Judge, Judged};
use crate::risk::Risk;
use crate::risk::bench::Bench;
use crate::risk::sold::Till;
use crate::risk::translation::{Told, texts};

/// How long a payer who is warned has to think at least.
const WARNING_TIME: Span = Span::MINUTE;

/// What may still be risked to learn from blocks, today and on this node.
#[derive(Debug, Default)]
pub struct Allowance(Mutex<Today>);

#[derive(Debug, Default)]
struct Today {
    day: i64,
    /// A payment is judged again when its batch is committed again; it counts once.
    spent_minor: HashMap<PaymentId, i64>,
    sum_minor: i64,
}

impl Allowance {
    /// What is left of the day's allowance for this payment, minor units.
    fn left(&self, daily_minor_max: i64, payment: PaymentId, now: Timestamp) -> i64 {
        let mut today = self.0.lock();
        let day = now.0.div_euclid(Span::DAY.0);
        // A clock that goes back begins no day anew.
        if today.day < day {
            *today = Today {
                day,
                ..Today::default()
            };
        }
        let own = today.spent_minor.get(&payment).copied().unwrap_or(0);
        (daily_minor_max - (today.sum_minor - own)).max(0)
    }

    fn spend(&self, payment: PaymentId, minor: i64) {
        let mut today = self.0.lock();
        let before = today.spent_minor.insert(payment, minor).unwrap_or(0);
        today.sum_minor += minor - before;
    }
}

impl Judge for Risk {
    fn judge(&self, case: &Case<'_>) -> Option<Judged> {
        let begun = Instant::now();
        let bench = self.bench();
        let record = self.decide(&bench, case);
        let bytes: Arc<[u8]> = Arc::from(record.encode());
        self.figures.took(begun.elapsed());
        self.figures.count(&record);
        if record.decision.explored_weight_milli.is_some() {
            self.allowance
                .spend(case.payment.id, record.case.amount_minor);
        }
        Some(Judged {
            cool_down: cool_down(&record.decision.actions),
            review_time: bench.settings.review_time(),
            vouchers: if record.decision.actions.contains(&Action::FreezeVoucher) {
                Countermeasure::Freeze
            } else {
                Countermeasure::Leave
            },
            judgement: Judgement {
                verdict: verdict(record.decision.verdict),
                record: bytes,
            },
        })
    }
}

impl Risk {
    fn decide(&self, bench: &Bench, case: &Case<'_>) -> Record {
        let facts = self.facts(case);
        let name = case.payment.id.to_string();
        let lot = self.vault.lot(name.as_bytes());
        let draw = lot
            .first_chunk()
            .map_or(0, |first| u64::from_le_bytes(*first));
        let policy = bench.settings.policy_of(case.payment.id.mid.merchant);
        let daily_max = policy.explored_daily_minor_max;
        let left = self.allowance.left(daily_max, case.payment.id, case.now);
        let judged = bench.judge(&facts, self.standing(case.now));
        let about = bench.case(policy, case.payment, case.now, draw, left);
        decide(about, facts, &bench.rules, &judged, |facts| {
            bench.contributions(facts, &self.schema)
        })
    }

    /// What is known of the attempt at this moment.
    fn facts(&self, case: &Case<'_>) -> FactValues {
        let memory = self.memory.read();
        let till = |serial: Serial| -> Option<Till> { memory.sold.till(serial) };
        let vouchers = case.vouchers.iter();
        let attempt = self.translation.attempt(Told {
            payment: case.payment,
            attempt: case.attempt,
            vouchers: vouchers
                .map(|voucher| self.translation.voucher(voucher, till(voucher.serial)))
                .collect(),
            at: case.now,
        });
        let first = case.vouchers.first();
        let first = first.map(|voucher| (voucher, till(voucher.serial)));
        let words = texts(case.payment, case.attempt, first);
        let found = features(&memory.profiles, &attempt, words);
        drop(memory);
        FactValues::take(&self.schema, &found)
    }
}

fn cool_down(actions: &[Action]) -> Span {
    let spans = actions.iter().filter_map(|action| match action {
        Action::CoolDown(span) => Some(*span),
        Action::WarnPayer => Some(WARNING_TIME),
        Action::FreezeVoucher
        | Action::NotifyOwner
        | Action::NotifyMerchant
        | Action::RaiseGuard(..) => None,
    });
    spans.max().unwrap_or_default()
}

fn verdict(verdict: risk::verdict::Verdict) -> Verdict {
    match verdict {
        risk::verdict::Verdict::Allow => Verdict::Allow,
        risk::verdict::Verdict::Challenge => Verdict::Challenge,
        risk::verdict::Verdict::Review => Verdict::Review,
        risk::verdict::Verdict::Block => Verdict::Block,
    }
}

#[cfg(test)]
mod tests;
