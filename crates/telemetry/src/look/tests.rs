use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::{Condvar, Mutex};

use super::{KEPT_FOR_MIN, Look, Patience, Told, WhenLate};
use crate::family::{Family, Samples};

/// A storage that answers its first question at once and hangs, with its thread, at the others until it is let go.
#[derive(Clone, Default)]
struct Storage {
    asked: Arc<AtomicU64>,
    is_well: Arc<(Mutex<bool>, Condvar)>,
}

impl Storage {
    async fn answer(self) -> Told {
        let count = self.asked.fetch_add(1, Ordering::Relaxed);
        let (is_well, changed) = &*self.is_well;
        let mut is_well = is_well.lock();
        while 0 < count && !*is_well {
            changed.wait(&mut is_well);
        }
        let which = Family::gauge("number", "Which answer it is.", count as f64);
        Some(vec![which])
    }

    fn let_go(&self) {
        *self.is_well.0.lock() = true;
        self.is_well.1.notify_all();
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

fn look(when_late: WhenLate) -> Look {
    Look::new(Patience {
        wait_max: Duration::from_millis(100),
        kept_for_times: 0,
        when_late,
    })
}

/// Which answer is told.
async fn ask(look: &Look, storage: &Storage) -> Option<f64> {
    let told = look.get(storage.clone().answer()).await?;
    match &told[0].samples {
        Samples::Gauges(samples) => Some(samples[0].1),
        Samples::Counters(_) | Samples::Histograms(_) => None,
    }
}

/// Until an answer is not given again.
async fn forget() {
    tokio::time::sleep(KEPT_FOR_MIN + Duration::from_millis(1)).await;
}

#[tokio::test]
async fn many_who_ask_at_once_ask_once() {
    let (look, storage) = (look(WhenLate::TellNothing), Storage::default());
    let all = join_all((0..50).map(|_| ask(&look, &storage))).await;
    assert_eq!(all, [Some(0.0); 50]);
    assert_eq!(storage.asked(), 1);
}

#[tokio::test]
async fn a_storage_that_hangs_is_asked_one_question_and_nobody_waits_for_it() {
    let (look, storage) = (look(WhenLate::TellNothing), Storage::default());
    assert_eq!(ask(&look, &storage).await, Some(0.0));
    forget().await;
    let all = join_all((0..50).map(|_| ask(&look, &storage))).await;
    assert_eq!(all, [None; 50]);
    forget().await;
    assert_eq!(ask(&look, &storage).await, None);
    assert_eq!(storage.asked(), 2);
    storage.let_go();
}

#[tokio::test]
async fn what_may_be_old_is_told_until_there_is_something_new() {
    let (look, storage) = (look(WhenLate::TellLastAnswer), Storage::default());
    assert_eq!(ask(&look, &storage).await, Some(0.0));
    for _ in 0..2 {
        forget().await;
        assert_eq!(ask(&look, &storage).await, Some(0.0));
    }
    assert_eq!(storage.asked(), 2);
    storage.let_go();
    while ask(&look, &storage).await != Some(1.0) {
        forget().await;
    }
}
