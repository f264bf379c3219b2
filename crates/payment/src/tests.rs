use std::sync::Arc;

use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use proptest::prelude::*;

use crate::decide::{self, Offer, PAYMENT_LIFETIME, REFUND_WINDOW, Refusal, VOUCHERS_MAX};
use crate::payment::{Customer, KycLevel, Payment, PaymentRequest};
use crate::refund::{RefundRequest, RefundShare, RefundStatus, RefundTarget};
use crate::state::{Canceler, CaptureMode, Change, Finality, Hold, Status};

const START: Timestamp = Timestamp(1_000_000);
const AMOUNT: i64 = 1_000;
const FEE: u16 = 250;

fn request(capture: CaptureMode) -> PaymentRequest {
    PaymentRequest {
        amount: Amount::new(AMOUNT, Currency::EUR),
        success_url: String::new(),
        failure_url: String::new(),
        notification_url: String::new(),
        customer: Customer {
            id: "c1".to_owned(),
            address: None,
            min_age: None,
            kyc_level: None,
            country_restriction: None,
        },
        submerchant: None,
        shop_id: None,
        capture_window: Span::HOUR,
        capture,
        order_reference: None,
    }
}

fn created(request: PaymentRequest) -> Payment {
    let id: PaymentId = "pay_1000001978_t_EUR".parse().unwrap();
    let due_at = START.plus(PAYMENT_LIFETIME);
    Payment::create(id, Arc::new(request), due_at, START, Sequence(1))
}

fn waiting() -> Payment {
    created(request(CaptureMode::Manual))
}

fn serial(number: u64) -> Serial {
    Serial::new(1_000_000_000_000_000 + number).unwrap()
}

fn offer(number: u64, minor: i64) -> Offer {
    Offer {
        serial: serial(number),
        product: "00002".parse().unwrap(),
        country: "DE".parse().unwrap(),
        available: Amount::new(minor, Currency::EUR),
    }
}

fn apply(payment: Payment, change: &Change, at: Timestamp) -> Payment {
    let version = payment.version.next();
    payment.apply(change, at, version).unwrap()
}

/// Paid by two vouchers, 600 and 400.
fn authorized() -> Payment {
    let payment = waiting();
    let offers = [offer(1, 600), offer(2, 5_000)];
    let change = decide::authorize(&payment, &offers, FEE, START).unwrap();
    apply(payment, &change, START)
}

fn captured(payment: Payment, wanted: i64, finality: Finality) -> Payment {
    let change = decide::capture(&payment, Some(wanted), finality, FEE, START).unwrap();
    apply(payment, &change, START)
}

fn refund_id(name: &str) -> RefundId {
    format!("ref_1000001978_{name}_EUR").parse().unwrap()
}

fn refund_of(minor: i64) -> RefundRequest {
    RefundRequest {
        minor,
        customer_id: "c1".to_owned(),
        customer_email: None,
        submerchant: None,
        comment: None,
    }
}

fn refund_change(
    payment: &Payment,
    name: &str,
    minor: i64,
    now: Timestamp,
) -> Result<Change, Refusal> {
    let (id, request) = (refund_id(name), refund_of(minor));
    let shares = decide::refund_shares(payment, id, &request, now)?;
    let shares = shares.into_iter().map(|(source, minor)| RefundShare {
        source,
        minor,
        target: RefundTarget::SameVoucher,
    });
    Ok(Change::Refund {
        id,
        request,
        shares: shares.collect(),
        cause: crate::refund::RefundCause::Asked,
    })
}

/// A payment in each state that there is.
fn one_of_each() -> Vec<Payment> {
    let open = Change::Open { address: None };
    let cancel = |by| Change::Cancel { by };
    let all = vec![
        waiting(),
        apply(waiting(), &open, START),
        authorized(),
        captured(authorized(), AMOUNT, Finality::Open),
        apply(authorized(), &cancel(Canceler::Merchant), START),
        apply(waiting(), &cancel(Canceler::Customer), START),
        apply(waiting(), &Change::Expire { before: None }, START),
    ];
    let states: Vec<Status> = all.iter().map(|payment| payment.status).collect();
    assert_eq!(states, Status::ALL);
    all
}

