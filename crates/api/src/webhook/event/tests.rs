use ids::time::Timestamp;
use payment::payment::Payment;
use payment::state::{Canceler, CaptureMode, Change, Finality, StopCause};

use super::{events, is_told};
use crate::webhook::fixtures::{
    after, authorize, capture, payment, refund, refund_id, refund_request,
};

/// Applies the changes and tells what each of them makes, as `type moved status`.
fn told(changes: &[Change]) -> Vec<String> {
    let mut state: Payment = payment();
    let mut told = Vec::new();
    for change in changes {
        let held = state.held();
        state = after(&state, change);
        let events = events(change, held, &state);
        assert_eq!(is_told(change), !events.is_empty(), "{change:?}");
        for event in events {
            let name = event.kind.name();
            told.push(match event.moved_minor {
                Some(minor) => format!("{name} {minor} {:?}", state.status),
                None => format!("{name} {:?}", state.status),
            });
        }
    }
    told
}

#[test]
fn every_change_but_a_mistyped_pin_is_told() {
    let told = told(&[
        Change::Open { address: None },
        Change::RejectPin,
        authorize(CaptureMode::Manual),
        capture([400, 0], Finality::Open),
        capture([600, 500], Finality::Open),
        Change::ValidateRefund {
            id: refund_id(),
            request: refund_request(),
        },
        refund(),
    ]);
    assert_eq!(
        told,
        [
            "payment.redirected Redirected",
            "payment.authorized 1500 Authorized",
            "payment.captured 400 Authorized",
            "payment.captured 1100 Success",
            "payment.refund_validated 250 Success",
            "payment.refunded 250 Success",
        ]
    );
}

#[test]
fn an_automatic_capture_is_told_as_authorisation_and_capture() {
    assert_eq!(
        told(&[authorize(CaptureMode::Automatic)]),
        [
            "payment.authorized 1500 Success",
            "payment.captured 1500 Success"
        ]
    );
}

#[test]
fn the_end_of_a_payment_is_told_by_what_became_of_it() {
    let manual = || authorize(CaptureMode::Manual);
    let cancel = |by| Change::Cancel { by };
    let cases = [
        (
            vec![cancel(Canceler::PinLimit)],
            "payment.canceled CanceledCustomer",
        ),
        (
            vec![manual(), cancel(Canceler::Merchant)],
            "payment.canceled 1500 CanceledMerchant",
        ),
        (
            vec![Change::Expire { before: None }],
            "payment.expired Expired",
        ),
        (
            vec![manual(), Change::Expire { before: None }],
            "payment.expired 1500 Expired",
        ),
        (
            vec![
                manual(),
                capture([400, 0], Finality::Open),
                cancel(Canceler::Merchant),
            ],
            "payment.released 1100 Success",
        ),
        (
            vec![
                manual(),
                capture([400, 0], Finality::Open),
                Change::Expire { before: None },
            ],
            "payment.released 1100 Success",
        ),
    ];
    for (changes, expected) in cases {
        assert_eq!(told(&changes).last().unwrap(), expected, "{changes:?}");
    }
}

#[test]
fn what_a_timer_put_right_is_told_with_its_cause_first() {
    let of = payment().id;
    let returned = Change::Cancel {
        by: Canceler::DuplicateOf(of),
    };
    let validated = Change::ValidateRefund {
        id: refund_id(),
        request: refund_request(),
    };
    assert_eq!(
        told(&[authorize(CaptureMode::Manual), returned]),
        [
            "payment.authorized 1500 Authorized",
            "payment.duplicate_found CanceledMerchant",
            "payment.canceled 1500 CanceledMerchant",
        ]
    );
    let lapsed = Change::LapseRefund { id: refund_id() };
    let stop = Change::Stop {
        cause: StopCause::Mismatch,
    };
    let resume = Change::Resume {
        due_at: Timestamp::NEVER,
    };
    let changes = [
        authorize(CaptureMode::Automatic),
        Change::FlagDuplicate { of },
        validated,
        lapsed,
        stop,
        resume,
    ];
    assert_eq!(
        told(&changes)[2..],
        [
            "payment.duplicate_found Success",
            "payment.refund_validated 250 Success",
            "payment.refund_lapsed Success",
            "payment.stopped Success",
            "payment.resumed Success",
        ]
    );
}
