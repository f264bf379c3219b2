//! Tables of what is refused, and why.

use std::sync::Arc;

use accounting::fact::{Fact, Party};
use ids::command::ApiKeyDigest;
use ids::object::PaymentId;
use ids::party::{DistributorId, MerchantId};
use ids::time::{Span, Timestamp};
use ids::voucher::{BatchId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::decide::Refusal as PaymentRefusal;
use payment::merchant::{self, Merchant};
use payment::payment::{Customer, PaymentRequest};
use payment::state::{Canceler, Change, Finality, Status};
use store::fold::Rows;
use voucher::distributor::{self, TerminalLimitReached};
use voucher::order::CancelRefusal;
use voucher::product::{MaintenanceFee, ProductKey};
use voucher::state::{Change as VoucherChange, FreezeCause, Refusal as VoucherRefusal, State};

use crate::command::{Command, NewOrder, NewRefund, Replacement};
use crate::error::Refusal;
use crate::limits::FACE_MAX_MINOR;
use crate::tests::rows::{
    END, NOW, World, merchant, order, pay, payment_id, pin, product, product_key, refund, request,
    seller, serial, voucher,
};

fn freeze(number: u64) -> Command {
    Command::FreezeVoucher {
        serial: serial(number),
        cause: FreezeCause::Owner,
    }
}

fn timer(number: u64) -> Command {
    Command::RunVoucherTimer {
        serial: serial(number),
        product: product_key(),
    }
}

fn capture(payment: PaymentId, wanted_minor: Option<i64>) -> Command {
    Command::CapturePayment {
        id: payment,
        wanted_minor,
        finality: Finality::Final,
    }
}

/// A payment of 10.00 that voucher 1 has paid.
fn captured(world: &mut World) -> PaymentId {
    let id = world.payment("captured", 1_000);
    world.must(pay(id, &[], Some(1)));
    world.must(capture(id, None));
    id
}

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
fn a_payment_of_a_frozen_voucher_is_captured_and_refunded_to_it() {
    let mut world = World::new();
    let id = world.payment("held", 400);
    world.must(pay(id, &[], Some(1)));
    world.must(freeze(1));
    world.must(capture(id, None));
    world.must(Command::Refund(Box::new(refund(id, "r", 100))));
    let voucher = world.rows.voucher(serial(1)).unwrap();
    assert_eq!(
        (voucher.state, voucher.remaining, voucher.spent),
        (State::Frozen(FreezeCause::Owner), 700, 300)
    );
}

#[test]
fn a_refund_never_goes_to_a_voucher_whose_end_has_come() {
    let mut world = World::new();
    let id = captured(&mut world);
    let before = END.minus(Span(1));
    let early = Command::Refund(Box::new(refund(id, "early", 100)));
    assert!(world.act(early, before).is_ok());
    let late = Command::Refund(Box::new(refund(id, "late", 100)));
    let needed = Refusal::ReplacementsNeeded { count: 1 };
    assert_eq!(world.act(late, END).err(), Some(needed));
    let mut with_fresh = refund(id, "late", 100);
    with_fresh.replacements = vec![fresh(1, 40, 40)];
    let fact = world
        .act(Command::Refund(Box::new(with_fresh)), END)
        .unwrap();
    assert!(matches!(fact, Fact::PaymentChanged { effects, .. } if effects.is_empty()));
    let fresh = world.rows.voucher(serial(40)).unwrap();
    assert_eq!((fresh.remaining, fresh.expires_at), (100, Timestamp::NEVER));
    assert_eq!(world.rows.payment(id).unwrap().refunded(), 200);
}

fn fresh(source: u64, number: u64, with_pin: u64) -> Replacement {
    Replacement {
        source: serial(source),
        serial: serial(number),
        pin: pin(with_pin),
        sealed_pin: [].as_slice().into(),
    }
}

#[test]
fn fresh_vouchers_must_be_fresh_among_all_and_among_themselves() {
    let mut world = World::new();
    let id = world.payment("two", 2_000);
    world.must(pay(id, &[1], Some(2)));
    world.must(capture(id, None));
    let mut refuse = |replacements: Vec<Replacement>| {
        let new = NewRefund {
            replacements,
            ..refund(id, "r", 2_000)
        };
        world.act(Command::Refund(Box::new(new)), END).err()
    };
    let taken = Some(Refusal::VoucherTaken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 5, 41)]), taken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 41, 5)]), taken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 40, 41)]), taken);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 41, 40)]), taken);
    let needed = Some(Refusal::ReplacementsNeeded { count: 1 });
    assert_eq!(refuse(vec![fresh(1, 40, 40)]), needed);
    assert_eq!(refuse(vec![fresh(1, 40, 40), fresh(2, 41, 41)]), None);
}

