//! Strangers: payers whom nobody vouches for.
//!
//! Whoever guesses PINs can come from any number of addresses, but as a stranger from each: a device, a customer or an account
//! vouches for a payer once it has paid. So honest strangers at one shop, of whom there are few, are the crowd in which guessing
//! shows first, and those who are known can be spared when guessing is answered.

use ids::time::Timestamp;

use super::store::Profiles;
use crate::entity::{EntityKey, EntityKind};
use crate::event::Attempt;

/// One payment vouches for a month.
const PAYMENTS_MIN: f32 = 0.5;
/// Slips of about a day that a payer may make. Payments do not buy more: guesses would have a price, and a low one.
const SLIPS_MAX: f32 = 2.0;
/// What is left of one label after a month and a half no longer tells against a payer.
const FRAUDS_MAX: f32 = 0.35;
/// From these wrong PINs within about an hour, and this part of the attempts, strangers at one shop are guessers. They no
/// longer count among the strangers of all shops, or guessing at one shop would tell against strangers everywhere.
const GUESSES_MIN: f32 = 8.0;
const GUESSES_SHARE_MIN: f32 = 0.6;

impl Profiles {
    /// Whether the account, the shop's customer or the device vouches for the payer, and none of them tells against. One that
    /// paid before vouches, if not with more wrong PINs than payments; more than a few wrong PINs, or a fraud, tell against
    /// whoever has to do with them. An address vouches for nobody: the machine at it may be anybody's.
    pub(crate) fn knows(&self, attempt: &Attempt) -> bool {
        let mut is_vouched_for = false;
        for entity in [attempt.account, attempt.customer, attempt.device] {
            match entity.map_or(Word::Nothing, |entity| self.word_of(entity, attempt.at)) {
                Word::Against => return false,
                Word::For => is_vouched_for = true,
                Word::Nothing => {}
            }
        }
        is_vouched_for
    }

    fn word_of(&self, entity: EntityKey, at: Timestamp) -> Word {
        let Some(seen) = self.look(entity, at) else {
            return Word::Nothing;
        };
        let payments = seen.profile.amounts * seen.left.month;
        let wrong = seen.profile.wrong[1] * seen.left.day;
        let frauds = seen.profile.frauds[2] * seen.left.month;
        if SLIPS_MAX < wrong || FRAUDS_MAX <= frauds {
            Word::Against
        } else if PAYMENTS_MIN <= payments && wrong <= payments {
            Word::For
        } else {
            Word::Nothing
        }
    }

    /// The crowds that an attempt is one of: none for a payer who is known.
    pub(super) fn crowds_of(&self, attempt: &Attempt) -> [Option<EntityKey>; 2] {
        if self.knows(attempt) {
            return [None, None];
        }
        let here = attempt.merchant.map(strangers_at);
        let are_guessers = here.is_some_and(|here| self.are_guessers(here, attempt.at));
        [here, (!are_guessers).then(strangers)]
    }

    fn are_guessers(&self, crowd: EntityKey, at: Timestamp) -> bool {
        self.look(crowd, at).is_some_and(|seen| {
            let wrong = seen.profile.wrong[0] * seen.left.hour;
            let attempts = seen.profile.attempts[0] * seen.left.hour;
            GUESSES_MIN <= wrong && GUESSES_SHARE_MIN * attempts <= wrong
        })
    }
}

/// What somebody who takes part in an attempt says of its payer.
enum Word {
    For,
    Nothing,
    Against,
}

/// The strangers at one shop.
pub(crate) fn strangers_at(merchant: EntityKey) -> EntityKey {
    EntityKey::pair(EntityKind::Strangers, merchant, merchant)
}

/// The strangers at all shops but those where they are guessers.
pub(crate) fn strangers() -> EntityKey {
    EntityKey::pair(
        EntityKind::Strangers,
        EntityKey::default(),
        EntityKey::default(),
    )
}

#[cfg(test)]
mod tests;
