//! That a stream is played honestly: nothing of the future, nothing of names, nothing of the calendar enters a fact.

use ids::time::{Span, Timestamp};

use super::*;
use crate::entity::{EntityHasher, EntityKind, mix};
use crate::profile::store::ProfileSettings;

const START: i64 = 1_600_000_000_000;
const DELAY: Span = Span(3 * Span::DAY.0);
const EVENTS: u64 = 4_000;

fn profiles() -> Profiles {
    Profiles::new(ProfileSettings {
        entities_max: 300,
        ahead_of_utc: Span::HOUR,
    })
}

/// Payments of 200 payers at 30 merchants; frauds by a rule that facts can learn.
fn stream(secret: u64, shifted_by: Span) -> Vec<StreamEvent> {
    let hasher = EntityHasher::new([secret, 1]);
    let one = |step: u64| {
        let drawn = mix(step);
        let (payer, merchant) = (drawn % 200, (drawn >> 16) % 30);
        let name = |kind: EntityKind, number: u64| Some(hasher.key(kind, &number.to_le_bytes()));
        let is_fraud = merchant < 2 || (drawn >> 32).is_multiple_of(50);
        StreamEvent::Attempt {
            attempt: Attempt {
                at: Timestamp(START + step as i64 * 300_000).plus(shifted_by),
                amount_minor: Some(100 + (drawn >> 40) as i64 % 10_000),
                account: name(EntityKind::Account, payer),
                merchant: name(EntityKind::Merchant, merchant),
                address: name(EntityKind::Address, (drawn >> 20) % 500),
                ..Attempt::default()
            },
            outcome: Outcome::Authorised,
            verdict: Some(if is_fraud {
                Verdict::Fraud
            } else {
                Verdict::Good
            }),
        }
    };
    (0..EVENTS).map(one).collect()
}

/// Every bit of every fact, event by event.
fn play(events: &[StreamEvent], restart_at: Option<usize>) -> Vec<Vec<u32>> {
    let mut player = Player::new(profiles(), DELAY);
    let mut facts = Vec::new();
    for (place, event) in events.iter().enumerate() {
        if restart_at == Some(place) {
            let snapshot = player.profiles().snapshot();
            player.replace_profiles(Profiles::restore(&snapshot).expect("a snapshot of our own"));
        }
        player.play(event, |vector| {
            facts.push(
                vector
                    .numbers()
                    .iter()
                    .map(|number| number.to_bits())
                    .collect(),
            );
        });
    }
    assert!(player.profiles().evicted() > 0, "the bound was reached");
    facts
}

#[test]
fn cutting_off_the_future_leaves_what_was_said_before_it() {
    let events = stream(1, Span(0));
    let whole = play(&events, None);
    let cut = events.len() / 2;
    assert!(play(&events[..cut], None) == whole[..cut]);
}

#[test]
fn label_changes_no_fact_before_it_is_known_and_some_fact_after() {
    let events = stream(1, Span(0));
    let mut flipped = events.clone();
    let StreamEvent::Attempt { verdict, .. } = &mut flipped[1_000] else {
        panic!("attempts only");
    };
    *verdict = match verdict {
        Some(Verdict::Fraud) => Some(Verdict::Good),
        Some(Verdict::Good) | None => Some(Verdict::Fraud),
    };
    let (before, after) = (play(&events, None), play(&flipped, None));
    let first_changed = before
        .iter()
        .zip(&after)
        .position(|(one, other)| one != other);
    let known = events[1_000].at().plus(DELAY);
    let first_changed = first_changed.expect("a label changes facts");
    assert!(events[first_changed].at() >= known);
}

#[test]
fn other_names_change_nothing() {
    assert!(play(&stream(1, Span(0)), None) == play(&stream(2, Span(0)), None));
}

#[test]
fn shift_by_whole_weeks_changes_nothing() {
    let weeks = Span::DAY.times(7 * 60);
    assert!(play(&stream(1, Span(0)), None) == play(&stream(1, weeks), None));
}

#[test]
fn restart_from_a_snapshot_in_mid_stream_changes_nothing() {
    let events = stream(1, Span(0));
    assert!(play(&events, Some(2_345)) == play(&events, None));
}