#[test]
fn a_refund_is_reported_under_a_submerchant_of_good_standing() {
    let mut world = World::new();
    let id = captured(&mut world);
    let cases = [
        ("east", Some(Refusal::UnknownSubmerchant)),
        ("south", Some(Refusal::SubmerchantSuspended)),
        ("north", None),
    ];
    for (submerchant, expected) in cases {
        let mut new = refund(id, "r", 10);
        new.request.submerchant = Some(submerchant.to_owned());
        let validate = Command::ValidateRefund {
            payment: id,
            id: new.id,
            request: new.request.clone(),
        };
        assert_eq!(world.act(validate, NOW).err(), expected, "{submerchant}");
        let refusal = world.act(Command::Refund(Box::new(new)), NOW).err();
        assert_eq!(refusal, expected, "{submerchant}");
    }
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

#[test]
fn orders_that_do_not_suit_are_not_delivered() {
    let mut world = World::new();
    let mut suspended = seller();
    suspended.id = DistributorId::new(2_000_000_002).unwrap();
    suspended.standing = distributor::Standing::Suspended;
    world.must(Command::SaveDistributor(suspended));
    let from = |number: u64| {
        let mut order = order("new", 50);
        order.id.distributor = DistributorId::new(number).unwrap();
        order
    };
    let mut elsewhere = order("new", 50);
    elsewhere.country = "PL".parse().unwrap();
    let mut odd = order("new", 50);
    odd.amount.minor = 999;
    let cases: [(NewOrder, Option<Refusal>); 8] = [
        (from(2_000_000_003), Some(Refusal::UnknownDistributor)),
        (from(2_000_000_002), Some(Refusal::DistributorSuspended)),
        (elsewhere, Some(Refusal::UnknownProduct)),
        (odd, Some(Refusal::UnknownDenomination)),
        (order("new", 1), Some(Refusal::VoucherTaken)),
        (order("new", 50), None),
        (order("new", 51), Some(Refusal::DuplicateOrder)),
        (order("second", 52), None),
    ];
    for (order, expected) in cases {
        let refusal = world.act(Command::DeliverOrder(Box::new(order)), NOW).err();
        assert_eq!(refusal, expected);
    }
    let third = Command::DeliverOrder(Box::new(order("third", 53)));
    let limit = Refusal::TerminalLimit(TerminalLimitReached { number: 2 });
    assert_eq!(world.act(third.clone(), NOW).err(), Some(limit));
    let cancel = Command::CancelOrder {
        order: order("second", 0).id,
    };
    world.must(cancel);
    world.must(third);
}

#[test]
fn an_order_is_cancelled_in_its_window_while_the_voucher_is_whole() {
    let mut world = World::new();
    for (name, number) in [("spent", 50), ("late", 51)] {
        world.must(Command::DeliverOrder(Box::new(order(name, number))));
    }
    let id = world.payment("p", 10);
    world.must(pay(id, &[], Some(50)));
    let cancel = |name: &str| Command::CancelOrder {
        order: order(name, 0).id,
    };
    let held = Refusal::Voucher(VoucherRefusal::ValueHeld);
    assert_eq!(world.act(cancel("spent"), NOW).err(), Some(held));
    let late = NOW.plus(Span::HOUR).plus(Span(1));
    let too_late = Refusal::Order(CancelRefusal::TooLate);
    assert_eq!(world.act(cancel("late"), late).err(), Some(too_late));
    assert_eq!(
        world.act(cancel("none"), NOW).err(),
        Some(Refusal::UnknownOrder)
    );
    world.must(cancel("late"));
    let again = Refusal::Order(CancelRefusal::AlreadyCancelled);
    assert_eq!(world.act(cancel("late"), NOW).err(), Some(again));
}

#[test]
fn vouchers_are_issued_with_a_value_and_once() {
    let above = Refusal::AmountAboveLimit {
        limit_minor: FACE_MAX_MINOR,
        currency: Currency::EUR,
    };
    let mut twin = voucher(61, 10);
    twin.pin = pin(60);
    let cases = [
        (vec![voucher(60, 10), voucher(61, 10)], None),
        (vec![voucher(60, FACE_MAX_MINOR)], None),
        (vec![voucher(60, FACE_MAX_MINOR + 1)], Some(above)),
        (vec![voucher(60, 0)], Some(Refusal::AmountNotPositive)),
        (
            vec![voucher(60, i64::MIN)],
            Some(Refusal::AmountNotPositive),
        ),
        (vec![voucher(1, 10)], Some(Refusal::VoucherTaken)),
        (vec![voucher(60, 10), twin], Some(Refusal::VoucherTaken)),
        (vec![voucher(60, 10); 2], Some(Refusal::VoucherTaken)),
    ];
    for (vouchers, expected) in cases {
        let issue = Command::IssueVouchers {
            batch: BatchId(9),
            vouchers,
        };
        let refusal = World::new().act(issue.clone(), NOW).err();
        assert_eq!(refusal, expected, "{issue:?}");
    }
}

#[test]
fn a_voucher_is_activated_on_the_terms_of_its_own_product() {
    let mut world = World::new();
    let pending = voucher::voucher::NewVoucher {
        activation: voucher::voucher::Activation::Pending,
        ..voucher(70, 1_000)
    };
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers: vec![pending],
    });
    let mut other = product();
    other.key = ProductKey {
        country: "AT".parse().unwrap(),
        ..product_key()
    };
    world.must(Command::SaveProduct(other.clone()));
    let activate = |number, product| Command::ActivateVoucher {
        serial: serial(number),
        product,
    };
    let wrong = world.act(activate(70, other.key), NOW).err();
    assert_eq!(wrong, Some(Refusal::UnknownProduct));
    let unknown = world.act(activate(71, product_key()), NOW).err();
    assert_eq!(unknown, Some(Refusal::UnknownVoucher));
    world.must(activate(70, product_key()));
    let voucher = world.rows.voucher(serial(70)).unwrap();
    assert_eq!((voucher.state, voucher.expires_at), (State::Activated, END));
    let twice = world.act(activate(70, product_key()), NOW).err();
    assert_eq!(twice, Some(VoucherRefusal::AlreadyActivated.into()));
}

