//! How events change profiles.

use ids::time::Timestamp;

use super::record::{Hour, Said};
use super::store::Profiles;
use crate::entity::{EntityKey, EntityKind};
use crate::event::{
    Attempt, CATEGORIES_MAX, ChallengeAnswer, Earlier, Event, Outcome, VOUCHERS_MAX, Verdict,
    VoucherFacts,
};
use crate::math;

/// An amount is near the limit from this part of it on.
const NEAR_LIMIT: f64 = 0.8;

/// An amount is unusual for a payer from so many standard deviations of its logarithm on.
const SURPRISING_MIN: f32 = 2.0;

/// A fraud's amount was nothing unusual for the payer below so many.
const PLAIN_MAX: f32 = 1.5;

impl Profiles {
    /// Learns from one event. Events come in the order of the journal.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Attempt { attempt, outcome } => self.apply_attempt(attempt, *outcome),
            Event::Challenge {
                attempt,
                answer,
                at,
            } => self.apply_challenge(attempt, *answer, *at),
            Event::Label {
                attempt,
                verdict,
                at,
                instead_of,
            } => self.apply_label(attempt, *verdict, *instead_of, *at),
            Event::Sale { voucher, at } => self.apply_sale(voucher, *at),
            Event::Capture { merchant, at, .. } => {
                self.count_monthly(*merchant, *at, |profile| &mut profile.turnover);
            }
            Event::Refund { merchant, at, .. } => {
                self.count_monthly(*merchant, *at, |profile| &mut profile.refunds);
            }
            Event::Dispute { merchant, at } => {
                self.count_monthly(*merchant, *at, |profile| &mut profile.disputes);
            }
        }
    }

    fn apply_attempt(&mut self, attempt: &Attempt, outcome: Outcome) {
        let hour = Hour::of(attempt.at, self.settings.ahead_of_utc);
        let amount = match outcome {
            Outcome::Authorised => attempt.amount_minor.and_then(Amount::of),
            Outcome::WrongPin
            | Outcome::TooLittle
            | Outcome::Challenged
            | Outcome::Reviewed
            | Outcome::Blocked
            | Outcome::Guarded => None,
        };
        let is_wrong = matches!(outcome, Outcome::WrongPin | Outcome::Guarded);
        let is_near_limit = is_near_limit(attempt);
        let is_surprising =
            amount.is_some() && SURPRISING_MIN < self.deviation_for_payer(attempt, attempt.at);
        let is_new_device = payer_on_device(attempt).is_some_and(|pair| self.find(pair).is_none());
        let crowds = self.crowds_of(attempt).into_iter().flatten();
        for entity in entities(attempt).into_iter().chain(crowds) {
            let slot = self.touch(entity, attempt.at);
            let profile = &mut self.slot_mut(slot).profile;
            let weight = profile.advance(attempt.at);
            profile.count_attempt(&weight);
            profile.count_hour(&weight, hour);
            if let Some(amount) = amount {
                profile.count_amount(&weight, amount.minor, amount.log2);
            }
            if is_wrong {
                profile.count_wrong(&weight);
            }
            if is_near_limit {
                profile.near_limit += weight.day;
            }
            if is_surprising {
                profile.surprises += weight.week;
            }
            if is_new_device && Some(entity) == attempt.payer() {
                profile.devices = profile.devices.saturating_add(1);
            }
            // A wrong PIN is nobody's payment, and would bring a shop's usual place to wherever somebody guesses.
            if let Some(place) = attempt.place.filter(|_| amount.is_some()) {
                profile.count_place(place, attempt.at);
            }
            let mut newcomers = 0.0;
            for partner in partners(attempt, entity) {
                newcomers += self.meet(slot, partner);
            }
            let profile = &mut self.slot_mut(slot).profile;
            profile.count_newcomers(&weight, newcomers);
        }
    }

    fn apply_challenge(&mut self, attempt: &Attempt, answer: ChallengeAnswer, at: Timestamp) {
        if answer == ChallengeAnswer::Passed {
            return;
        }
        for entity in entities(attempt) {
            let slot = self.touch(entity, at);
            let profile = &mut self.slot_mut(slot).profile;
            let weight = profile.advance(at);
            profile.failed += weight.day;
        }
    }

    /// How unusual the amount is for who pays; NaN if that is not known.
    fn deviation_for_payer(&self, attempt: &Attempt, at: Timestamp) -> f32 {
        let amount = attempt.amount_minor.and_then(Amount::of);
        let seen = attempt.payer().and_then(|payer| self.look(payer, at));
        match (amount, seen) {
            (Some(amount), Some(seen)) => seen.profile.amount_deviation(&seen.left, amount.log2),
            (_, _) => f32::NAN,
        }
    }

    fn apply_label(
        &mut self,
        attempt: &Attempt,
        verdict: Verdict,
        instead_of: Option<Earlier>,
        at: Timestamp,
    ) {
        let is_plain = self.deviation_for_payer(attempt, at) < PLAIN_MAX;
        let said = Said {
            verdict,
            is_plain,
            made: attempt.at,
            known: at,
        };
        for entity in entities(attempt) {
            let slot = self.touch(entity, at);
            let profile = &mut self.slot_mut(slot).profile;
            if let Some(earlier) = instead_of {
                let taken_back = Said {
                    verdict: earlier.verdict,
                    known: earlier.at,
                    ..said
                };
                profile.take_label_back(&taken_back, at);
            }
            profile.count_label(&said);
        }
    }

    fn apply_sale(&mut self, voucher: &VoucherFacts, at: Timestamp) {
        for seller in [voucher.terminal, voucher.distributor]
            .into_iter()
            .flatten()
        {
            self.count_monthly(seller, at, |profile| &mut profile.turnover);
        }
    }

    fn count_monthly(
        &mut self,
        entity: EntityKey,
        at: Timestamp,
        counter: impl Fn(&mut super::record::Profile) -> &mut f32,
    ) {
        let slot = self.touch(entity, at);
        let profile = &mut self.slot_mut(slot).profile;
        let weight = profile.advance(at);
        *counter(profile) += weight.month;
    }
}

