use ids::time::{Span, Timestamp};
use proptest::prelude::*;

use super::record::{LATE_MAX, Profile};
use super::snapshot::SnapshotError;
use super::store::{BYTES_PER_ENTITY, ENTITIES_MIN, ProfileSettings, Profiles};
use crate::entity::{EntityHasher, EntityKey, EntityKind};
use crate::event::{
    Attempt, ChallengeAnswer, Earlier, Event, Outcome, Texts, Verdict, VoucherFacts,
};
use crate::feature::{catalogue, features};
use crate::place::Place;

const START: Timestamp = Timestamp(1_600_000_000_000);

fn store(entities_max: usize) -> Profiles {
    Profiles::new(ProfileSettings {
        entities_max,
        ahead_of_utc: Span(0),
    })
}

fn key(kind: EntityKind, number: u64) -> EntityKey {
    EntityHasher::new([3, 4]).key(kind, &number.to_le_bytes())
}

/// An attempt with a right PIN, from an address, at a merchant.
fn attempt(at: Timestamp, address: u64, merchant: u64) -> Attempt {
    Attempt {
        at,
        amount_minor: Some(1_000),
        address: Some(key(EntityKind::Address, address)),
        merchant: Some(key(EntityKind::Merchant, merchant)),
        ..Attempt::default()
    }
}

fn authorised(attempt: Attempt) -> Event {
    Event::Attempt {
        attempt,
        outcome: Outcome::Authorised,
    }
}

fn fact(profiles: &Profiles, attempt: &Attempt, name: &str) -> f32 {
    let (index, _) = catalogue().find(name).expect(name);
    features(profiles, attempt, Texts::default()).numbers()[index]
}

/// A few entities of each kind and times within a month, also backwards.
fn any_event() -> impl Strategy<Value = Event> {
    let parts = (
        0..6_u8,
        0..2_592_000_i64,
        (0..40_u64, 0..5_u64, 0..60_u64),
        1..100_000_i64,
        any::<bool>(),
    );
    parts.prop_map(
        |(choice, second, (address, merchant, voucher), amount, is_so)| {
            let at = START.plus(Span::SECOND.times(second));
            let voucher_number = voucher;
            let voucher = VoucherFacts {
                voucher: key(EntityKind::Voucher, voucher),
                sold_at: Some(START),
                face_minor: Some(amount),
                remaining_minor: Some(amount),
                terminal: Some(key(EntityKind::Terminal, voucher % 7)),
                distributor: Some(key(EntityKind::Distributor, voucher % 2)),
                country: None,
                is_first_use: Some(is_so),
            };
            let attempt = Attempt {
                amount_minor: is_so.then_some(amount),
                network: Some(key(EntityKind::Network, address / 8)),
                device: is_so.then_some(key(EntityKind::Device, address / 2)),
                customer: Some(key(EntityKind::Customer, voucher_number)),
                place: is_so.then(|| Place::on_earth(address as f64, 0.0).expect("a place")),
                vouchers: vec![voucher],
                ..attempt(at, address, merchant)
            };
            let merchant = key(EntityKind::Merchant, merchant);
            let later = at.plus(Span::HOUR);
            match choice {
                0 | 1 => authorised(attempt),
                2 => Event::Attempt {
                    attempt: Attempt {
                        vouchers: Vec::new(),
                        ..attempt
                    },
                    outcome: Outcome::WrongPin,
                },
                3 => Event::Label {
                    instead_of: None,
                    attempt,
                    verdict: if is_so { Verdict::Fraud } else { Verdict::Good },
                    at: later,
                },
                4 if is_so => Event::Sale { voucher, at },
                4 => Event::Dispute { merchant, at },
                _ => Event::Challenge {
                    attempt,
                    answer: ChallengeAnswer::Failed,
                    at: later,
                },
            }
        },
    )
}

