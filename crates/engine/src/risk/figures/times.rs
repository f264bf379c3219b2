//! How long decisions take.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long decisions took: counts of times, in steps of an eighth of a doubling.
#[derive(Debug)]
pub struct Times([AtomicU64; TIME_STEPS]);

/// From a nanosecond to more than an hour.
const TIME_STEPS: usize = 42 * 8;

impl Default for Times {
    fn default() -> Times {
        Times(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Times {
    pub(super) fn note(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        let doubling = nanoseconds.ilog2();
        // The three bits below the highest one.
        let eighth = (u128::from(nanoseconds) << 3 >> doubling) as usize & 7;
        let step = (doubling as usize * 8 + eighth).min(TIME_STEPS - 1);
        self.0[step].fetch_add(1, Ordering::Relaxed);
    }

    pub fn count(&self) -> u64 {
        self.0
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// The time that this share of the decisions kept within, an eighth too high at most.
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (step, count) in self.0.iter().enumerate() {
            seen += count.load(Ordering::Relaxed);
            if wanted <= seen {
                let next = step as u64 + 1;
                return Duration::from_nanos((8 + next % 8) << (next / 8) >> 3);
            }
        }
        Duration::MAX
    }
}
