use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Look, Patience, Told, WhenLate};
use crate::family::{Family, Samples};

/// The value of a gauge that stands for an answer.
fn number(told: Told) -> Option<f64> {
    let families = told?;
    match &families[0].samples {
        Samples::Gauges(samples) => Some(samples[0].1),
        Samples::Counters(_) | Samples::Histograms(_) => None,
    }
}

fn look(when_late: WhenLate) -> Look {
    Look::new(Patience {
        wait_max: Duration::from_millis(100),
        kept_for_times: 1,
        when_late,
    })
}

/// Until an answer is not given again.
async fn forget() {
    tokio::time::sleep(Duration::from_millis(1_100)).await;
}

/// Counts how often it is asked, and hangs from the second time on.
async fn ask(look: &Look, asked: &Arc<AtomicU64>) -> Option<f64> {
    let asked = Arc::clone(asked);
    let question = async move {
        let count = asked.fetch_add(1, Ordering::Relaxed);
        if 0 < count {
            // A storage that hangs does not let go of its thread.
            std::thread::sleep(Duration::from_secs(2));
        }
        Some(vec![Family::gauge(
            "number",
            "Which answer it is.",
            count as f64,
        )])
    };
    number(look.get(question).await)
}

#[tokio::test]
async fn many_who_ask_at_once_ask_once() {
    let (look, asked) = (look(WhenLate::TellNothing), Arc::default());
    let all = futures_util::future::join_all((0..50).map(|_| ask(&look, &asked))).await;
    assert_eq!(all, [Some(0.0); 50]);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_storage_that_hangs_is_asked_one_question_and_nobody_waits_for_it() {
    let (look, asked) = (look(WhenLate::TellNothing), Arc::default());
    assert_eq!(ask(&look, &asked).await, Some(0.0));
    forget().await;
    let begun = std::time::Instant::now();
    let all = futures_util::future::join_all((0..50).map(|_| ask(&look, &asked))).await;
    assert_eq!(all, [None; 50]);
    assert!(
        begun.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_may_be_old_is_told_until_there_is_something_new() {
    let (look, asked) = (look(WhenLate::TellLastAnswer), Arc::default());
    assert_eq!(ask(&look, &asked).await, Some(0.0));
    forget().await;
    assert_eq!(ask(&look, &asked).await, Some(0.0));
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while ask(&look, &asked).await != Some(1.0) {
        assert!(
            std::time::Instant::now() < end,
            "the new answer is not told"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