proptest! {
    #[test]
    fn bound_holds_whatever_comes(events in prop::collection::vec(any_event(), 1..400)) {
        let mut profiles = store(ENTITIES_MIN);
        for event in &events {
            profiles.apply(event);
            prop_assert!(profiles.count() <= ENTITIES_MIN);
            let by_kind: usize = EntityKind::ALL.iter().map(|kind| profiles.count_of(*kind)).sum();
            prop_assert_eq!(profiles.count(), by_kind);
            prop_assert!(profiles.sketches() <= ENTITIES_MIN / 192);
        }
    }

    #[test]
    fn what_is_restored_goes_on_bit_by_bit(
        before in prop::collection::vec(any_event(), 0..300),
        after in prop::collection::vec(any_event(), 0..300),
    ) {
        let mut whole = store(ENTITIES_MIN);
        before.iter().for_each(|event| whole.apply(event));
        let mut restored = Profiles::restore(&whole.snapshot()).expect("a snapshot of our own");
        prop_assert!(restored.snapshot() == whole.snapshot());
        for event in &after {
            whole.apply(event);
            restored.apply(event);
        }
        prop_assert!(restored.snapshot() == whole.snapshot());
    }

    #[test]
    fn features_are_finite_or_unknown_whatever_came(
        events in prop::collection::vec(any_event(), 0..200),
        second in -5_000_000_000..5_000_000_000_i64,
    ) {
        let mut profiles = store(ENTITIES_MIN);
        events.iter().for_each(|event| profiles.apply(event));
        let probe = Attempt {
            vouchers: vec![VoucherFacts {
                voucher: key(EntityKind::Voucher, 1),
                sold_at: None,
                face_minor: None,
                remaining_minor: Some(0),
                terminal: Some(key(EntityKind::Terminal, 1)),
                distributor: None,
                country: None,
                is_first_use: None,
            }],
            ..attempt(START.plus(Span::SECOND.times(second)), 1, 1)
        };
        for number in features(&profiles, &probe, Texts::default()).numbers() {
            prop_assert!(number.is_nan() || number.abs() <= 1e9, "{}", number);
        }
    }

    #[test]
    fn counts_decay_by_their_half_lives_however_they_are_advanced(
        steps in prop::collection::vec(1..200_000_000_i64, 1..20),
    ) {
        let mut profile = Profile::new(START);
        let weight = profile.advance(START);
        profile.count_attempt(&weight);
        let mut at = START;
        for step in &steps {
            at = at.plus(Span(*step));
            profile.advance(at);
        }
        let days = (at.0 - START.0) as f64 / Span::DAY.0 as f64;
        for (count, half_life_days) in profile.attempts.iter().zip([1.0 / 24.0, 1.0, 7.0, 30.0]) {
            let expected = (-days / half_life_days).exp2();
            prop_assert!((f64::from(*count) - expected).abs() < 1e-5 * expected + 1e-30);
        }
    }

    #[test]
    fn label_that_takes_the_place_of_another_leaves_nothing_of_it_in_the_counts(
        others in prop::collection::vec((0..400_i64, 0..200_i64, any::<bool>()), 0..12),
        verdicts in any::<[bool; 2]>(),
        hours in prop::array::uniform2(0..300_i64),
    ) {
        let verdict = |is_fraud: bool| if is_fraud { Verdict::Fraud } else { Verdict::Good };
        let hour = |hour: i64| START.plus(Span::HOUR.times(hour));
        let made = attempt(hour(100), 1, 1);
        let [first, second] = [100 + hours[0], 100 + hours[0] + hours[1]].map(hour);
        let label = |attempt: &Attempt, is_fraud: bool, at, instead_of| Event::Label {
            attempt: attempt.clone(),
            verdict: verdict(is_fraud),
            at,
            instead_of,
        };
        let earlier = Earlier { verdict: verdict(verdicts[0]), at: first };
        let mut events: Vec<Event> = others
            .iter()
            .map(|(made, delay, is_fraud)| label(&attempt(hour(*made), 1, 1), *is_fraud, hour(made + delay), None))
            .collect();
        let mut corrected = events.clone();
        events.push(label(&made, verdicts[1], second, None));
        corrected.push(label(&made, verdicts[0], first, None));
        corrected.push(label(&made, verdicts[1], second, Some(earlier)));
        let [right_at_once, corrected] = [events, corrected].map(|mut events| {
            events.sort_by_key(Event::at);
            let mut profiles = store(ENTITIES_MIN);
            events.iter().for_each(|event| profiles.apply(event));
            profiles
        });
        let counts = |profiles: &Profiles| {
            let at = hour(1_000);
            let seen = profiles.look(key(EntityKind::Merchant, 1), at).expect("a profile");
            let [day, week, month] = seen.profile.frauds;
            let [good_day, good_week, good_month] = seen.profile.labels;
            let left = seen.left;
            [
                day * left.day, week * left.week, month * left.month, seen.profile.frauds_known * left.week,
                good_day * left.day, good_week * left.week, good_month * left.month,
            ]
        };
        for (expected, found) in counts(&right_at_once).into_iter().zip(counts(&corrected)) {
            prop_assert!((expected - found).abs() <= 1e-3 * expected + 1e-4, "{} for {}", found, expected);
        }
    }

    #[test]
    fn label_of_the_only_attempt_is_as_if_it_had_been_right_at_once(
        verdicts in any::<[bool; 2]>(),
        hours in prop::array::uniform2(0..300_i64),
    ) {
        let verdict = |is_fraud: bool| if is_fraud { Verdict::Fraud } else { Verdict::Good };
        let made = attempt(START, 1, 1);
        let [first, second] = [hours[0], hours[0] + hours[1]].map(|hour| START.plus(Span::HOUR.times(hour)));
        let label = |is_fraud: bool, at, instead_of| Event::Label {
            attempt: made.clone(),
            verdict: verdict(is_fraud),
            at,
            instead_of,
        };
        let mut right_at_once = store(ENTITIES_MIN);
        right_at_once.apply(&authorised(made.clone()));
        let mut corrected = Profiles::restore(&right_at_once.snapshot()).expect("a snapshot of our own");
        corrected.apply(&label(verdicts[0], first, None));
        let earlier = Earlier { verdict: verdict(verdicts[0]), at: first };
        corrected.apply(&label(verdicts[1], second, Some(earlier)));
        right_at_once.apply(&label(verdicts[1], second, None));
        let next = attempt(second.plus(Span::HOUR), 1, 1);
        let facts = |profiles: &Profiles| features(profiles, &next, Texts::default()).numbers().to_vec();
        for (place, (expected, found)) in facts(&right_at_once).into_iter().zip(facts(&corrected)).enumerate() {
            let same = expected.is_nan() && found.is_nan() || (expected - found).abs() <= 1e-3 * expected.abs() + 1e-4;
            prop_assert!(same, "{} is {} for {}", catalogue().types()[place].name, found, expected);
        }
    }

    #[test]
    fn damaged_snapshot_is_refused(place in 0..1_000_usize, bit in 0..8_u8) {
        let mut profiles = store(ENTITIES_MIN);
        for address in 0..20 {
            profiles.apply(&authorised(attempt(START, address, 1)));
        }
        let mut bytes = profiles.snapshot();
        let place = place % bytes.len();
        bytes[place] ^= 1 << bit;
        prop_assert!(Profiles::restore(&bytes).is_err());
        bytes[place] ^= 1 << bit;
        prop_assert!(Profiles::restore(&bytes[..place]).is_err());
    }
}

