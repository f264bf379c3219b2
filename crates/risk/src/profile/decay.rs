//! Decay: what is left of a count after a while, for the half-lives that all counters share.

use ids::time::{Span, Timestamp};

use crate::math;

pub const HOUR: Span = Span::HOUR;
pub const DAY: Span = Span::DAY;
pub const WEEK: Span = Span(7 * Span::DAY.0);
pub const MONTH: Span = Span(30 * Span::DAY.0);

/// The share of one that is left, for each half-life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left {
    pub hour: f32,
    pub day: f32,
    pub week: f32,
    pub month: f32,
}

impl Left {
    /// Nothing has decayed.
    pub const ALL: Left = Left {
        hour: 1.0,
        day: 1.0,
        week: 1.0,
        month: 1.0,
    };

    /// What is left at `now` of what happened at `then`; all of it if that lies ahead.
    pub fn of(then: Timestamp, now: Timestamp) -> Left {
        let elapsed_ms = now.0.saturating_sub(then.0);
        if elapsed_ms <= 0 {
            return Left::ALL;
        }
        let elapsed_ms = elapsed_ms as f64;
        let left = |half_life: Span| math::left_after(elapsed_ms / half_life.0 as f64) as f32;
        Left {
            hour: left(HOUR),
            day: left(DAY),
            week: left(WEEK),
            month: left(MONTH),
        }
    }
}
