use ids::time::Span;
use store::outbox::Channel;

use super::{JITTER_PER_MILLE, WEBHOOK_PAUSES, hold_back, pause_after};

#[test]
fn webhooks_are_tried_for_three_days_with_growing_pauses() {
    let total: i64 = WEBHOOK_PAUSES.iter().map(|pause| pause.0).sum();
    assert!((Span::DAY.0 * 3..Span::DAY.0 * 4).contains(&total));
    assert!(WEBHOOK_PAUSES.is_sorted());
}

#[test]
fn a_pause_varies_by_a_fifth_and_no_more() {
    for (attempts, pause) in (1..).zip(WEBHOOK_PAUSES) {
        let shortest = pause_after(Channel::Webhook, attempts, 0).unwrap();
        let longest = pause_after(Channel::Webhook, attempts, 400).unwrap();
        assert_eq!(shortest.0, pause.0 / 1_000 * (1_000 - JITTER_PER_MILLE));
        assert_eq!(longest.0, pause.0 / 1_000 * (1_000 + JITTER_PER_MILLE));
        for random in [1, 77, 401, 65_535, u32::MAX] {
            let found = pause_after(Channel::Webhook, attempts, random).unwrap();
            assert!(shortest <= found && found <= longest, "{random}");
        }
    }
}

#[test]
fn the_last_attempt_is_followed_by_none() {
    assert_eq!(pause_after(Channel::Webhook, 11, 0), None);
    assert_eq!(pause_after(Channel::Webhook, u32::MAX, 0), None);
    assert_eq!(pause_after(Channel::Notification, 5, 0), None);
}

#[test]
fn notifications_are_tried_five_times_a_minute_apart() {
    for attempts in 1..=4 {
        let pause = pause_after(Channel::Notification, attempts, 123);
        assert_eq!(pause, Some(Span::MINUTE));
    }
}

#[test]
fn what_has_waited_long_waits_long_again() {
    assert_eq!(hold_back(Span(0), 200), Span::SECOND.times(5));
    assert_eq!(hold_back(Span::HOUR, 200), Span::HOUR);
    assert_eq!(hold_back(Span::DAY, 200), Span::HOUR.times(6));
}