#[test]
fn snapshot_of_something_else_is_foreign() {
    assert_eq!(Profiles::restore(b"").err(), Some(SnapshotError::Foreign));
    let bytes = store(ENTITIES_MIN).snapshot();
    assert!(Profiles::restore(&bytes).is_ok());
}

#[test]
fn speed_counts_from_the_last_place_and_not_from_a_label_that_came_later() {
    let mut profiles = store(ENTITIES_MIN);
    let at = |hours: i64, latitude: f64| Attempt {
        customer: Some(key(EntityKind::Customer, 1)),
        place: Some(Place::on_earth(latitude, 0.0).unwrap()),
        ..attempt(START.plus(Span::HOUR.times(hours)), 1, 1)
    };
    let first = at(0, 0.0);
    profiles.apply(&authorised(first.clone()));
    let speed = |profiles: &Profiles| fact(profiles, &at(10, 1.0), "payer.speed");
    let before = speed(&profiles);
    // A degree of latitude is 111 kilometres.
    assert!((11.0..11.2).contains(&before), "{before} km/h");
    profiles.apply(&Event::Label {
        attempt: first,
        verdict: Verdict::Good,
        at: START.plus(Span::HOUR.times(9)),
        instead_of: None,
    });
    assert_eq!(speed(&profiles), before);
}

