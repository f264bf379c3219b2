//! The auditor: compares what is stored with the model, and both with the laws of the house.
//!
//! Every finding is an assertion: a simulation that breaks a law has nothing more to tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accounting::entry::Entry;
use ids::time::Timestamp;
use ledger::balances::Balances;
use money::currency::Currency;
use payment::payment::Payment;
use payment::refund::RefundStatus;
use store::codec;
use store::codec::wire::{DecodeError, Record};
use store::fold;
use store::port::Due;
use store::row::{ApiKeyStatus, Key, Row};
use store::snapshot::Snapshot;
use voucher::distributor::Terminal;
use voucher::order::{Confirmation, Order, OrderStatus};
use voucher::voucher::Voucher;

use crate::model::books::{self, Account};
use crate::model::orders::Delivery;
use crate::model::payments::{Movement, RefundDone};
use crate::model::screening::{Asked, Waiting};
use crate::model::{Model, Standing};

/// Every row must be as the model says, and there must be no other.
pub fn assert_rows_match(model: &Model, rows: &[Row]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(kind(row)).or_default() += 1;
        match row {
            Row::Merchant(merchant) => assert!(model.merchants.contains_key(&merchant.id)),
            Row::Distributor(seller) => assert!(model.distributors.contains_key(&seller.id)),
            Row::Product(product) => assert!(model.products.contains_key(&product.key)),
            Row::ApiKey(api_key) => {
                let (owner, standing) = model.api_keys[&api_key.digest];
                assert_eq!(api_key.owner, owner);
                assert_eq!(
                    api_key.status == ApiKeyStatus::Active,
                    standing == Standing::Good
                );
            }
            Row::Voucher(voucher) => assert_voucher_matches(model, voucher),
            Row::Payment(payment) => assert_payment_matches(model, payment),
            Row::Order(order) => assert_order_matches(model, order),
            Row::Document(document) => {
                let expected = model.documents.get(&document.name);
                let found = (document.content.clone(), document.version);
                assert_eq!(expected, Some(&found));
            }
            Row::Terminal(terminal) => assert_terminal_matches(model, terminal),
            Row::Command(command) => {
                let expected = model.commands.get(&command.key);
                assert_eq!(expected, Some(&(command.fingerprint, command.entry)));
            }
        }
    }
    for (kind, expected) in [
        ("voucher", model.vouchers.len()),
        ("payment", model.payments.len()),
        ("order", model.orders.len()),
        ("command", model.commands.len()),
        ("api key", model.api_keys.len()),
        ("document", model.documents.len()),
    ] {
        let found = counts.get(kind).copied().unwrap_or(0);
        assert_eq!(found, expected, "rows of the kind {kind}");
    }
}

pub fn assert_voucher_matches(model: &Model, voucher: &Voucher) {
    let expected = &model.vouchers[&voucher.serial];
    assert!(
        expected.is_in(voucher.state),
        "{voucher:?} is not {expected:?}"
    );
    let amounts = |parts: [i64; 6]| parts;
    assert_eq!(
        amounts([
            voucher.face,
            voucher.remaining,
            voucher.held,
            voucher.spent,
            voucher.fees,
            voucher.written_off(),
        ]),
        amounts([
            expected.face,
            expected.remaining,
            expected.held,
            expected.spent,
            expected.fees,
            expected.expired + expected.voided,
        ]),
        "amounts of voucher {}",
        voucher.serial
    );
    assert!(amounts_are_sound(voucher), "{voucher:?}");
    assert_eq!(voucher.due_at().0, expected.due_at(), "{voucher:?}");
}