/// What was asked and whether it was allowed, for each of the seven states in their order.
fn check(what: &str, decide: impl Fn(&Payment) -> bool, allowed: [u8; 7]) {
    for (payment, allowed) in one_of_each().iter().zip(allowed) {
        assert_eq!(
            decide(payment),
            allowed == 1,
            "{what} while {:?}",
            payment.status
        );
    }
}

#[test]
fn each_command_is_allowed_in_its_states_alone() {
    let now = START.plus(Span::MINUTE);
    let late = START.plus(Span::DAY);
    let offers = [offer(7, AMOUNT)];
    let pay = |payment: &Payment| decide::authorize(payment, &offers, FEE, now).is_ok();
    let capture =
        |payment: &Payment| decide::capture(payment, None, Finality::Final, FEE, now).is_ok();
    let refund = |payment: &Payment| refund_change(payment, "r", 1, now).is_ok();
    let check_refund = |payment: &Payment| {
        decide::validate_refund(payment, refund_id("r"), refund_of(1), now).is_ok()
    };
    check(
        "open",
        |it| decide::open(it, None, now).is_ok(),
        [1, 0, 0, 0, 0, 0, 0],
    );
    check("pay", pay, [1, 1, 0, 0, 0, 0, 0]);
    check("capture", capture, [0, 0, 1, 0, 0, 0, 0]);
    check("refund", refund, [0, 0, 0, 1, 0, 0, 0]);
    check("check a refund", check_refund, [0, 0, 0, 1, 0, 0, 0]);
    let cancel = |by| move |payment: &Payment| decide::cancel(payment, by).is_ok();
    check(
        "cancel by shop",
        cancel(Canceler::Merchant),
        [1, 1, 1, 0, 0, 0, 0],
    );
    check(
        "cancel by payer",
        cancel(Canceler::Customer),
        [1, 1, 0, 0, 0, 0, 0],
    );
    check(
        "cancel by limit",
        cancel(Canceler::PinLimit),
        [1, 1, 0, 0, 0, 0, 0],
    );
    check("expire early", |it| decide::expire(it, now).is_ok(), [0; 7]);
    check(
        "expire",
        |it| decide::expire(it, late).is_ok(),
        [1, 1, 1, 0, 0, 0, 0],
    );
    check(
        "pay late",
        |it| decide::authorize(it, &offers, FEE, late).is_ok(),
        [0; 7],
    );
    check(
        "open late",
        |it| decide::open(it, None, late).is_ok(),
        [0; 7],
    );
}

#[test]
fn a_change_that_does_not_fit_is_refused_by_the_fold_too() {
    let capture = Change::Capture {
        shares: vec![600, 400],
        fee_minor: 0,
        finality: Finality::Final,
    };
    let authorize = |holds: &[i64]| Change::Authorize {
        holds: (1..)
            .zip(holds)
            .map(|(number, minor)| Hold {
                serial: serial(number),
                product: "00002".parse().unwrap(),
                country: "DE".parse().unwrap(),
                minor: *minor,
            })
            .collect(),
        hold_until: START,
        mode: CaptureMode::Manual,
        fee_minor: 0,
    };
    let fits = |payment: &Payment, change: &Change| {
        let version = payment.version.next();
        payment.clone().apply(change, START, version).is_ok()
    };
    check("capture", |it| fits(it, &capture), [0, 0, 1, 0, 0, 0, 0]);
    check(
        "authorise",
        |it| fits(it, &authorize(&[1_000])),
        [1, 1, 0, 0, 0, 0, 0],
    );
    check(
        "authorise too little",
        |it| fits(it, &authorize(&[999])),
        [0; 7],
    );
    check(
        "authorise too much",
        |it| fits(it, &authorize(&[1_000, 1])),
        [0; 7],
    );
    check(
        "authorise nothing",
        |it| fits(it, &authorize(&[1_000, 0])),
        [0; 7],
    );
    check(
        "reject a PIN",
        |it| fits(it, &Change::RejectPin),
        [1, 1, 0, 0, 0, 0, 0],
    );
    check(
        "expire",
        |it| fits(it, &Change::Expire { before: None }),
        [1, 1, 1, 0, 0, 0, 0],
    );
    let shares = [vec![601, 399], vec![-1, 400], vec![600]];
    for shares in shares {
        let capture = Change::Capture {
            shares,
            fee_minor: 0,
            finality: Finality::Open,
        };
        assert!(!fits(&authorized(), &capture), "{capture:?}");
    }
}

