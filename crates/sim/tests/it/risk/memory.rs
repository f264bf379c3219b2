//! What a node remembers: over restarts, beside other journals, and how closely it follows.

use std::time::Duration;

use engine::risk::bench::Standing;
use engine::risk::reader;
use tokio_util::sync::CancellationToken;

use super::*;

#[tokio::test]
async fn a_restart_in_mid_stream_goes_on_as_if_nothing_had_happened() {
    let judged = Judged::new().await;
    for number in 10..30 {
        let pin = if number % 3 == 0 {
            Pin::generate()
        } else {
            judged.platform.sell(1, 1_000).await.pin
        };
        judged.attempt(payer(number % 5), 700, &pin).await;
        judged.platform.clock.advance(Span::MINUTE.times(7));
    }
    let snapshot = judged.risk.snapshot();
    let vault = judged.platform.engine.vault();
    let restarted = Risk::new(Arc::clone(vault), 10_000);
    restarted.restore(&snapshot).unwrap();
    let rebuilt = Risk::new(Arc::clone(vault), 10_000);
    judged.attempt(payer(1), 700, &Pin::generate()).await;
    let order = judged.platform.sell(1, 1_000).await;
    let id = judged.create(payer(1), 700).await;
    for risk in [&restarted, &rebuilt, &judged.risk] {
        follow(risk, &judged.platform).await;
    }
    let without_break = judged.record(&judged.risk, id, order.order.serial).await;
    for (name, risk) in [("restarted", &restarted), ("rebuilt", &rebuilt)] {
        let record = judged.record(risk, id, order.order.serial).await;
        assert!(record == without_break, "the {name} one judges otherwise");
    }
    assert!(restarted.restore(&snapshot[..100]).is_err());
    for place in (0..snapshot.len()).step_by(97) {
        let mut damaged = snapshot.clone();
        damaged[place] ^= 1;
        assert!(restarted.restore(&damaged).is_err(), "byte {place}");
    }
    let other = Risk::new(Arc::clone(vault), 20_000);
    assert!(
        other.restore(&snapshot).is_err(),
        "another bound is another memory"
    );
}

#[tokio::test]
async fn what_was_learnt_from_another_journal_is_forgotten() {
    let ahead = Judged::new().await;
    for _ in 0..20 {
        ahead.attempt(payer(1), 700, &Pin::generate()).await;
    }
    let snapshot = ahead.risk.snapshot();
    // The storage was set back to an older state.
    let earlier = Judged::new().await;
    earlier.risk.restore(&snapshot).unwrap();
    let store = earlier.platform.store.as_ref();
    earlier.risk.compare(store).await.unwrap();
    earlier.follow().await;
    let rebuilt = Risk::new(Arc::clone(earlier.platform.engine.vault()), 10_000);
    follow(&rebuilt, &earlier.platform).await;
    assert!(earlier.risk.snapshot() == rebuilt.snapshot());
    // What stands in the journal stays.
    earlier.attempt(payer(2), 700, &Pin::generate()).await;
    let kept = earlier.risk.snapshot();
    earlier.risk.compare(store).await.unwrap();
    assert!(earlier.risk.snapshot() == kept);
    let other = Risk::new(Arc::new(Vault::in_memory([8; 32])), 10_000);
    assert!(other.restore(&kept).is_err(), "it was made with other keys");
}

/// How long the test waits for a reader that looks every [`reader::FOLLOW_EVERY`].
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn profiles_follow_the_journal_by_themselves_and_are_cold_when_they_cannot() {
    let judged = Judged::new().await;
    let clock = Arc::clone(&judged.platform.clock);
    let now = clock.now();
    assert_eq!(judged.risk.standing(now), Standing::Warm);
    let later = now.plus(reader::COLD_AFTER).plus(Span::SECOND);
    assert_eq!(judged.risk.standing(later), Standing::Cold);
    let stop = CancellationToken::new();
    let store: Arc<dyn Store> = judged.platform.store.clone();
    let following = tokio::spawn(reader::follow(
        Arc::clone(&judged.risk),
        Arc::clone(&store),
        clock,
        stop.clone(),
    ));
    for _ in 0..3 {
        let id = judged.create(payer(1), 700).await;
        judged
            .offer(payer(1), id, Vec::new(), Some(&Pin::generate()), Vec::new())
            .await;
        let head = store.head().await.unwrap();
        let caught_up = async {
            while judged.risk.read() < head {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, caught_up).await.unwrap();
    }
    stop.cancel();
    following.await.unwrap();
}
