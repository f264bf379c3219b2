use ids::time::{Span, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::entity::EntityHasher;
use crate::event::{Event, Outcome, Verdict};
use crate::profile::store::ProfileSettings;

const START: Timestamp = Timestamp(1_700_000_000_000);

fn key(kind: EntityKind, number: u64) -> EntityKey {
    EntityHasher::new([1, 2]).key(kind, &number.to_le_bytes())
}

fn empty() -> Profiles {
    Profiles::new(ProfileSettings {
        entities_max: 10_000,
        ahead_of_utc: Span(0),
    })
}

/// Somebody with a cookie at a shop.
fn attempt(device: u64, shop: u64, at: Timestamp) -> Attempt {
    Attempt {
        at,
        amount_minor: Some(1_000),
        merchant: Some(key(EntityKind::Merchant, shop)),
        address: Some(key(EntityKind::Address, 1)),
        device: Some(key(EntityKind::Device, device)),
        ..Attempt::default()
    }
}

fn learn(profiles: &mut Profiles, attempt: Attempt, outcome: Outcome) {
    profiles.apply(&Event::Attempt { attempt, outcome });
}

fn wrong_of(profiles: &Profiles, crowd: EntityKey, at: Timestamp) -> f32 {
    let seen = profiles.look(crowd, at);
    seen.map_or(0.0, |seen| seen.profile.wrong[0] * seen.left.hour)
}

#[test]
fn one_payment_vouches_for_a_month_and_only_for_whoever_made_it() {
    let mut profiles = empty();
    learn(&mut profiles, attempt(1, 1, START), Outcome::Authorised);
    let after = |device, days| attempt(device, 2, START.plus(Span::DAY.times(days)));
    assert!(profiles.knows(&after(1, 0)));
    assert!(profiles.knows(&after(1, 29)));
    assert!(!profiles.knows(&after(1, 31)));
    assert!(
        !profiles.knows(&after(2, 0)),
        "the address vouches for nobody"
    );
}

#[test]
fn what_was_not_paid_vouches_for_nobody() {
    for outcome in [
        Outcome::WrongPin,
        Outcome::TooLittle,
        Outcome::Challenged,
        Outcome::Reviewed,
        Outcome::Blocked,
        Outcome::Guarded,
    ] {
        let mut profiles = empty();
        learn(&mut profiles, attempt(1, 1, START), outcome);
        assert!(!profiles.knows(&attempt(1, 1, START)), "{outcome:?}");
    }
}

#[test]
fn more_wrong_pins_than_payments_or_a_fraud_make_a_stranger_again() {
    let mut profiles = empty();
    learn(&mut profiles, attempt(1, 1, START), Outcome::Authorised);
    learn(&mut profiles, attempt(1, 1, START), Outcome::WrongPin);
    assert!(profiles.knows(&attempt(1, 1, START)));
    learn(&mut profiles, attempt(1, 1, START), Outcome::WrongPin);
    assert!(!profiles.knows(&attempt(1, 1, START)));
    let later = START.plus(Span::DAY.times(2));
    assert!(profiles.knows(&attempt(1, 1, later)), "slips are forgotten");
    profiles.apply(&Event::Label {
        attempt: attempt(1, 1, START),
        verdict: Verdict::Fraud,
        instead_of: None,
        at: later,
    });
    assert!(!profiles.knows(&attempt(1, 1, later)));
}

#[test]
fn payments_do_not_buy_guesses_and_a_new_name_washes_nothing() {
    let mut profiles = empty();
    let customer = Some(key(EntityKind::Customer, 9));
    let as_customer = |device| Attempt {
        customer,
        ..attempt(device, 1, START)
    };
    for _ in 0..50 {
        learn(&mut profiles, as_customer(1), Outcome::Authorised);
    }
    assert!(profiles.knows(&as_customer(2)), "the customer vouches");
    for _ in 0..3 {
        learn(&mut profiles, attempt(2, 1, START), Outcome::WrongPin);
    }
    assert!(profiles.knows(&as_customer(3)));
    assert!(!profiles.knows(&as_customer(2)), "the device tells against");
    for _ in 0..3 {
        learn(&mut profiles, as_customer(3), Outcome::WrongPin);
    }
    assert!(
        !profiles.knows(&as_customer(4)),
        "fifty payments excuse no more"
    );
}

#[test]
fn guessing_at_one_shop_does_not_tell_against_strangers_elsewhere() {
    let mut profiles = empty();
    for guess in 0..1_000 {
        let at = START.plus(Span::SECOND.times(guess));
        learn(
            &mut profiles,
            attempt(100 + guess as u64, 1, at),
            Outcome::WrongPin,
        );
    }
    let end = START.plus(Span::SECOND.times(1_000));
    let shop = |number| strangers_at(key(EntityKind::Merchant, number));
    assert!(800.0 < wrong_of(&profiles, shop(1), end));
    assert_eq!(wrong_of(&profiles, shop(2), end), 0.0);
    assert!(wrong_of(&profiles, strangers(), end) < GUESSES_MIN);
}

#[test]
fn guessing_spread_over_shops_shows_in_the_crowd_of_all() {
    let mut profiles = empty();
    for guess in 0..600_u64 {
        let at = START.plus(Span::SECOND.times(guess as i64));
        learn(
            &mut profiles,
            attempt(100 + guess, guess % 60, at),
            Outcome::WrongPin,
        );
    }
    let end = START.plus(Span::SECOND.times(600));
    assert!(400.0 < wrong_of(&profiles, strangers(), end));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whoever is known is in no crowd, and everybody else is in that of the shop.
    #[test]
    fn crowds_hold_strangers_alone(
        history in prop::collection::vec((0_u64..4, 0_u64..3, 0_usize..3, 0_i64..40), 0..60),
    ) {
        let mut profiles = empty();
        let mut at = START;
        for (device, shop, outcome, hours) in history {
            at = at.plus(Span::HOUR.times(hours));
            let attempt = attempt(device, shop, at);
            let crowd = strangers_at(key(EntityKind::Merchant, shop));
            let attempts = |profiles: &Profiles| {
                let seen = profiles.look(crowd, at);
                seen.map_or(0.0, |seen| seen.profile.attempts[3] * seen.left.month)
            };
            let (before, is_known) = (attempts(&profiles), profiles.knows(&attempt));
            let outcome = [Outcome::Authorised, Outcome::WrongPin, Outcome::TooLittle][outcome];
            learn(&mut profiles, attempt, outcome);
            let more = attempts(&profiles) - before;
            prop_assert_eq!(is_known, more.abs() < 0.5, "{} more", more);
        }
    }
}
