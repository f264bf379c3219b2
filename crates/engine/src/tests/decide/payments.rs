//! Payments, the PINs that pay them, and their captures.

use super::*;

#[test]
fn payments_that_do_not_suit_the_merchant_are_not_created() {
    let with = |change: &dyn Fn(&mut PaymentRequest)| {
        let mut request = request(1_000);
        change(&mut request);
        request
    };
    let submerchant = |id: &str| {
        let id = Some(id.to_owned());
        with(&|request| request.submerchant = id.clone())
    };
    let window = |span| with(&|request| request.capture_window = span);
    let pounds = Amount::new(1_000, Currency::GBP);
    let too_much = Refusal::AmountAboveLimit {
        limit_minor: 100_000,
        currency: Currency::EUR,
    };
    let cases = [
        (request(1), None),
        (request(100_000), None),
        (request(100_001), Some(too_much)),
        (request(i64::MAX), Some(too_much)),
        (request(0), Some(Refusal::AmountNotPositive)),
        (request(i64::MIN), Some(Refusal::AmountNotPositive)),
        (
            with(&|request| request.amount = pounds),
            Some(Refusal::CurrencyNotEnabled {
                currency: Currency::GBP,
            }),
        ),
        (submerchant("north"), None),
        (submerchant("south"), Some(Refusal::SubmerchantSuspended)),
        (submerchant("east"), Some(Refusal::UnknownSubmerchant)),
        (window(Span::MINUTE), None),
        (
            window(Span(59_999)),
            Some(Refusal::CaptureWindowOutOfBounds),
        ),
        (
            window(Span::DAY.times(8)),
            Some(Refusal::CaptureWindowOutOfBounds),
        ),
    ];
    for (request, expected) in cases {
        let id = payment_id("new");
        let create = Command::CreatePayment {
            id,
            request: Arc::new(request.clone()),
        };
        let refusal = World::new().act(create, NOW).err();
        assert_eq!(refusal, expected, "{request:?}");
    }
}

#[test]
fn a_payment_belongs_to_a_merchant_in_good_standing_and_to_one_currency() {
    let mut world = World::new();
    let mut suspended: Merchant = merchant();
    suspended.id = MerchantId::new(1_000_002).unwrap();
    suspended.standing = merchant::Standing::Suspended;
    world.must(Command::SaveMerchant(Box::new(suspended)));
    let mut create = |merchant: u32, currency| {
        let mut id = payment_id("new");
        id.mid.merchant = MerchantId::new(merchant).unwrap();
        id.mid.currency = currency;
        let request = Arc::new(request(1_000));
        world.act(Command::CreatePayment { id, request }, NOW).err()
    };
    assert_eq!(
        create(1_000_003, Currency::EUR),
        Some(Refusal::UnknownMerchant)
    );
    assert_eq!(
        create(1_000_002, Currency::EUR),
        Some(Refusal::MerchantSuspended)
    );
    let mixed = Refusal::CurrencyNotEnabled {
        currency: Currency::EUR,
    };
    assert_eq!(create(1_000_001, Currency::GBP), Some(mixed));
    assert_eq!(create(1_000_001, Currency::EUR), None);
    assert_eq!(
        create(1_000_001, Currency::EUR),
        Some(Refusal::DuplicatePayment)
    );
}

#[test]
fn wrong_unknown_empty_frozen_expired_unsold_and_void_pins_are_one_fact() {
    let mut world = World::new();
    let empties = world.payment("empties", 1_000);
    world.must(pay(empties, &[], Some(1)));
    world.must(freeze(2));
    world.must(Command::VoidVoucher { serial: serial(3) });
    let unsold = voucher::voucher::NewVoucher {
        activation: voucher::voucher::Activation::Pending,
        ..voucher(20, 1_000)
    };
    let ended = voucher::voucher::NewVoucher {
        activation: voucher::voucher::Activation::Immediate {
            expires_at: NOW,
            fee_due_at: Timestamp::NEVER,
        },
        ..voucher(21, 1_000)
    };
    let vouchers = vec![unsold, ended];
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers,
    });
    let facts = [1, 2, 3, 20, 21, 999].map(|number| {
        let id = world.payment(&format!("guess{number}"), 100);
        let fact = world.must(pay(id, &[], Some(number)));
        match fact {
            Fact::PaymentChanged {
                change,
                effects,
                replacements,
                ..
            } => (change, effects, replacements.len()),
            fact => panic!("{fact:?}"),
        }
    });
    for fact in &facts {
        assert_eq!(fact, &(Change::RejectPin, Vec::new(), 0));
    }
}

#[test]
fn the_fifth_wrong_pin_cancels_the_payment() {
    let mut world = World::new();
    let id = world.payment("guessed", 500);
    for _ in 0..4 {
        world.must(pay(id, &[], Some(999)));
    }
    assert_eq!(world.rows.payment(id).unwrap().status, Status::Initiated);
    world.must(pay(id, &[], Some(999)));
    assert_eq!(
        world.rows.payment(id).unwrap().status,
        Status::CanceledCustomer
    );
    let late = world.act(pay(id, &[], Some(1)), NOW);
    assert!(matches!(
        late,
        Err(Refusal::Payment(PaymentRefusal::InvalidState { .. }))
    ));
    assert_eq!(world.rows.voucher(serial(1)).unwrap().remaining, 1_000);
}