#[test]
fn vouchers_that_do_not_suit_are_refused_with_their_reason() {
    let mut of_austria = request(CaptureMode::Manual);
    of_austria.customer.country_restriction = Some("AT".parse().unwrap());
    let mut of_age = request(CaptureMode::Manual);
    of_age.customer.min_age = Some(18);
    let mut known = request(CaptureMode::Manual);
    known.customer.kyc_level = Some(KycLevel::Full);
    let mut pounds = offer(1, AMOUNT);
    pounds.available = Amount::new(AMOUNT, Currency::GBP);
    let many: Vec<Offer> = (0..=VOUCHERS_MAX as u64)
        .map(|n| offer(n, AMOUNT))
        .collect();
    let plain = || request(CaptureMode::Manual);
    let cases = [
        (plain(), vec![offer(1, AMOUNT)], None),
        (
            plain(),
            vec![pounds],
            Some(Refusal::OtherCurrency {
                found: Currency::GBP,
                expected: Currency::EUR,
            }),
        ),
        (
            of_austria,
            vec![offer(1, AMOUNT)],
            Some(Refusal::OtherCountry {
                expected: "AT".parse().unwrap(),
            }),
        ),
        (
            of_age,
            vec![offer(1, AMOUNT)],
            Some(Refusal::AccountRequired),
        ),
        (
            known,
            vec![offer(1, AMOUNT)],
            Some(Refusal::AccountRequired),
        ),
        (plain(), many[..VOUCHERS_MAX].to_vec(), None),
        (plain(), many.clone(), Some(Refusal::TooManyVouchers)),
        (
            plain(),
            vec![offer(1, 10), offer(1, 10)],
            Some(Refusal::VoucherOfferedTwice),
        ),
        (
            plain(),
            vec![offer(1, 400), offer(2, 599)],
            Some(Refusal::InsufficientValue {
                available_minor: 999,
                wanted_minor: AMOUNT,
            }),
        ),
        (
            plain(),
            vec![],
            Some(Refusal::InsufficientValue {
                available_minor: 0,
                wanted_minor: AMOUNT,
            }),
        ),
    ];
    for (request, offers, expected) in cases {
        let refusal = decide::authorize(&created(request), &offers, FEE, START).err();
        assert_eq!(refusal, expected, "{offers:?}");
    }
}

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

/// Something that may be asked of a payment.
#[derive(Clone, Debug)]
enum Asked {
    Pay(Vec<i64>),
    Capture(Option<i64>, Finality),
    Cancel(Canceler),
    Expire,
    RejectPin,
    Check(u8, i64),
    Refund(u8, i64),
    Wait(i64),
}

fn asked() -> impl Strategy<Value = Asked> {
    let finality = prop_oneof![3 => Just(Finality::Open), 1 => Just(Finality::Final)];
    prop_oneof![
        3 => prop::collection::vec(1_i64..900, 1..5).prop_map(Asked::Pay),
        5 => (prop::option::of(-1_i64..700), finality).prop_map(|(wanted, finality)| {
            Asked::Capture(wanted, finality)
        }),
        1 => Just(Asked::Cancel(Canceler::Merchant)),
        1 => Just(Asked::Cancel(Canceler::Customer)),
        1 => Just(Asked::Expire),
        1 => Just(Asked::RejectPin),
        1 => (0_u8..3, -1_i64..500).prop_map(|(id, minor)| Asked::Check(id, minor)),
        5 => (0_u8..9, -1_i64..500).prop_map(|(id, minor)| Asked::Refund(id, minor)),
        1 => (0_i64..4_000_000).prop_map(Asked::Wait),
    ]
}

