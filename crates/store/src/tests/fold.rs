//! How entries change rows, and what a snapshot says of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use accounting::entry::{Actor, Circumstances, Entry, Idempotency};
use accounting::fact::Fact;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::time::Timestamp;
use money::amount::Amount;
use money::currency::Currency;
use payment::state::{CaptureMode, Change as PaymentChange, Hold};
use voucher::state::{Change, FreezeCause};
use voucher::voucher::{Activation, NewVoucher};

use crate::fold::partial::{catch_up_vouchers, keys_touched};
use crate::fold::{FoldError, Rows};
use crate::port::Precondition;
use crate::row::{Key, Row};
use crate::snapshot::Snapshot;
use crate::tests::dice::Dice;

fn entry(sequence: u64, fact: Fact) -> Entry {
    let circumstances = Circumstances {
        sequence: Sequence(sequence),
        at: Timestamp(1_000),
        actor: Actor::Operator,
        idempotency: Some(Idempotency {
            key: IdempotencyKey([sequence as u8; 16]),
            fingerprint: Fingerprint([7; 16]),
        }),
    };
    Entry::new(circumstances, fact)
}

fn voucher(seed: u64) -> NewVoucher {
    NewVoucher {
        face: Amount::new(1_000, Currency::EUR),
        activation: Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: Timestamp::NEVER,
        },
        ..Dice(seed).new_voucher()
    }
}

fn issued(vouchers: Vec<NewVoucher>) -> Fact {
    Fact::VouchersIssued {
        batch: ids::voucher::BatchId(1),
        vouchers,
    }
}

fn frozen(voucher: &NewVoucher) -> Fact {
    Fact::VoucherChanged {
        serial: voucher.serial,
        currency: voucher.face.currency,
        distributor: voucher.distributor,
        change: Change::Freeze {
            cause: FreezeCause::Owner,
        },
    }
}

/// A payment of 800 that the first voucher pays.
fn payment_facts(voucher: &NewVoucher) -> [Fact; 2] {
    let mut request = Dice(5).payment_request();
    request.amount = Amount::new(800, Currency::EUR);
    let id = "pay_1000001978_t_EUR".parse().unwrap();
    let hold = Hold {
        serial: voucher.serial,
        product: voucher.product,
        country: voucher.country,
        minor: 800,
    };
    [
        Fact::PaymentCreated {
            id,
            request: Arc::new(request),
            due_at: Timestamp(2_000),
        },
        Fact::PaymentChanged {
            id,
            change: PaymentChange::Authorize {
                holds: vec![hold],
                hold_until: Timestamp(3_000),
                mode: CaptureMode::Automatic,
                fee_minor: 20,
            },
            effects: vec![
                (voucher.serial, Change::Hold { minor: 800 }),
                (voucher.serial, Change::Capture { minor: 800 }),
            ],
            replacements: Vec::new(),
            attempt: None,
        },
    ]
}

fn rows_of(snapshot: &Snapshot) -> Vec<String> {
    let mut rows = snapshot.clone().into_changes().writes;
    rows.sort_by_key(Row::key);
    rows.iter().map(|row| format!("{row:?}")).collect()
}

#[test]
fn an_entry_that_does_not_fit_changes_nothing() {
    let (first, second) = (voucher(1), voucher(2));
    let mut rows = Snapshot::default();
    rows.try_apply(&entry(1, issued(vec![first]))).unwrap();
    let before = rows_of(&rows);
    let [created, authorized] = payment_facts(&second);
    let cases = [
        (issued(vec![second, first]), FoldError::Exists),
        (issued(vec![second, second]), FoldError::Exists),
        (frozen(&second), FoldError::NoVoucher(second.serial)),
        (
            authorized.clone(),
            FoldError::NoPayment("pay_1000001978_t_EUR".parse().unwrap()),
        ),
        (
            Fact::ApiKeyRevoked {
                digest: Dice(1).digest(),
            },
            FoldError::NoApiKey,
        ),
    ];
    for (fact, expected) in cases {
        assert_eq!(rows.try_apply(&entry(2, fact)), Err(expected));
        assert_eq!(rows_of(&rows), before);
    }
    // The payment fits and its voucher does not: neither is changed.
    rows.try_apply(&entry(2, created)).unwrap();
    let before = rows_of(&rows);
    assert_eq!(
        rows.try_apply(&entry(3, authorized)),
        Err(FoldError::NoVoucher(second.serial))
    );
    assert_eq!(rows_of(&rows), before);
}

