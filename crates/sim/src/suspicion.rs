//! A judge whose moods follow from the amount alone, so that every course a payment can take is taken.

use std::sync::Arc;

use engine::judge::{Case, Countermeasure, Judge, Judged};
use ids::time::Span;
use payment::attempt::{Judgement, Verdict};

/// How long a review lasts.
pub const REVIEW_TIME: Span = Span::HOUR;
/// How long some payers are to think.
pub const COOL_DOWN: Span = Span::MINUTE.times(5);

/// Judges by the last four bits of the amount's minor units.
#[derive(Clone, Copy, Debug)]
pub struct Suspicion;

impl Judge for Suspicion {
    fn judge(&self, case: &Case<'_>) -> Option<Judged> {
        let (verdict, cool_down, vouchers) = match case.payment.request.amount.minor % 16 {
            1 => (Verdict::Challenge, Span(0), Countermeasure::Leave),
            2 => (Verdict::Challenge, COOL_DOWN, Countermeasure::Leave),
            3 | 4 => (Verdict::Review, Span(0), Countermeasure::Leave),
            5 => (Verdict::Block, Span(0), Countermeasure::Freeze),
            6 => (Verdict::Block, Span(0), Countermeasure::Leave),
            7 => (Verdict::Allow, Span(0), Countermeasure::Leave),
            _ => return None,
        };
        Some(Judged {
            judgement: Judgement {
                verdict,
                record: Arc::from(&b"mood"[..]),
            },
            cool_down,
            review_time: REVIEW_TIME,
            vouchers,
        })
    }
}