#[test]
fn correction_takes_nothing_out_of_a_profile_that_never_counted_the_label() {
    let hour = |hour: i64| START.plus(Span::HOUR.times(hour));
    let label = |made: i64, verdict, at: i64, instead_of| Event::Label {
        attempt: attempt(hour(made), 1, 1),
        verdict,
        at: hour(at),
        instead_of,
    };
    let mut profiles = store(ENTITIES_MIN);
    // The label of the first hour is of before the profile: it had been forgotten, and is made anew by another fraud.
    profiles.apply(&label(20, Verdict::Fraud, 30, None));
    let earlier = Earlier {
        verdict: Verdict::Fraud,
        at: hour(1),
    };
    profiles.apply(&label(0, Verdict::Good, 31, Some(earlier)));
    let probe = attempt(hour(31), 1, 1);
    let frauds = fact(&profiles, &probe, "merchant.frauds_30d");
    assert!((0.95..=1.0).contains(&frauds), "{frauds} frauds");
}

#[test]
fn frauds_in_a_row_are_those_that_are_left_after_a_correction() {
    let hour = |hour: i64| START.plus(Span::HOUR.times(hour));
    let label = |made: i64, verdict, at: i64, before: Option<(Verdict, i64)>| Event::Label {
        attempt: attempt(hour(made), 1, 1),
        verdict,
        at: hour(at),
        instead_of: before.map(|(verdict, at)| Earlier {
            verdict,
            at: hour(at),
        }),
    };
    let (fraud, good) = (Verdict::Fraud, Verdict::Good);
    let run = |events: &[Event]| {
        let mut profiles = store(ENTITIES_MIN);
        events.iter().for_each(|event| profiles.apply(event));
        let probe = attempt(hour(100), 1, 1);
        let number = |name: &str| fact(&profiles, &probe, name);
        [
            number("merchant.fraud_run"),
            number("merchant.fraud_run_age"),
        ]
    };
    const HOUR: f32 = 3_600.0;
    // The first of two was good: the other one began the run.
    let first_taken_back = run(&[
        label(1, fraud, 30, None),
        label(20, fraud, 31, None),
        label(1, good, 32, Some((fraud, 30))),
    ]);
    assert_eq!(first_taken_back, [1.0, 80.0 * HOUR]);
    // A fraud of before the run was good: the run stays.
    let older_taken_back = run(&[
        label(5, fraud, 30, None),
        label(6, good, 31, None),
        label(6, fraud, 32, Some((good, 31))),
        label(5, good, 33, Some((fraud, 30))),
    ]);
    assert_eq!(older_taken_back, [1.0, 94.0 * HOUR]);
}

#[test]
fn ten_million_entities_stay_below_two_gibibytes() {
    const { assert!(10_000_000 * BYTES_PER_ENTITY < 2 << 30) };
}