#[derive(Clone, Copy)]
struct Amount {
    minor: f32,
    log2: f32,
}

impl Amount {
    /// None for what is not positive: it says nothing about what is usual.
    fn of(minor: i64) -> Option<Amount> {
        (minor > 0).then(|| Amount {
            minor: minor as f32,
            log2: math::log2(minor as f64) as f32,
        })
    }
}

/// Whether somebody may have chosen the amount to stay just under the limit.
pub(crate) fn is_near_limit(attempt: &Attempt) -> bool {
    match (attempt.amount_minor, attempt.limit_minor) {
        (Some(amount), Some(limit)) => amount < limit && amount as f64 >= NEAR_LIMIT * limit as f64,
        (None, _) | (_, None) => false,
    }
}

/// Everybody and everything that takes part in an attempt, each once.
pub(crate) fn entities(attempt: &Attempt) -> Vec<EntityKey> {
    let mut entities = Vec::with_capacity(16);
    let mut add = |entity: Option<EntityKey>| {
        if let Some(entity) = entity.filter(|entity| !entities.contains(entity)) {
            entities.push(entity);
        }
    };
    add(attempt.payment);
    add(attempt.merchant);
    add(attempt.account);
    add(attempt.customer);
    add(attempt.address);
    add(attempt.network);
    add(attempt.device);
    add(payer_at_merchant(attempt));
    add(payer_on_device(attempt));
    for voucher in attempt.vouchers.iter().take(VOUCHERS_MAX) {
        add(Some(voucher.voucher));
        add(voucher.terminal);
        add(voucher.distributor);
        add(terminal_to_merchant(attempt, voucher));
    }
    for category in attempt.categories.iter().take(CATEGORIES_MAX) {
        add(Some(*category));
    }
    entities
}

pub(crate) fn payer_at_merchant(attempt: &Attempt) -> Option<EntityKey> {
    let kind = EntityKind::PayerAtMerchant;
    Some(EntityKey::pair(kind, attempt.payer()?, attempt.merchant?))
}

/// None where the device is all that is known of the payer.
pub(crate) fn payer_on_device(attempt: &Attempt) -> Option<EntityKey> {
    let payer = attempt.account.or(attempt.customer)?;
    let kind = EntityKind::PayerOnDevice;
    Some(EntityKey::pair(kind, payer, attempt.device?))
}

pub(crate) fn terminal_to_merchant(attempt: &Attempt, voucher: &VoucherFacts) -> Option<EntityKey> {
    let kind = EntityKind::TerminalToMerchant;
    Some(EntityKey::pair(kind, voucher.terminal?, attempt.merchant?))
}

/// The partners whose number tells something about an entity.
fn partners(attempt: &Attempt, entity: EntityKey) -> Vec<EntityKey> {
    let vouchers = || {
        attempt
            .vouchers
            .iter()
            .take(VOUCHERS_MAX)
            .map(|v| v.voucher)
    };
    match entity.kind() {
        EntityKind::Address | EntityKind::Device | EntityKind::Customer => {
            let vouchers: Vec<EntityKey> = vouchers().collect();
            match vouchers.is_empty() {
                true => attempt.account.or(attempt.customer).into_iter().collect(),
                false => vouchers,
            }
        }
        EntityKind::Network => attempt.address.into_iter().collect(),
        EntityKind::Voucher => attempt.address.or(attempt.device).into_iter().collect(),
        EntityKind::Account | EntityKind::Terminal => attempt.merchant.into_iter().collect(),
        EntityKind::Merchant => attempt.payer().or(vouchers().next()).into_iter().collect(),
        EntityKind::Distributor
        | EntityKind::PayerAtMerchant
        | EntityKind::TerminalToMerchant
        | EntityKind::Payment
        | EntityKind::Category
        | EntityKind::Strangers
        | EntityKind::PayerOnDevice => Vec::new(),
    }
}
