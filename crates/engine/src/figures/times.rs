//! How long something takes.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long something took: counts of times, in steps of an eighth of a doubling.
#[derive(Debug)]
pub struct Times {
    counts: [AtomicU64; TIME_STEPS],
    sum_nanoseconds: AtomicU64,
}

/// From a nanosecond to more than an hour.
const TIME_STEPS: usize = 42 * 8;

impl Default for Times {
    fn default() -> Times {
        Times {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            sum_nanoseconds: AtomicU64::new(0),
        }
    }
}

impl Times {
    pub fn note(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        let doubling = nanoseconds.ilog2();
        // The three bits below the highest one.
        let eighth = (u128::from(nanoseconds) << 3 >> doubling) as usize & 7;
        let step = (doubling as usize * 8 + eighth).min(TIME_STEPS - 1);
        self.counts[step].fetch_add(1, Ordering::Relaxed);
        self.sum_nanoseconds
            .fetch_add(nanoseconds, Ordering::Relaxed);
    }

    pub fn count(&self) -> u64 {
        self.counts().sum()
    }

    /// All of them together.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.sum_nanoseconds.load(Ordering::Relaxed))
    }

    /// How many took less than 2 to the power of each of these, nanoseconds, and how many there were in all: counted at
    /// one moment, so that no part is greater than the whole.
    pub fn below(&self, powers: Range<u32>) -> (Vec<u64>, u64) {
        let counts: Vec<u64> = self.counts().collect();
        let within = |power: u32| counts.iter().take(power as usize * 8).sum();
        (powers.map(within).collect(), counts.iter().sum())
    }

    fn counts(&self) -> impl Iterator<Item = u64> {
        self.counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
    }

    /// The time that this share of them kept within, an eighth too high at most.
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (step, count) in self.counts().enumerate() {
            seen += count;
            if wanted <= seen {
                let next = step as u64 + 1;
                return Duration::from_nanos((8 + next % 8) << (next / 8) >> 3);
            }
        }
        Duration::MAX
    }
}
