//! Rows: loaded as they were written, from memory or from wherever they have gone.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::fact::{Fact, Party};
use ids::command::{ApiKeyDigest, IdempotencyKey, Sequence};
use ids::party::{DistributorId, MerchantId, OperatorId};
use money::amount::Amount;
use money::currency::Currency;
use payment::state::{CaptureMode, Status};
use voucher::distributor::TerminalKey;
use voucher::order::OrderStatus;
use voucher::state::State;

use crate::conformance::Harness;
use crate::conformance::world::{
    MERCHANT, World, authorized, captured, created, distributor, entry, erased, expired,
    idempotency, merchant, order_id, ordered, payment_id, pin, product, refunded, serial, token,
};
use crate::fold::Rows;
use crate::port::CommitError;
use crate::row::{ApiKeyStatus, Command, Key};

const DIGEST: ApiKeyDigest = ApiKeyDigest([7; 32]);
const TILL: fn() -> TerminalKey = || TerminalKey {
    distributor: DistributorId::FIRST,
    terminal: token("till-1"),
};

pub fn every_kind_of_row_is_loaded_as_it_was_written<H: Harness>() {
    let mut world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.commit(vec![
        Fact::ApiKeyIssued {
            digest: DIGEST,
            owner: Party::Merchant(MERCHANT),
        },
        ordered("one", 1, 1_000),
        created(id, 500, "anna"),
    ]);
    world.commit(vec![Fact::ApiKeyRevoked { digest: DIGEST }]);
    for _ in 0..2 {
        let keys = [
            Key::Merchant(MERCHANT),
            Key::Distributor(DistributorId::FIRST),
            Key::Product(product().key),
            Key::ApiKey(DIGEST),
            Key::Order(order_id("one")),
            Key::Terminal(TILL()),
            Key::Voucher(serial(1)),
            Key::Payment(id),
        ];
        let rows = world.load(&keys);
        let mut saved = merchant(MERCHANT);
        saved.version = Sequence(1);
        assert_eq!(rows.merchant(MERCHANT).map(AsRef::as_ref), Some(&saved));
        let shop = rows.distributor(DistributorId::FIRST);
        assert_eq!(shop.map(AsRef::as_ref), Some(&distributor()));
        let terms = rows.product(product().key);
        assert_eq!(terms.map(AsRef::as_ref), Some(&product()));
        let status = rows.api_key(DIGEST).map(|api_key| api_key.status);
        assert_eq!(status, Some(ApiKeyStatus::Revoked));
        let order = rows.order(order_id("one"));
        assert_eq!(
            order.map(|order| (order.serial, order.version)),
            Some((serial(1), Sequence(5)))
        );
        let sales = rows.terminal(TILL()).map(|terminal| terminal.sales.len());
        assert_eq!(sales, Some(1));
        let voucher = rows.voucher(serial(1));
        assert_eq!(voucher.map(|voucher| voucher.pin), Some(pin(1)));
        let payment = rows.payment(id).expect("the payment is loaded");
        assert_eq!(payment.request.customer.id, "anna");
        assert_eq!(payment.entries, [Sequence(6)]);
        world.harness.reopen();
    }
}

pub fn an_api_key_brings_its_owner<H: Harness>() {
    let mut world = World::<H>::new();
    let of_till = ApiKeyDigest([8; 32]);
    let of_person = ApiKeyDigest([9; 32]);
    let id = OperatorId::new(1).expect("people are numbered from 1");
    let person = DocumentName::Operator(id);
    world.commit(vec![
        Fact::ApiKeyIssued {
            digest: DIGEST,
            owner: Party::Merchant(MERCHANT),
        },
        Fact::ApiKeyIssued {
            digest: of_till,
            owner: Party::Distributor(DistributorId::FIRST),
        },
        Fact::DocumentSaved {
            name: person,
            content: Arc::from(*b"a person"),
        },
        Fact::ApiKeyIssued {
            digest: of_person,
            owner: Party::Operator(id),
        },
    ]);
    for _ in 0..2 {
        let rows = world.load(&[Key::ApiKey(of_person)]);
        assert!(rows.document(person).is_some());
        let rows = world.load(&[Key::ApiKey(DIGEST)]);
        assert!(rows.merchant(MERCHANT).is_some());
        assert!(rows.distributor(DistributorId::FIRST).is_none());
        let rows = world.load(&[Key::ApiKey(of_till)]);
        assert!(rows.distributor(DistributorId::FIRST).is_some());
        world.harness.reopen();
    }
}

