//! Clocks that are wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::forger::History;
use crate::support::{Hosted, cosigned_at, log_key};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn times_are_never_zero_and_never_go_back_whatever_the_clock_says() {
    let (honest, key) = (History::honest(16), log_key());
    let noon = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let clocks: [(SystemTime, u64); 8] = [
        (UNIX_EPOCH - MINUTE, 1),
        (UNIX_EPOCH, 1),
        (UNIX_EPOCH + MINUTE, 60),
        (noon, 1_790_000_000),
        (noon - MINUTE, 1_790_000_000),
        (UNIX_EPOCH - MINUTE, 1_790_000_000),
        (noon, 1_790_000_000),
        (noon + MINUTE, 1_790_000_060),
    ];
    let mut hosted = Hosted::fresh();
    let mut old = 0;
    for (new, (now, expected)) in (1..).zip(clocks) {
        let body = honest.request(&key, old, new);
        let line = hosted.witness.add_checkpoint(body.as_bytes(), now).unwrap();
        let cosigned = format!("{}{line}", key.note(honest.head(new)));
        let at = cosigned_at(&cosigned, hosted.witness.public_key());
        assert_eq!(at, expected, "leaf {new}");
        hosted = hosted.again();
        old = new;
    }
}

#[tokio::test]
async fn the_same_tree_is_cosigned_anew_when_time_goes_on() {
    let (honest, key) = (History::honest(16), log_key());
    let hosted = Hosted::fresh();
    let noon = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let mut times = Vec::new();
    for (old, now) in [(0, noon), (9, noon), (9, noon + MINUTE)] {
        let body = honest.request(&key, old, 9);
        hosted.witness.add_checkpoint(body.as_bytes(), now).unwrap();
        let shown = hosted.shown().await.body;
        times.push(cosigned_at(&shown, hosted.witness.public_key()));
    }
    assert_eq!(times, [1_790_000_000, 1_790_000_000, 1_790_000_060]);
}