#[test]
fn vouchers_that_do_not_suit_the_payment_are_refused_and_nothing_is_held() {
    let mut world = World::new();
    let pounds = voucher::voucher::NewVoucher {
        face: Amount::new(5_000, Currency::GBP),
        ..voucher(30, 0)
    };
    let of_austria = voucher::voucher::NewVoucher {
        country: "AT".parse().unwrap(),
        ..voucher(31, 5_000)
    };
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers: vec![pounds, of_austria],
    });
    let german = demanding(&mut world, "german", |customer| {
        customer.country_restriction = Some("DE".parse().unwrap());
    });
    let adult = demanding(&mut world, "adult", |customer| customer.min_age = Some(18));
    let plain = world.payment("plain", 10_001);
    let all: Vec<u64> = (1..=10).collect();
    let other_currency = Refusal::Payment(PaymentRefusal::OtherCurrency {
        found: Currency::GBP,
        expected: Currency::EUR,
    });
    let other_country = Refusal::Payment(PaymentRefusal::OtherCountry {
        expected: "DE".parse().unwrap(),
    });
    let cases = [
        (pay(plain, &[], Some(30)), other_currency),
        (pay(german, &[], Some(31)), other_country),
        (
            pay(adult, &[], Some(1)),
            PaymentRefusal::AccountRequired.into(),
        ),
        (
            pay(plain, &[1, 2], Some(1)),
            PaymentRefusal::VoucherOfferedTwice.into(),
        ),
        (
            pay(plain, &all, Some(11)),
            PaymentRefusal::TooManyVouchers.into(),
        ),
        (
            pay(plain, &all, None),
            Refusal::MoreVouchersNeeded { missing_minor: 1 },
        ),
        (
            pay(plain, &[], None),
            Refusal::MoreVouchersNeeded {
                missing_minor: 10_001,
            },
        ),
        (
            pay(payment_id("nobody"), &[], Some(1)),
            Refusal::UnknownPayment,
        ),
    ];
    for (command, expected) in cases {
        let refusal = world.act(command.clone(), NOW).err();
        assert_eq!(refusal, Some(expected), "{command:?}");
    }
    let is_whole = |number| world.rows.voucher(serial(number)).unwrap().held == 0;
    assert!((1..=12).all(is_whole));
}

/// A payment whose shop does not take everybody.
fn demanding(world: &mut World, name: &str, demand: impl Fn(&mut Customer)) -> PaymentId {
    let mut request = request(1_000);
    demand(&mut request.customer);
    let id = payment_id(name);
    world.must(Command::CreatePayment {
        id,
        request: Arc::new(request),
    });
    id
}

#[test]
fn a_voucher_of_the_basket_that_went_bad_drops_out_and_costs_no_try() {
    let mut world = World::new();
    let id = world.payment("basket", 1_500);
    world.must(freeze(1));
    let refusal = world.act(pay(id, &[1, 777], Some(2)), NOW).err();
    let missing = Refusal::MoreVouchersNeeded { missing_minor: 500 };
    assert_eq!(refusal, Some(missing));
    world.must(pay(id, &[1, 2], Some(3)));
    let payment = world.rows.payment(id).unwrap();
    assert_eq!(payment.rejected_pins, 0);
    let parts: Vec<(Serial, i64)> = payment
        .allocations
        .iter()
        .map(|part| (part.serial, part.held))
        .collect();
    assert_eq!(parts, [(serial(2), 1_000), (serial(3), 500)]);
}

#[test]
fn a_capture_after_its_window_is_refused_before_and_after_the_timer_looks() {
    let mut world = World::new();
    let id = world.payment("late", 1_000);
    world.must(pay(id, &[], Some(1)));
    let late = NOW.plus(Span::HOUR);
    let over = Some(Refusal::Payment(PaymentRefusal::CaptureWindowOver));
    assert_eq!(world.act(capture(id, None), late).err(), over);
    world.act(Command::ExpirePayment { id }, late).unwrap();
    assert_eq!(world.act(capture(id, None), late).err(), over);
    assert_eq!(world.rows.voucher(serial(1)).unwrap().remaining, 1_000);
    let too_much = PaymentRefusal::CaptureExceedsHold {
        available_minor: 1_000,
    };
    let other = world.payment("other", 1_000);
    world.must(pay(other, &[], Some(2)));
    let refusal = world.act(capture(other, Some(1_001)), NOW).err();
    assert_eq!(refusal, Some(too_much.into()));
}

#[test]
fn payers_cancel_before_they_have_paid_and_merchants_until_they_capture() {
    let mut world = World::new();
    let id = world.payment("held", 1_000);
    world.must(pay(id, &[], Some(1)));
    let cancel = |by| Command::CancelPayment { id, by };
    assert!(world.act(cancel(Canceler::Customer), NOW).is_err());
    world.must(cancel(Canceler::Merchant));
    assert_eq!(world.rows.voucher(serial(1)).unwrap().remaining, 1_000);
    assert!(world.act(cancel(Canceler::Merchant), NOW).is_err());
}