pub fn absent_rows_are_left_out<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "nobody");
    let other = MerchantId::new(1_000_077).expect("the number is in range");
    let rows = world.load(&[
        Key::Merchant(other),
        Key::ApiKey(ApiKeyDigest([9; 32])),
        Key::Voucher(serial(1)),
        Key::Pin(pin(1)),
        Key::Payment(id),
        Key::Order(order_id("none")),
        Key::Terminal(TILL()),
        Key::Command(IdempotencyKey([1; 16])),
    ]);
    assert!(rows.merchant(other).is_none());
    assert!(rows.api_key(ApiKeyDigest([9; 32])).is_none());
    assert!(rows.voucher(serial(1)).is_none());
    assert!(rows.voucher_by_pin(pin(1)).is_none());
    assert!(rows.payment(id).is_none());
    assert!(rows.order(order_id("none")).is_none());
    assert!(rows.terminal(TILL()).is_none());
    assert!(rows.command(IdempotencyKey([1; 16])).is_none());
}

pub fn a_pin_finds_its_voucher<H: Harness>() {
    let mut world = World::<H>::new();
    world.issue(1..=100, 1_000);
    for _ in 0..2 {
        for number in 1..=100 {
            let rows = world.load(&[Key::Pin(pin(number))]);
            let found = rows
                .voucher_by_pin(pin(number))
                .map(|voucher| voucher.serial);
            assert_eq!(found, Some(serial(number)));
        }
        world.harness.reopen();
    }
}

pub fn a_payment_brings_its_vouchers<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.issue([1, 2, 3], 1_000);
    world.commit(vec![
        created(id, 1_500, "anna"),
        authorized(id, &[(1, 1_000), (3, 500)], CaptureMode::Manual),
    ]);
    let rows = world.load(&[Key::Payment(id)]);
    let held = |number| rows.voucher(serial(number)).map(|voucher| voucher.held);
    assert_eq!([held(1), held(2), held(3)], [Some(1_000), None, Some(500)]);
}

pub fn an_order_brings_its_voucher_and_terminal<H: Harness>() {
    let world = World::<H>::new();
    world.commit(vec![ordered("one", 1, 1_000)]);
    let rows = world.load(&[Key::Order(order_id("one"))]);
    assert!(rows.voucher(serial(1)).is_some());
    assert!(rows.terminal(TILL()).is_some());
}

pub fn a_load_sees_the_commit_before_it<H: Harness>() {
    let world = World::<H>::new();
    world.issue([1], 100_000);
    for number in 0..50 {
        let id = payment_id(MERCHANT, &format!("number-{number}"));
        world.commit(vec![created(id, 100, "anna")]);
        let status = |id| {
            world
                .load(&[Key::Payment(id)])
                .payment(id)
                .map(|row| row.status)
        };
        assert_eq!(status(id), Some(Status::Initiated));
        world.commit(vec![authorized(id, &[(1, 100)], CaptureMode::Automatic)]);
        assert_eq!(status(id), Some(Status::Success));
        let voucher = world.load(&[Key::Pin(pin(1))]);
        let spent = voucher.voucher_by_pin(pin(1)).map(|voucher| voucher.spent);
        assert_eq!(spent, Some((number + 1) * 100));
    }
}

pub fn an_erased_payment_knows_the_entry_that_erased_it<H: Harness>() {
    let mut world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    let serials = [(1, 1_000)];
    world.commit(vec![ordered("one", 1, 1_000), created(id, 1_000, "anna")]);
    world.commit(vec![authorized(id, &serials, CaptureMode::Automatic)]);
    world.commit(vec![erased(id)]);
    let erased_by = world.head();
    world.commit(vec![refunded(id, "back", &[(1, 300)])]);
    for _ in 0..2 {
        let rows = world.load(&[Key::Payment(id)]);
        let payment = rows.payment(id).expect("the payment is there");
        assert_eq!(payment.erased, Some(erased_by));
        let authorized = payment.authorized.map(|authorized| authorized.entry);
        assert_eq!(authorized, Some(Sequence(erased_by.0 - 1)));
        world.harness.reopen();
    }
}