#[test]
fn fees_come_when_they_are_due_never_below_zero_and_at_most_once_a_day() {
    let mut world = World::new();
    let mut costly = product();
    costly.maintenance_fee = Some(MaintenanceFee {
        after: Span(0),
        every: Span(0),
        minor: 600,
    });
    world.must(Command::SaveProduct(costly));
    let new = voucher::voucher::NewVoucher {
        activation: voucher::voucher::Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: NOW,
        },
        ..voucher(80, 1_000)
    };
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers: vec![new],
    });
    let early = NOW.minus(Span(1));
    let not_due = Some(Refusal::Voucher(VoucherRefusal::NotDue));
    assert_eq!(world.act(timer(80), early).err(), not_due);
    world.must(timer(80));
    assert_eq!(world.act(timer(80), NOW).err(), not_due);
    world.act(timer(80), NOW.plus(Span::DAY)).unwrap();
    let voucher = world.rows.voucher(serial(80)).unwrap();
    assert_eq!(
        (voucher.remaining, voucher.fees, voucher.state),
        (0, 1_000, State::Spent)
    );
    assert_eq!(voucher.due_at(), Timestamp::NEVER);
}

#[test]
fn a_fee_whose_product_is_gone_is_waived_for_good() {
    let mut world = World::new();
    let new = voucher::voucher::NewVoucher {
        product: "09999".parse().unwrap(),
        activation: voucher::voucher::Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: NOW,
        },
        ..voucher(81, 1_000)
    };
    world.must(Command::IssueVouchers {
        batch: BatchId(2),
        vouchers: vec![new],
    });
    let fact = world.must(timer(81));
    let waived = VoucherChange::ChargeFee {
        minor: 0,
        fee_due_at: Timestamp::NEVER,
    };
    assert!(matches!(fact, Fact::VoucherChanged { change, .. } if change == waived));
}

#[test]
fn products_and_merchants_that_make_no_sense_are_not_saved() {
    let mut free = product();
    free.denominations = vec![1_000, 0];
    let mut paying = product();
    paying.maintenance_fee = Some(MaintenanceFee {
        after: Span::DAY,
        every: Span::DAY,
        minor: -1,
    });
    for product in [free, paying] {
        let refusal = World::new().act(Command::SaveProduct(product), NOW).err();
        assert_eq!(refusal, Some(Refusal::AmountNotPositive));
    }
    let mut hasty = merchant();
    hasty.capture_window = Span(1);
    let save = Command::SaveMerchant(Box::new(hasty));
    let refusal = World::new().act(save, NOW).err();
    assert_eq!(refusal, Some(Refusal::CaptureWindowOutOfBounds));
}

#[test]
fn an_api_key_belongs_to_a_known_party_and_is_issued_once() {
    let mut world = World::new();
    let digest = ApiKeyDigest([3; 32]);
    let known = Party::Merchant(MerchantId::FIRST);
    let unknown = Party::Distributor(DistributorId::new(2_000_000_009).unwrap());
    let issue = |owner| Command::IssueApiKey { digest, owner };
    let revoke = Command::RevokeApiKey { digest };
    assert_eq!(
        world.act(issue(unknown), NOW).err(),
        Some(Refusal::UnknownDistributor)
    );
    assert_eq!(
        world.act(revoke.clone(), NOW).err(),
        Some(Refusal::UnknownApiKey)
    );
    world.must(issue(known));
    assert_eq!(
        world.act(issue(known), NOW).err(),
        Some(Refusal::ApiKeyExists)
    );
    world.must(revoke);
    assert_eq!(
        world.act(issue(known), NOW).err(),
        Some(Refusal::ApiKeyExists),
        "a revoked key does not come back"
    );
}
