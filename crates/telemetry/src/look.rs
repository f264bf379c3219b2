//! A look at the storage: made once for all who ask, beside them, and given up after a time.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::family::Family;

/// What was told.
type Told = Option<Vec<Family>>;

/// How long an answer is given again, at least.
const KEPT_FOR_MIN: Duration = Duration::from_secs(1);

/// The last answer, and how the next one is got.
#[derive(Debug)]
pub(crate) struct Look {
    patience: Patience,
    state: Mutex<State>,
}

/// How long whoever asks waits, and what for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub wait_max: Duration,
    /// How many times as long as it took an answer is given again: what takes long is asked seldom.
    pub kept_for_times: u32,
    pub when_late: WhenLate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenLate {
    TellNothing,
    TellLastAnswer,
}

#[derive(Debug, Default)]
struct State {
    kept: Option<(Instant, Told)>,
    /// A question that was not answered in time. No other is asked until it ends.
    hanging: Option<JoinHandle<(Told, Duration)>>,
}

impl Look {
    pub fn new(patience: Patience) -> Look {
        Look {
            patience,
            state: Mutex::default(),
        }
    }

    /// None where there is no answer in time. The question runs on a thread that may block: a storage that hangs holds up
    /// that thread and nobody else.
    pub async fn get(&self, question: impl Future<Output = Told> + Send + 'static) -> Told {
        let mut state = self.state.lock().await;
        if let Some((until, told)) = &state.kept
            && Instant::now() < *until
        {
            return told.clone();
        }
        let mut asked = match state.hanging.take() {
            Some(hanging) => hanging,
            None => {
                let here = Handle::current();
                tokio::task::spawn_blocking(move || {
                    let begun = Instant::now();
                    (here.block_on(question), begun.elapsed())
                })
            }
        };
        let wait_max = self.patience.wait_max;
        let (told, took) = match tokio::time::timeout(wait_max, &mut asked).await {
            Ok(answer) => answer.unwrap_or_default(),
            Err(_) => {
                state.hanging = Some(asked);
                let told = match self.patience.when_late {
                    WhenLate::TellNothing => None,
                    WhenLate::TellLastAnswer => state.kept.take().and_then(|(_, told)| told),
                };
                (told, Duration::ZERO)
            }
        };
        let kept_for = KEPT_FOR_MIN.max(took * self.patience.kept_for_times);
        state.kept = Some((Instant::now() + kept_for, told.clone()));
        told
    }
}

#[cfg(test)]
mod tests;