pub fn closed_rows_come_back<H: Harness>() {
    let mut world = World::<H>::new();
    let (paid, unpaid) = (payment_id(MERCHANT, "paid"), payment_id(MERCHANT, "unpaid"));
    world.issue([1], 1_000);
    world.commit(vec![
        created(paid, 1_000, "anna"),
        created(unpaid, 10, "ben"),
    ]);
    world.commit(vec![authorized(paid, &[(1, 1_000)], CaptureMode::Manual)]);
    world.commit(vec![captured(paid, &[(1, 1_000)]), expired(unpaid)]);
    for _ in 0..3 {
        let rows = world.load(&[Key::Payment(paid), Key::Payment(unpaid)]);
        let status = |id| rows.payment(id).map(|payment| payment.status);
        assert_eq!(status(paid), Some(Status::Success));
        assert_eq!(status(unpaid), Some(Status::Expired));
        let state = rows.voucher(serial(1)).map(|voucher| voucher.state);
        assert_eq!(state, Some(State::Spent));
        let by_pin = world.load(&[Key::Pin(pin(1))]);
        let state = by_pin.voucher_by_pin(pin(1)).map(|voucher| voucher.state);
        assert_eq!(state, Some(State::Spent));
        world.harness.reopen();
    }
}

pub fn a_closed_voucher_opens_again_by_a_refund<H: Harness>() {
    let mut world = World::<H>::new();
    world.issue([1], 1_000);
    for round in 0..4 {
        let id = payment_id(MERCHANT, &format!("round-{round}"));
        world.commit(vec![
            created(id, 1_000, "anna"),
            authorized(id, &[(1, 1_000)], CaptureMode::Automatic),
        ]);
        world.harness.reopen();
        world.commit(vec![refunded(id, "back", &[(1, 1_000)])]);
        let rows = world.load(&[Key::Pin(pin(1)), Key::Payment(id)]);
        let voucher = rows.voucher_by_pin(pin(1)).expect("the voucher is found");
        assert_eq!(
            (voucher.state, voucher.remaining),
            (State::Activated, 1_000)
        );
        assert_eq!(
            rows.payment(id).map(|payment| payment.refunded()),
            Some(1_000)
        );
        if round % 2 == 1 {
            world.harness.reopen();
        }
    }
}

pub fn command_keys_are_permanent<H: Harness>() {
    let mut world = World::<H>::new();
    let command = idempotency(1);
    let fact = created(payment_id(MERCHANT, "first"), 500, "anna");
    let sequence = world.head().next();
    let batch = world.batch(vec![entry(sequence, Some(command), fact).into()]);
    world.try_commit(batch).expect("the command is new");
    let expected = Command {
        key: command.key,
        fingerprint: command.fingerprint,
        entry: sequence,
    };
    for round in 0..4 {
        let rows = world.load(&[Key::Command(command.key)]);
        assert_eq!(rows.command(command.key), Some(&expected));
        let fact = created(payment_id(MERCHANT, "second"), 500, "anna");
        let again = entry(world.head().next(), Some(command), fact);
        let mut batch = world.batch(vec![again.into()]);
        for precondition in &mut batch.preconditions {
            precondition.expected = None;
        }
        let outcome = world.try_commit(batch);
        assert!(matches!(outcome, Err(CommitError::Conflict)), "{outcome:?}");
        world.issue([round], 1_000);
        world.harness.reopen();
    }
}

pub fn a_cancelled_order_frees_its_terminal<H: Harness>() {
    let mut world = World::<H>::new();
    world.commit(vec![ordered("one", 1, 1_000), ordered("two", 2, 2_500)]);
    world.harness.reopen();
    world.commit(vec![Fact::OrderCancelled {
        order: order_id("one"),
        serial: serial(1),
        amount: Amount::new(1_000, Currency::EUR),
        cause: voucher::order::CancelCause::Asked,
    }]);
    for _ in 0..2 {
        let rows = world.load(&[Key::Order(order_id("one")), Key::Order(order_id("two"))]);
        let status = |name| rows.order(order_id(name)).map(|order| order.status);
        assert_eq!(status("one"), Some(OrderStatus::Cancelled));
        assert_eq!(status("two"), Some(OrderStatus::Delivered));
        let state = rows.voucher(serial(1)).map(|voucher| voucher.state);
        assert_eq!(state, Some(State::Voided));
        let terminal = rows.terminal(TILL()).expect("the terminal comes along");
        let sold: Vec<i64> = terminal.sales.iter().map(|sale| sale.minor).collect();
        assert_eq!(sold, [2_500]);
        world.harness.reopen();
    }
}