pub fn assert_payment_matches(model: &Model, payment: &Payment) {
    let id = payment.id;
    let expected = &model.payments[&id];
    assert_eq!(payment.status, expected.status, "status of {id}");
    assert_eq!(
        payment.status_before_expiration, expected.before_expiry,
        "{id}"
    );
    assert_eq!(payment.lapsed_minor, expected.lapsed, "lapse of {id}");
    assert_eq!(payment.due_at.0, expected.due_at, "time of {id}");
    assert_eq!(payment.fee_minor, expected.fee, "fee of {id}");
    assert_eq!(
        payment.rejected_pins, expected.wrong_pins,
        "wrong PINs of {id}"
    );
    assert_eq!(payment.allocations.len(), expected.parts.len(), "{id}");
    for (part, expected) in payment.allocations.iter().zip(&expected.parts) {
        assert_eq!(
            (
                part.serial,
                part.authorized,
                part.held,
                part.captured,
                part.refunded
            ),
            (
                expected.serial,
                expected.authorized,
                expected.held,
                expected.captured,
                expected.refunded
            ),
            "a part of {id}"
        );
        assert!(0 <= part.refunded && part.refunded <= part.captured);
        assert!(0 <= part.held && part.captured + part.held <= part.authorized);
    }
    let authorized = payment.authorized.map(|it| (it.at.0, it.entry));
    assert_eq!(authorized, expected.authorized, "authorisation of {id}");
    let duplicate = payment.duplicate.map(|it| (it.of, it.remedy));
    assert_eq!(duplicate, expected.duplicate, "duplicate {id}");
    assert_eq!(
        payment.stopped.is_some(),
        expected.movement == Movement::Stopped,
        "stop of {id}"
    );
    assert_screening_matches(payment, expected);
    assert_refunds_match(payment, &expected.refunds.values().copied().collect());
}

fn assert_screening_matches(payment: &Payment, expected: &crate::model::payments::Payment) {
    let id = payment.id;
    let asked = payment.challenge.as_ref().map(|challenge| Asked {
        vouchers: challenge.vouchers.clone(),
        not_before: challenge.not_before.0,
        wrong: challenge.failed,
    });
    assert_eq!(asked, expected.asked, "challenge of {id}");
    let waiting = payment.review.map(|review| Waiting {
        until: review.until.0,
        approved_by: review.approved_by,
    });
    assert_eq!(waiting, expected.waiting, "review of {id}");
    assert_eq!(payment.label, expected.label, "label of {id}");
}

fn assert_refunds_match(payment: &Payment, expected: &Vec<RefundDone>) {
    let mut refunds: Vec<_> = payment.refunds.iter().collect();
    refunds.sort_by_key(|refund| refund.id);
    let found: Vec<RefundDone> = refunds
        .iter()
        .map(|refund| {
            let minor = refund.request.minor;
            match refund.status {
                RefundStatus::ValidationSuccessful => RefundDone::Checked {
                    minor,
                    at: refund.created_at.0,
                },
                RefundStatus::Lapsed => RefundDone::Lapsed { minor },
                RefundStatus::Success => RefundDone::Paid { minor },
            }
        })
        .collect();
    assert_eq!(&found, expected, "refunds of {}", payment.id);
    let paid = refunds.iter().flat_map(|refund| &refund.shares);
    let paid: i64 = paid.map(|share| share.minor).sum();
    assert_eq!(
        paid,
        payment.refunded(),
        "shares of the refunds of {}",
        payment.id
    );
}

fn assert_order_matches(model: &Model, order: &Order) {
    let expected = &model.orders[&order.id];
    assert_eq!(
        (order.serial, order.amount.minor),
        (expected.serial, expected.minor)
    );
    let delivery = match order.confirmation {
        Confirmation::NotNeeded => Delivery::Unquestioned,
        Confirmation::Awaited { until } => Delivery::Awaited { until: until.0 },
        Confirmation::Confirmed { at } => Delivery::Confirmed { at: at.0 },
    };
    assert_eq!(delivery, expected.delivery);
    assert_eq!(
        order.status == OrderStatus::Delivered,
        expected.standing == Standing::Good
    );
}

fn assert_terminal_matches(model: &Model, terminal: &Terminal) {
    let expected = &model.terminals[&terminal.key];
    let found = terminal.sales.iter();
    assert!(
        found
            .map(|sale| (sale.order, sale.at.0, sale.minor))
            .eq(expected
                .iter()
                .map(|sale| (sale.order, sale.at, sale.minor))),
        "sales of {terminal:?} are not {expected:?}"
    );
}

