//! Debts: they add up whoever asks, stop at their bound, and are paid off by time.

use std::time::{Duration, Instant};

use ids::time::Span;

use crate::conformance::Harness;
use crate::debt::{Charge, Debtor, Debts};

const FIRST: Debtor = Debtor([1; 16]);
const SECOND: Debtor = Debtor([2; 16]);
const THIRD: Debtor = Debtor([3; 16]);
/// What may pass between two calls.
const SLACK: Span = Span(10_000);
const NEVER_MORE: Span = Span(i64::MAX);

/// Debts of different debtors are apart, and one's add up over calls and within one.
pub fn debts_add_up(harness: &impl Harness, debts: &impl Debts) {
    let owed = |debtors: &[Debtor]| harness.wait(debts.owed(debtors)).expect("debts are kept");
    assert_eq!(owed(&[FIRST, SECOND]), [Span(0), Span(0)]);
    let charge = |debtor, most| Charge {
        debtor,
        span: Span::HOUR,
        most,
    };
    let charges = [
        charge(FIRST, NEVER_MORE),
        charge(SECOND, NEVER_MORE),
        charge(FIRST, NEVER_MORE),
    ];
    harness
        .wait(debts.charge(&charges))
        .expect("debts are kept");
    let owed_now = owed(&[SECOND, THIRD, FIRST]);
    assert!(is_near(owed_now[0], Span::HOUR), "{owed_now:?}");
    assert_eq!(owed_now[1], Span(0));
    assert!(is_near(owed_now[2], Span::HOUR.times(2)), "{owed_now:?}");

    // One that counts only up to a bound below what is owed changes nothing; one above it counts in part.
    let capped = charge(FIRST, Span::HOUR);
    harness
        .wait(debts.charge(&[capped]))
        .expect("debts are kept");
    assert!(is_near(owed(&[FIRST])[0], Span::HOUR.times(2)));
    let in_part = charge(SECOND, Span::MINUTE.times(90));
    harness
        .wait(debts.charge(&[in_part]))
        .expect("debts are kept");
    assert!(is_near(owed(&[SECOND])[0], Span::MINUTE.times(90)));
    harness.wait(debts.charge(&[])).expect("nothing to keep");
}

/// What is paid off is owed no more, and the next debt begins from then.
/// `pass` lets time pass for the storage.
pub fn time_pays_debts(harness: &impl Harness, debts: &impl Debts, pass: impl Fn(Duration)) {
    let short = Charge {
        debtor: THIRD,
        span: Span(40),
        most: NEVER_MORE,
    };
    let owed = || harness.wait(debts.owed(&[THIRD])).expect("debts are kept")[0];
    harness
        .wait(debts.charge(&[short]))
        .expect("debts are kept");
    let begun = Instant::now();
    while owed() != Span(0) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "time pays nothing"
        );
        pass(Duration::from_millis(5));
    }
    harness
        .wait(debts.charge(&[short]))
        .expect("debts are kept");
    assert!(owed() <= Span(40));
}

fn is_near(owed: Span, expected: Span) -> bool {
    expected.0 - SLACK.0 <= owed.0 && owed.0 <= expected.0
}
