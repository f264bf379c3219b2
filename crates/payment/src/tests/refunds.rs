//! Refunds, and their bounds.

use super::*;

#[test]
fn the_refunds_of_one_payment_are_counted_and_bounded() {
    let mut payment = captured(authorized(), AMOUNT, Finality::Final);
    let checked = decide::validate_refund(&payment, refund_id("v"), refund_of(1), START).unwrap();
    payment = apply(payment, &checked, START);
    for number in 1..100 {
        let change = refund_change(&payment, &number.to_string(), 1, START).unwrap();
        payment = apply(payment, &change, START);
    }
    let another = refund_change(&payment, "100", 1, START);
    assert_eq!(another.map(|_| ()), Err(Refusal::TooManyRefunds));
    let check = decide::validate_refund(&payment, refund_id("100"), refund_of(1), START);
    assert_eq!(check.map(|_| ()), Err(Refusal::TooManyRefunds));
    let waiting = refund_change(&payment, "v", 1, START);
    assert!(waiting.is_ok(), "what was checked is one of the hundred");
}

#[test]
fn a_fee_that_changes_between_captures_is_never_paid_back_nor_above_the_capture() {
    let fee_of = |payment: &Payment, basis_points| {
        let change = decide::capture(payment, Some(100), Finality::Open, basis_points, START);
        match change {
            Ok(Change::Capture { fee_minor, .. }) => fee_minor,
            other => panic!("{other:?}"),
        }
    };
    let partly = captured(authorized(), 800, Finality::Open);
    assert_eq!(partly.fee_minor, 20);
    assert_eq!(fee_of(&partly, 0), 0);
    assert_eq!(fee_of(&partly, FEE), 3);
    assert_eq!(fee_of(&partly, 10_000), 100);
}

#[test]
fn refunds_have_their_bounds() {
    let payment = captured(authorized(), 700, Finality::Final);
    let last = START.plus(REFUND_WINDOW);
    let cases = [
        (1, START, None),
        (700, last, None),
        (1, last.plus(Span(1)), Some(Refusal::RefundWindowOver)),
        (0, START, Some(Refusal::NotPositive)),
        (i64::MIN, START, Some(Refusal::NotPositive)),
        (
            701,
            START,
            Some(Refusal::RefundExceedsCapture {
                refundable_minor: 700,
            }),
        ),
    ];
    for (minor, now, expected) in cases {
        let refusal = refund_change(&payment, "r", minor, now).err();
        assert_eq!(refusal, expected, "{minor} at {now:?}");
        let checked = decide::validate_refund(&payment, refund_id("r"), refund_of(minor), now);
        assert_eq!(checked.err(), expected, "checking {minor} at {now:?}");
    }
    let stranger = RefundRequest {
        customer_id: "c2".to_owned(),
        ..refund_of(1)
    };
    let refusal = decide::validate_refund(&payment, refund_id("r"), stranger, START);
    assert_eq!(refusal, Err(Refusal::OtherCustomer));
}

#[test]
fn a_checked_refund_is_carried_out_once_as_it_was_asked_for_then() {
    let payment = captured(authorized(), 700, Finality::Final);
    let checked = decide::validate_refund(&payment, refund_id("r"), refund_of(100), START).unwrap();
    let payment = apply(payment, &checked, START);
    let status = |status| Err(Refusal::RefundInvalidState { status });
    let again = decide::validate_refund(&payment, refund_id("r"), refund_of(100), START);
    assert_eq!(again, status(RefundStatus::ValidationSuccessful));
    assert_eq!(payment.refunded(), 0, "a check moves no money");
    let change = refund_change(&payment, "r", 150, START).unwrap();
    let payment = apply(payment, &change, START.plus(Span::HOUR));
    let refund = payment.refund(refund_id("r")).unwrap();
    assert_eq!(
        (refund.status, refund.request.minor, payment.refunded()),
        (RefundStatus::Success, 150, 150)
    );
    assert_eq!(refund.created_at, START);
    assert_eq!(
        refund_change(&payment, "r", 1, START).map(|_| ()),
        status(RefundStatus::Success).map(|_: Change| ())
    );
}
