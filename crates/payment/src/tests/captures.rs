//! Captures, in whole and in part, and what becomes of the rest.

use super::*;

#[test]
fn captures_stay_within_the_hold_and_its_window() {
    let payment = authorized();
    let end = payment.due_at;
    let last = end.minus(Span(1));
    let expired = apply(authorized(), &Change::Expire { before: None }, end);
    let cases = [
        (&payment, Some(1), last, None),
        (&payment, None, last, None),
        (&payment, None, end, Some(Refusal::CaptureWindowOver)),
        (&expired, None, end, Some(Refusal::CaptureWindowOver)),
        (&payment, Some(0), START, Some(Refusal::NotPositive)),
        (&payment, Some(-1), START, Some(Refusal::NotPositive)),
        (
            &payment,
            Some(AMOUNT + 1),
            START,
            Some(Refusal::CaptureExceedsHold {
                available_minor: AMOUNT,
            }),
        ),
        (
            &payment,
            Some(i64::MAX),
            START,
            Some(Refusal::CaptureExceedsHold {
                available_minor: AMOUNT,
            }),
        ),
    ];
    for (payment, wanted, now, expected) in cases {
        let refusal = decide::capture(payment, wanted, Finality::Open, FEE, now).err();
        assert_eq!(refusal, expected, "{wanted:?} at {now:?}");
    }
}

#[test]
fn a_final_capture_lets_the_rest_go_and_an_open_one_keeps_it() {
    let open = captured(authorized(), 700, Finality::Open);
    assert_eq!(
        (open.status, open.captured(), open.held(), open.fee_minor),
        (Status::Authorized, 700, 300, 18)
    );
    let done = captured(open, 300, Finality::Open);
    assert_eq!((done.status, done.fee_minor), (Status::Success, 25));
    let ended = captured(authorized(), 700, Finality::Final);
    assert_eq!(
        (ended.status, ended.captured(), ended.held()),
        (Status::Success, 700, 0)
    );
    assert_eq!(ended.due_at, Timestamp::NEVER);
}

#[test]
fn automatic_capture_takes_everything_with_its_fee() {
    let payment = created(request(CaptureMode::Automatic));
    let change = decide::authorize(&payment, &[offer(1, AMOUNT)], FEE, START).unwrap();
    let paid = apply(payment, &change, START);
    assert_eq!(
        (paid.status, paid.captured(), paid.held(), paid.fee_minor),
        (Status::Success, AMOUNT, 0, 25)
    );
}

#[test]
fn a_payment_of_which_something_was_captured_ends_in_success() {
    let ends = [
        Change::Expire { before: None },
        Change::Cancel {
            by: Canceler::Merchant,
        },
    ];
    for end in ends {
        let partly = captured(authorized(), 250, Finality::Open);
        let ended = apply(partly, &end, START);
        assert_eq!(
            (ended.status, ended.captured(), ended.held()),
            (Status::Success, 250, 0),
            "{end:?}"
        );
        assert_eq!(ended.status_before_expiration, None);
    }
}

#[test]
fn a_late_capture_of_what_went_back_hears_that_the_window_is_over() {
    let refused = |payment: &Payment| {
        decide::capture(payment, None, Finality::Final, FEE, START.plus(Span::DAY)).err()
    };
    let partly = || captured(authorized(), 250, Finality::Open);
    let lapsed = apply(partly(), &Change::Expire { before: None }, partly().due_at);
    assert_eq!(lapsed.status, Status::Success);
    assert_eq!(refused(&lapsed), Some(Refusal::CaptureWindowOver));
    let by = Canceler::Merchant;
    let ended = Refusal::InvalidState {
        status: Status::Success,
    };
    let given_up = apply(partly(), &Change::Cancel { by }, START);
    assert_eq!(refused(&given_up), Some(ended), "the shop let go itself");
    let done = captured(authorized(), 250, Finality::Final);
    assert_eq!(refused(&done), Some(ended), "the shop let go itself");
    let never_paid = apply(waiting(), &Change::Expire { before: None }, START);
    let expired = Refusal::InvalidState {
        status: Status::Expired,
    };
    assert_eq!(refused(&never_paid), Some(expired));
}
