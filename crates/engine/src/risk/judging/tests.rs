use super::*;

const NOON: Timestamp = Timestamp(20_000 * Span::DAY.0 + Span::HOUR.0 * 12);

fn payment(name: &str) -> PaymentId {
    let text = format!("pay_1000001978_{name}_EUR");
    text.parse().expect("a payment's id")
}

#[test]
fn a_payment_that_is_judged_again_spends_once() {
    let allowance = Allowance::default();
    let (one, other) = (payment("one"), payment("other"));
    assert_eq!(allowance.left(1_000, one, NOON), 1_000);
    allowance.spend(one, 600);
    // The batch was not committed; the next attempt sees what the first one saw.
    assert_eq!(allowance.left(1_000, one, NOON), 1_000);
    allowance.spend(one, 600);
    assert_eq!(allowance.left(1_000, other, NOON), 400);
    allowance.spend(other, 600);
    assert_eq!(allowance.left(1_000, payment("third"), NOON), 0);
}

#[test]
fn a_day_begins_once() {
    let allowance = Allowance::default();
    let (one, other) = (payment("one"), payment("other"));
    assert_eq!(allowance.left(1_000, one, NOON), 1_000);
    allowance.spend(one, 600);
    assert_eq!(allowance.left(1_000, other, NOON.minus(Span::DAY)), 400);
    assert_eq!(allowance.left(1_000, other, NOON), 400);
    assert_eq!(allowance.left(1_000, other, NOON.plus(Span::DAY)), 1_000);
}