#[test]
fn a_change_expects_the_version_that_was_loaded_and_a_new_row_none() {
    let (stored, fresh) = (voucher(1), voucher(2));
    let mut rows = Snapshot::default();
    let loaded = voucher::voucher::Voucher::issue(&stored, Timestamp(1), Sequence(4));
    rows.insert_loaded(Row::Voucher(loaded));
    rows.try_apply(&entry(5, frozen(&stored))).unwrap();
    rows.try_apply(&entry(6, issued(vec![fresh]))).unwrap();
    rows.try_apply(&entry(7, frozen(&fresh))).unwrap();
    let changes = rows.into_changes();
    let expects = |key, expected| {
        let precondition = Precondition { key, expected };
        assert!(
            changes.preconditions.contains(&precondition),
            "{precondition:?}"
        );
    };
    expects(Key::Voucher(stored.serial), Some(Sequence(4)));
    expects(Key::Voucher(fresh.serial), None);
    expects(Key::Command(IdempotencyKey([5; 16])), None);
    assert_eq!(changes.writes.len(), 5);
    let versions = changes.writes.iter().filter_map(|row| match row {
        Row::Voucher(voucher) => Some(voucher.version.0),
        _ => None,
    });
    assert_eq!(versions.collect::<BTreeSet<u64>>(), BTreeSet::from([5, 7]));
}

#[test]
fn what_was_only_loaded_is_not_written() {
    let mut rows = Snapshot::default();
    let payment = Arc::new(Dice(1).payment());
    let (key, version) = (Key::Payment(payment.id), payment.version);
    rows.insert_loaded(Row::Payment(payment));
    rows.insert_loaded(Row::ApiKey(Dice(1).api_key()));
    let changes = rows.into_changes();
    assert!(changes.writes.is_empty());
    let bound = changes.preconditions.iter();
    let bound: Vec<_> = bound.map(|it| (it.key, it.expected)).collect();
    assert_eq!(
        bound,
        [(key, Some(version))],
        "what was decided on must not change"
    );
}

#[test]
fn a_later_load_does_not_undo_what_the_batch_did() {
    let stored = voucher(1);
    let loaded = voucher::voucher::Voucher::issue(&stored, Timestamp(1), Sequence(4));
    let mut rows = Snapshot::default();
    rows.insert_loaded(Row::Voucher(loaded));
    rows.try_apply(&entry(5, frozen(&stored))).unwrap();
    rows.insert_loaded(Row::Voucher(loaded));
    assert_eq!(rows.voucher(stored.serial).unwrap().version, Sequence(5));
    assert!(rows.voucher_by_pin(stored.pin).is_some());
}

#[test]
fn every_row_that_an_entry_writes_is_among_the_keys_that_it_touches() {
    let first = voucher(1);
    let [created, authorized] = payment_facts(&first);
    let facts = [
        issued(vec![first, voucher(2)]),
        created,
        authorized,
        frozen(&first),
    ];
    let mut rows = Snapshot::default();
    for (sequence, fact) in (1..).zip(facts) {
        let entry = entry(sequence, fact);
        let before: BTreeSet<String> = rows_of(&rows).into_iter().collect();
        rows.try_apply(&entry).unwrap();
        let keys = keys_touched(&entry);
        for row in rows.clone().into_changes().writes {
            let is_new = !before.contains(&format!("{row:?}"));
            let is_command = matches!(row, Row::Command(_));
            assert!(
                !is_new || is_command || keys.contains(&row.key()),
                "{row:?}"
            );
        }
    }
}

#[test]
fn vouchers_that_are_ahead_are_left_alone_when_others_catch_up() {
    let (first, second) = (voucher(1), voucher(2));
    let [created, authorized] = payment_facts(&first);
    let facts = [
        issued(vec![first, second]),
        created,
        authorized,
        frozen(&second),
    ];
    let entries: Vec<Entry> = (1..).zip(facts).map(|(n, fact)| entry(n, fact)).collect();
    let mut whole = Snapshot::default();
    for entry in &entries {
        whole.try_apply(entry).unwrap();
    }
    for taken_after in 0..=entries.len() {
        let mut rows = Snapshot::default();
        for entry in &entries[..taken_after] {
            catch_up_vouchers(&mut rows, entry).unwrap();
        }
        for entry in &entries {
            catch_up_vouchers(&mut rows, entry).unwrap();
        }
        for new in [first, second] {
            assert_eq!(rows.voucher(new.serial), whole.voucher(new.serial));
        }
    }
}
