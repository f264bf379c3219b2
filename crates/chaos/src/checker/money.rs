//! Conservation: what was sold is on vouchers, held, or with the shop.

use std::collections::BTreeMap;

use crate::checker::history::{Action, Answer, History, Phase};

/// What was seen at the end, per currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub sold: i64,
    pub left: i64,
    pub held: i64,
    /// Captured and not refunded.
    pub with_shop: i64,
}

impl Totals {
    /// What is missing, or, below zero, what came from nowhere.
    pub fn missing(&self) -> i64 {
        self.sold - self.left - self.held - self.with_shop
    }
}

/// Adds up the last looks at every voucher and payment. A history whose last look is missing counts as sold only.
pub fn totals(histories: &[History]) -> BTreeMap<&'static str, Totals> {
    let mut sums: BTreeMap<&'static str, Totals> = BTreeMap::new();
    for history in histories {
        let sum = sums.entry(history.currency).or_default();
        sum.sold += history.worth;
        if let Some(Answer::Voucher { left }) = last_answer(history, Action::LookAtVoucher) {
            sum.left += left;
        }
        for (payment, amount) in history.amounts.iter().enumerate() {
            if let Some(Answer::Payment(seen)) =
                last_answer(history, Action::LookAtPayment { payment })
            {
                sum.with_shop += seen.captured - seen.refunded;
                sum.held += if seen.phase == Phase::Held {
                    *amount
                } else {
                    0
                };
            }
        }
    }
    sums
}

fn last_answer(history: &History, action: Action) -> Option<Answer> {
    let answered = history
        .calls
        .iter()
        .filter(|call| call.action == action)
        .filter_map(|call| call.answer);
    answered.max_by_key(|told| told.at).map(|told| told.answer)
}