#[test]
fn flood_of_made_up_addresses_pushes_out_addresses_alone_and_the_known_ones_last() {
    let mut profiles = store(1_024);
    for merchant in 0..40 {
        for round in 0..3 {
            let at = START.plus(Span::HOUR.times(round));
            let mut attempt = attempt(at, merchant, merchant);
            attempt.customer = Some(key(EntityKind::Customer, merchant));
            profiles.apply(&authorised(attempt));
        }
    }
    let flooded = START.plus(Span::DAY);
    for address in 1_000..50_000 {
        let mut wrong = attempt(flooded, address, 0);
        wrong.customer = None;
        profiles.apply(&Event::Attempt {
            attempt: wrong,
            outcome: Outcome::WrongPin,
        });
    }
    assert_eq!(profiles.count(), 1_024);
    assert!(profiles.evicted() > 40_000);
    assert_eq!(profiles.count_of(EntityKind::Merchant), 40);
    assert_eq!(profiles.count_of(EntityKind::Customer), 40);
    assert_eq!(profiles.count_of(EntityKind::PayerAtMerchant), 40);
    for address in 0..40 {
        let known = fact(
            &profiles,
            &attempt(flooded, address, 0),
            "address.attempts_1d",
        );
        assert!(known > 1.0, "address {address}");
    }
}

#[test]
fn other_names_for_the_same_entities_change_no_fact_even_when_entities_leave() {
    let run = |secret: u64| -> Vec<u32> {
        let hasher = EntityHasher::new([secret, 9]);
        let mut profiles = store(ENTITIES_MIN);
        let mut bits = Vec::new();
        for step in 0..3_000_u64 {
            let number = (step * 7_919) % 613;
            let name =
                |kind: EntityKind, number: u64| Some(hasher.key(kind, &number.to_le_bytes()));
            let attempt = Attempt {
                at: START.plus(Span::MINUTE.times(step as i64)),
                amount_minor: Some(number as i64 + 1),
                address: name(EntityKind::Address, number),
                customer: name(EntityKind::Customer, number % 97),
                merchant: name(EntityKind::Merchant, number % 11),
                ..Attempt::default()
            };
            let vector = features(&profiles, &attempt, Texts::default());
            bits.extend(vector.numbers().iter().map(|number| number.to_bits()));
            profiles.apply(&authorised(attempt));
        }
        assert!(profiles.evicted() > 100);
        bits
    };
    assert!(run(1) == run(2));
}

#[test]
fn label_counts_as_if_it_had_been_known_when_the_attempt_was_made() {
    let made = attempt(START, 1, 1);
    let known = START.plus(Span::DAY.times(7));
    let mut profiles = store(ENTITIES_MIN);
    profiles.apply(&authorised(made.clone()));
    let probe = attempt(known, 1, 1);
    assert_eq!(fact(&profiles, &probe, "merchant.frauds_7d"), 0.0);
    profiles.apply(&Event::Label {
        instead_of: None,
        attempt: made,
        verdict: Verdict::Fraud,
        at: known,
    });
    assert_eq!(fact(&profiles, &probe, "merchant.frauds_7d"), 0.5);
    assert_eq!(fact(&profiles, &probe, "merchant.frauds_known_7d"), 1.0);
    assert_eq!(fact(&profiles, &probe, "merchant.since_fraud"), 604_800.0);
    assert_eq!(fact(&profiles, &probe, "merchant.fraud_run"), 1.0);
}