/// Per currency: issued = spent + held + remaining + fees + expired + voided, and the books say so too.
pub fn assert_value_is_conserved(model: &Model, balances: &Balances) {
    let stored: BTreeMap<Account, i64> = balances
        .iter()
        .filter(|(_, minor)| *minor != 0)
        .map(|(account, minor)| ((account.code.0, account.owner, account.currency), minor))
        .collect();
    assert_eq!(stored, model.books.open(), "balances");
    let vouchers = model.vouchers.values();
    let currencies: BTreeSet<Currency> = vouchers.map(|voucher| voucher.product.currency).collect();
    for currency in currencies {
        assert_eq!(balances.sum(currency), 0, "the sum of all {currency}");
        let vouchers = model.vouchers.values();
        let vouchers = vouchers.filter(|voucher| voucher.product.currency == currency);
        let [mut issued, mut remaining, mut held, mut gone, mut expired] = [0; 5];
        for voucher in vouchers {
            issued += voucher.face;
            remaining += voucher.remaining;
            held += voucher.held;
            gone += voucher.spent + voucher.fees + voucher.voided;
            expired += voucher.expired;
        }
        assert_eq!(
            issued,
            remaining + held + gone + expired,
            "issued {currency}"
        );
        let of = |code| model.books.of((code, 0, currency));
        assert_eq!(
            of(books::REMAINING),
            -remaining,
            "what is left in {currency}"
        );
        assert_eq!(of(books::HELD), -held, "what is held in {currency}");
        assert_eq!(
            of(books::EXPIRED),
            -expired,
            "what has expired in {currency}"
        );
    }
}

/// What waits for a timer must be what the model says.
pub fn assert_due_matches(model: &Model, due: &[Due], now: Timestamp) {
    let found: BTreeSet<String> = due.iter().map(|due| format!("{due:?}")).collect();
    let vouchers = model
        .vouchers
        .iter()
        .filter(|(_, voucher)| voucher.due_at() <= now.0);
    let payments = model
        .payments
        .iter()
        .filter(|(_, payment)| payment.due_at <= now.0);
    let expected: BTreeSet<String> = vouchers
        .map(|(serial, _)| Due::Voucher(*serial))
        .chain(payments.map(|(id, _)| Due::Payment(*id)))
        .map(|due| format!("{due:?}"))
        .collect();
    assert_eq!(found, expected, "what is due");
}

/// An entry must read back from its bytes as itself; the answer is what was read.
pub fn assert_survives_codec(entry: &Entry) -> Entry {
    let bytes = codec::encode(entry);
    let read: Entry = codec::decode(&bytes).expect("what was written is readable");
    assert_eq!(&read, entry);
    read
}

/// Folds the entries into rows from nothing.
pub fn replay(entries: &[Arc<Entry>]) -> BTreeMap<Key, Row> {
    let mut rows = Snapshot::default();
    for entry in entries {
        fold::apply(&mut rows, entry).expect("the journal replays");
    }
    let writes = rows.into_changes().writes;
    writes.into_iter().map(|row| (row.key(), row)).collect()
}

/// Rows must read back from their bytes as themselves.
pub fn assert_row_survives_codec(row: &Row) {
    match row {
        Row::Merchant(row) => assert_reads_back(row),
        Row::Distributor(row) => assert_reads_back(row),
        Row::Product(row) => assert_reads_back(row),
        Row::ApiKey(row) => assert_reads_back(row),
        Row::Voucher(row) => assert_reads_back(row),
        Row::Payment(row) => assert_reads_back(row),
        Row::Order(row) => assert_reads_back(row),
        Row::Terminal(row) => assert_reads_back(row),
        Row::Document(row) => assert_reads_back(row),
        Row::Command(row) => assert_reads_back(row),
    }
}

fn assert_reads_back<T: Record + PartialEq + std::fmt::Debug>(record: &T) {
    let read: Result<T, DecodeError> = codec::decode(&codec::encode(record));
    assert_eq!(read.as_ref(), Ok(record));
}

fn amounts_are_sound(voucher: &Voucher) -> bool {
    let parts = [
        voucher.remaining,
        voucher.held,
        voucher.spent,
        voucher.fees,
        voucher.written_off(),
    ];
    parts.iter().all(|minor| 0 <= *minor) && parts.iter().sum::<i64>() == voucher.face
}

fn kind(row: &Row) -> &'static str {
    match row {
        Row::Merchant(_) => "merchant",
        Row::Distributor(_) => "distributor",
        Row::Product(_) => "product",
        Row::ApiKey(_) => "api key",
        Row::Voucher(_) => "voucher",
        Row::Payment(_) => "payment",
        Row::Order(_) => "order",
        Row::Terminal(_) => "terminal",
        Row::Document(_) => "document",
        Row::Command(_) => "command",
    }
}
