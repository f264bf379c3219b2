//! What is allowed in which state, and with which vouchers.

use super::*;

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