#[test]
fn good_attempt_after_a_run_of_frauds_ends_it_and_a_good_one_before_does_not() {
    let mut profiles = store(ENTITIES_MIN);
    let label = |hour: i64, verdict: Verdict| Event::Label {
        instead_of: None,
        attempt: attempt(START.plus(Span::HOUR.times(hour)), 1, 1),
        verdict,
        at: START.plus(Span::DAY),
    };
    for hour in [5, 6, 7] {
        profiles.apply(&label(hour, Verdict::Fraud));
    }
    profiles.apply(&label(4, Verdict::Good));
    let probe = attempt(START.plus(Span::DAY), 1, 1);
    assert_eq!(fact(&profiles, &probe, "merchant.fraud_run"), 3.0);
    assert_eq!(
        fact(&profiles, &probe, "merchant.fraud_run_age"),
        19.0 * 3_600.0
    );
    profiles.apply(&label(8, Verdict::Good));
    assert_eq!(fact(&profiles, &probe, "merchant.fraud_run"), 0.0);
    assert!(fact(&profiles, &probe, "merchant.fraud_run_age").is_nan());
}

#[test]
fn distinct_vouchers_of_an_address_are_counted_exactly_up_to_48() {
    let mut profiles = store(100_000);
    let mut expected = Vec::new();
    for number in 0..48_u64 {
        // Every voucher comes twice: the second time it is no new partner.
        for voucher in [number, number / 2] {
            let mut attempt = attempt(START, 1, 1);
            attempt.vouchers = vec![VoucherFacts {
                voucher: key(EntityKind::Voucher, voucher),
                sold_at: None,
                face_minor: None,
                remaining_minor: None,
                terminal: None,
                distributor: None,
                country: None,
                is_first_use: None,
            }];
            profiles.apply(&authorised(attempt));
        }
        expected.push(number + 1);
        let probe = attempt(START, 1, 1);
        let counted = fact(&profiles, &probe, "address.partners");
        let newcomers = fact(&profiles, &probe, "address.new_partners_1d");
        assert!((counted - (number + 1) as f32).abs() < 0.001, "{counted}");
        assert!(
            (newcomers - (number + 1) as f32).abs() < 0.001,
            "{newcomers}"
        );
    }
}

#[test]
fn clock_that_jumps_ahead_and_back_leaves_profiles_that_count_on() {
    let mut profiles = store(ENTITIES_MIN);
    profiles.apply(&authorised(attempt(START, 1, 1)));
    let ahead = START.plus(Span::DAY.times(40_000));
    profiles.apply(&authorised(attempt(ahead, 1, 1)));
    profiles.apply(&authorised(attempt(START, 1, 1)));
    let probe = attempt(START, 1, 1);
    assert_eq!(fact(&profiles, &probe, "address.attempts_1h"), 2.0);
    // What came a little late counts with what is left of it.
    let late = START.minus(Span::HOUR);
    assert!(Span::HOUR < LATE_MAX);
    profiles.apply(&authorised(attempt(late, 1, 1)));
    assert_eq!(fact(&profiles, &probe, "address.attempts_1h"), 2.5);
}

#[test]
fn extreme_times_and_amounts_break_nothing() {
    let mut profiles = store(ENTITIES_MIN);
    for at in [i64::MIN, i64::MAX, 0, -1, i64::MIN] {
        for amount in [i64::MIN, 0, 1, i64::MAX] {
            let mut extreme = attempt(Timestamp(at), 1, 1);
            extreme.amount_minor = Some(amount);
            extreme.limit_minor = Some(i64::MAX);
            profiles.apply(&authorised(extreme.clone()));
            profiles.apply(&Event::Label {
                instead_of: None,
                attempt: extreme.clone(),
                verdict: Verdict::Fraud,
                at: Timestamp(at),
            });
            for number in features(&profiles, &extreme, Texts::default()).numbers() {
                assert!(number.is_nan() || number.abs() <= 1e9);
            }
        }
    }
}

/// A payer at a shop, on a device, at a latitude and a distance in time.
fn visit(hours: i64, device: u64, latitude: f64) -> Attempt {
    Attempt {
        account: Some(key(EntityKind::Account, 1)),
        device: Some(key(EntityKind::Device, device)),
        place: Some(Place::on_earth(latitude, 16.0).expect("a place")),
        ..attempt(START.plus(Span::HOUR.times(hours)), 1, 1)
    }
}