fn answer(payment: &Payment, asked: &Asked, now: Timestamp) -> Result<Change, Refusal> {
    match asked {
        Asked::Pay(values) => {
            let offers: Vec<Offer> = (1..).zip(values).map(|(n, v)| offer(n, *v)).collect();
            decide::authorize(payment, &offers, FEE, now)
        }
        Asked::Capture(wanted, finality) => decide::capture(payment, *wanted, *finality, FEE, now),
        Asked::Cancel(by) => decide::cancel(payment, *by),
        Asked::Expire => decide::expire(payment, now),
        Asked::RejectPin => decide::require_payable(payment, now).map(|()| Change::RejectPin),
        Asked::Check(id, minor) => {
            let id = refund_id(&id.to_string());
            decide::validate_refund(payment, id, refund_of(*minor), now)
        }
        Asked::Refund(id, minor) => refund_change(payment, &id.to_string(), *minor, now),
        Asked::Wait(_) => Err(Refusal::NotDue),
    }
}

fn assert_sound(payment: &Payment) {
    for part in &payment.allocations {
        assert!(0 <= part.refunded && part.refunded <= part.captured);
        assert!(0 <= part.held && part.captured + part.held <= part.authorized);
    }
    let authorized: i64 = payment.allocations.iter().map(|part| part.authorized).sum();
    assert!(authorized == 0 || authorized == AMOUNT);
    assert!(payment.refunded() <= payment.captured() && payment.captured() <= authorized);
    assert!(0 <= payment.fee_minor && payment.fee_minor <= payment.captured());
    let shares = payment.refunds.iter().flat_map(|refund| &refund.shares);
    assert_eq!(
        shares.map(|share| share.minor).sum::<i64>(),
        payment.refunded()
    );
    if payment.status.is_final() {
        assert_eq!((payment.held(), payment.due_at), (0, Timestamp::NEVER));
        assert_eq!(payment.status == Status::Success, 0 < payment.captured());
    }
}

proptest! {
    #[test]
    fn captures_in_parts_cost_the_fee_of_the_whole(
        parts in prop::collection::vec(1_i64..=40, 1..=25),
        basis_points in 0_u16..=10_000,
    ) {
        let whole: i64 = parts.iter().sum();
        let capture = |payment: Payment, minor| {
            let change = decide::capture(&payment, Some(minor), Finality::Open, basis_points, START);
            apply(payment, &change.unwrap(), START)
        };
        let at_once = capture(authorized(), whole);
        let in_parts = parts.into_iter().fold(authorized(), capture);
        prop_assert_eq!(in_parts.fee_minor, at_once.fee_minor);
    }

    #[test]
    fn refunded_is_never_above_captured_nor_captured_above_authorised(
        history in prop::collection::vec(asked(), 1..60),
        mode in prop_oneof![3 => Just(CaptureMode::Manual), 1 => Just(CaptureMode::Automatic)],
    ) {
        let mut payment = created(request(mode));
        let mut now = START;
        for asked in history {
            if let Asked::Wait(span) = asked {
                now = now.plus(Span(span));
            }
            let was_final = payment.status.is_final();
            let status = payment.status;
            if let Ok(change) = answer(&payment, &asked, now) {
                payment = apply(payment, &change, now);
                assert_sound(&payment);
            }
            prop_assert!(!was_final || payment.status == status, "an end state has no exit");
        }
        prop_assert_eq!(payment.entries.last(), Some(&payment.version));
    }
}
