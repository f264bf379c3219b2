//! A kind of fraud that nobody had seen before the test period: the handbook's third kind begins when the test does.

use ids::time::Span;
use risk::metrics::{Judged, by_scenario};

use super::handbook::{TEST_FROM, day, judged, periods, play};
use super::{MeasureError, Put};
use crate::handbook::{Handbook, simulate};
use crate::run::Periods;

/// A new model each week; what the first of them is worth is measured until there is a second.
const RETRAINED_AFTER_DAYS: i64 = 7;
const DELAY_DAYS: i64 = 1;
const NEW_KIND: u32 = 3;

/// Plays the stream with and without the retraining, and judges both in the week after it.
pub(super) fn measure(seed: u64, put: Put) -> Result<(), MeasureError> {
    let payments = simulate(&Handbook {
        cards_stolen_from: TEST_FROM as u32,
        ..Handbook::whole(seed)
    });
    let retrained_at = TEST_FROM + RETRAINED_AFTER_DAYS;
    let once = Periods {
        test_until: day(retrained_at + RETRAINED_AFTER_DAYS),
        ..periods(DELAY_DAYS)
    };
    let again = Periods {
        retrain_every: Some(Span::DAY.times(RETRAINED_AFTER_DAYS)),
        ..once
    };
    let after = |periods: &Periods| -> Result<Vec<Judged>, MeasureError> {
        let run = play(&payments, periods)?;
        let first_day = day(retrained_at).0.div_euclid(Span::DAY.0);
        let is_after = |one: &Judged| first_day <= one.day;
        Ok(judged(&run).into_iter().filter(is_after).collect())
    };
    let (before, after) = (by_scenario(&after(&once)?), by_scenario(&after(&again)?));
    let name = format!("risk.new_kind.seed_{seed}");
    for (kind, retrained) in &after {
        let Some(kept) = before.get(kind) else {
            continue;
        };
        let what = match *kind == NEW_KIND {
            true => "new".to_owned(),
            false => format!("known_{kind}"),
        };
        put(
            &format!("{name}.{what}.frauds"),
            retrained.frauds as f64,
            "payments",
        );
        let recall = format!("{name}.{what}.recall_at_0.5");
        put(&format!("{recall}.not_retrained"), kept.recall[1], "share");
        put(&format!("{recall}.retrained"), retrained.recall[1], "share");
    }
    Ok(())
}