#[test]
fn device_is_new_to_a_payer_until_the_payer_has_used_it() {
    let mut profiles = store(ENTITIES_MIN);
    let is_new =
        |profiles: &Profiles, attempt: &Attempt| fact(profiles, attempt, "payer.is_new_device");
    assert!(
        is_new(&profiles, &visit(0, 1, 48.0)).is_nan(),
        "nobody knows the payer"
    );
    profiles.apply(&authorised(visit(0, 1, 48.0)));
    assert_eq!(is_new(&profiles, &visit(1, 1, 48.0)), 0.0);
    assert_eq!(is_new(&profiles, &visit(1, 2, 48.0)), 1.0);
    // Somebody else's use of it makes it no less new.
    let other = Attempt {
        account: Some(key(EntityKind::Account, 2)),
        ..visit(2, 2, 48.0)
    };
    profiles.apply(&authorised(other));
    assert_eq!(is_new(&profiles, &visit(3, 2, 48.0)), 1.0);
    profiles.apply(&authorised(visit(3, 2, 48.0)));
    assert_eq!(is_new(&profiles, &visit(4, 2, 48.0)), 0.0);
    assert_eq!(fact(&profiles, &visit(4, 2, 48.0), "payer.devices"), 2.0);
    let since = fact(&profiles, &visit(4, 1, 48.0), "own_device.since_first");
    assert_eq!(since, 4.0 * 3_600.0);
    let bare = Attempt {
        device: None,
        ..visit(4, 1, 48.0)
    };
    assert!(is_new(&profiles, &bare).is_nan());
}

#[test]
fn place_is_held_against_the_usual_one_and_the_last_one() {
    let mut profiles = store(ENTITIES_MIN);
    for hour in 0..20 {
        profiles.apply(&authorised(visit(hour, 1, 48.0)));
    }
    // A degree of latitude is 111 kilometres.
    let far = visit(20, 1, 49.0);
    let near = |name: &str, expected: f32| {
        let found = fact(&profiles, &far, name);
        assert!((found - expected).abs() < 1.0, "{name} is {found}");
    };
    near("payer.distance_usual", 111.2);
    near("payer.distance_last", 111.2);
    near("payer.speed", 111.2);
    near("merchant.distance_usual", 111.2);
    profiles.apply(&authorised(far));
    let back = visit(21, 1, 48.0);
    assert!(fact(&profiles, &back, "payer.distance_usual") < 10.0);
    assert!(110.0 < fact(&profiles, &back, "payer.distance_last"));
    let nowhere = Attempt {
        place: None,
        ..back
    };
    assert!(fact(&profiles, &nowhere, "payer.distance_usual").is_nan());
}

#[test]
fn unusual_amounts_of_payers_are_counted_wherever_they_are_spent() {
    let mut profiles = store(ENTITIES_MIN);
    for hour in 0..20 {
        profiles.apply(&authorised(visit(hour, 1, 48.0)));
    }
    let dear = Attempt {
        amount_minor: Some(20_000),
        ..visit(20, 1, 48.0)
    };
    profiles.apply(&authorised(dear.clone()));
    let next = visit(20, 1, 48.0);
    for name in ["payer.unusual_amounts_7d", "merchant.unusual_amounts_7d"] {
        assert_eq!(fact(&profiles, &next, name), 1.0, "{name}");
    }
    let label = |attempt: Attempt| Event::Label {
        instead_of: None,
        at: attempt.at,
        attempt,
        verdict: Verdict::Fraud,
    };
    profiles.apply(&label(dear));
    assert_eq!(fact(&profiles, &next, "merchant.plain_frauds_30d"), 0.0);
    profiles.apply(&label(next.clone()));
    assert_eq!(fact(&profiles, &next, "merchant.plain_frauds_30d"), 1.0);
}
