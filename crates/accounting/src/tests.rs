use std::collections::BTreeSet;

use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::party::{DistributorId, MerchantId};
use ids::time::Timestamp;
use ids::voucher::{BatchId, PinIndex, Serial};
use ledger::postings::Postings;
use money::amount::Amount;
use money::currency::Currency;
use payment::refund::RefundRequest;
use payment::state::{CaptureMode, Change as PaymentChange, Finality};
use proptest::prelude::*;
use voucher::order::{Order, OrderStatus};
use voucher::state::{Change, FreezeCause, Sale};
use voucher::voucher::{Activation, NewVoucher};

use crate::chart::{CHART, MERCHANT_PAYABLE, VOUCHERS_HELD, VOUCHERS_REMAINING};
use crate::claim;
use crate::entry::{Actor, Circumstances, Entry, PostingsDoNotFollow};
use crate::fact::{Fact, Party};
use crate::rules::{self, OutOfRange};

const SELLER: u64 = 2_000_000_001;
const SHOP: u64 = 1_000_001;
/// The issuer's own accounts.
const OWN: u64 = 0;

fn serial() -> Serial {
    Serial::new(1_234_567_890_123_456).unwrap()
}

fn new_voucher(minor: i64, currency: Currency, activation: Activation) -> NewVoucher {
    NewVoucher {
        serial: serial(),
        pin: PinIndex([1; 16]),
        distributor: DistributorId::FIRST,
        product: "00002".parse().unwrap(),
        country: "DE".parse().unwrap(),
        face: Amount::new(minor, currency),
        activation,
    }
}

const SOLD: Activation = Activation::Immediate {
    expires_at: Timestamp::NEVER,
    fee_due_at: Timestamp::NEVER,
};

fn issued(vouchers: Vec<NewVoucher>) -> Fact {
    Fact::VouchersIssued {
        batch: BatchId(1),
        vouchers,
    }
}

fn changed(change: Change) -> Fact {
    Fact::VoucherChanged {
        serial: serial(),
        currency: Currency::EUR,
        distributor: DistributorId::FIRST,
        change,
    }
}

fn payment_changed(change: PaymentChange, effects: &[Change]) -> Fact {
    Fact::PaymentChanged {
        id: payment_id(),
        change,
        effects: effects.iter().map(|effect| (serial(), *effect)).collect(),
        replacements: Vec::new(),
        attempt: None,
    }
}

fn payment_id() -> PaymentId {
    "pay_1000001978_t_EUR".parse().unwrap()
}

fn capture(fee_minor: i64) -> PaymentChange {
    PaymentChange::Capture {
        shares: Vec::new(),
        fee_minor,
        finality: Finality::Final,
    }
}

fn authorize(mode: CaptureMode, fee_minor: i64) -> PaymentChange {
    PaymentChange::Authorize {
        holds: Vec::new(),
        hold_until: Timestamp::NEVER,
        mode,
        fee_minor,
    }
}

fn refund() -> PaymentChange {
    let id: RefundId = "ref_1000001978_r_EUR".parse().unwrap();
    PaymentChange::Refund {
        id,
        request: RefundRequest {
            minor: 70,
            customer_id: String::new(),
            customer_email: None,
            submerchant: None,
            comment: None,
        },
        shares: Vec::new(),
        cause: payment::refund::RefundCause::Asked,
    }
}

fn order() -> Order {
    Order {
        id: "order_2000000001_t".parse().unwrap(),
        serial: serial(),
        amount: Amount::new(100, Currency::EUR),
        product: "00002".parse().unwrap(),
        country: "DE".parse().unwrap(),
        terminal: "till".parse().unwrap(),
        shop: String::new(),
        sealed_pin: [].as_slice().into(),
        created_at: Timestamp(0),
        status: OrderStatus::Delivered,
        version: Sequence(0),
        confirmation: voucher::order::Confirmation::NotNeeded,
    }
}

/// The legs of a fact: account, owner, minor units.
fn check(fact: &Fact, expected: &[(u16, u64, i64)]) {
    let postings = rules::postings(fact).unwrap();
    let legs: Vec<(u16, u64, i64)> = postings
        .legs()
        .iter()
        .map(|leg| (leg.account.code.0, leg.account.owner, leg.minor))
        .collect();
    assert_eq!(legs, expected, "{fact:?}");
}

#[test]
fn what_happens_to_a_voucher_is_posted_by_its_rule() {
    let minor = 100;
    let pending = new_voucher(minor, Currency::EUR, Activation::Pending);
    let sold = new_voucher(minor, Currency::EUR, SOLD);
    check(
        &issued(vec![pending, pending]),
        &[(1100, SELLER, 200), (2100, OWN, -200)],
    );
    check(
        &issued(vec![sold, pending]),
        &[
            (1200, SELLER, 100),
            (2100, OWN, -100),
            (1100, SELLER, 100),
            (2100, OWN, -100),
        ],
    );
    let activate = Change::Activate {
        minor,
        expires_at: Timestamp::NEVER,
        fee_due_at: Timestamp::NEVER,
    };
    check(
        &changed(activate),
        &[(1200, SELLER, 100), (1100, SELLER, -100)],
    );
    let fee = |minor| Change::ChargeFee {
        minor,
        fee_due_at: Timestamp::NEVER,
    };
    check(&changed(fee(30)), &[(2100, OWN, 30), (4100, OWN, -30)]);
    check(&changed(fee(0)), &[]);
    check(
        &changed(Change::Expire { minor }),
        &[(2100, OWN, 100), (4300, OWN, -100)],
    );
    let void = |sale| changed(Change::Void { minor, sale });
    check(
        &void(Sale::NotSold),
        &[(2100, OWN, 100), (1100, SELLER, -100)],
    );
    check(&void(Sale::Sold), &[(2100, OWN, 100), (1200, SELLER, -100)]);
    let freeze = Change::Freeze {
        cause: FreezeCause::Owner,
    };
    check(&changed(freeze), &[]);
    check(&changed(Change::Unfreeze), &[]);
}

#[test]
fn an_order_is_owed_until_it_is_cancelled() {
    let delivered = Fact::OrderDelivered {
        order: Box::new(order()),
        voucher: new_voucher(100, Currency::EUR, SOLD),
    };
    check(&delivered, &[(1200, SELLER, 100), (2100, OWN, -100)]);
    let cancelled = Fact::OrderCancelled {
        order: order().id,
        serial: serial(),
        amount: order().amount,
        cause: voucher::order::CancelCause::Asked,
    };
    check(&cancelled, &[(2100, OWN, 100), (1200, SELLER, -100)]);
}

#[test]
fn what_happens_to_a_payment_is_posted_by_its_rule() {
    let hold = Change::Hold { minor: 60 };
    let take = Change::Capture { minor: 50 };
    let release = Change::Release { minor: 10 };
    check(
        &payment_changed(authorize(CaptureMode::Manual, 0), &[hold, hold]),
        &[(2100, OWN, 120), (2200, OWN, -120)],
    );
    check(
        &payment_changed(capture(3), &[take, release]),
        &[
            (2200, OWN, 10),
            (2100, OWN, -10),
            (2200, OWN, 50),
            (2300, SHOP, -50),
            (2300, SHOP, 3),
            (4200, OWN, -3),
        ],
    );
    check(
        &payment_changed(authorize(CaptureMode::Automatic, 2), &[hold, take]),
        &[
            (2100, OWN, 60),
            (2200, OWN, -60),
            (2200, OWN, 50),
            (2300, SHOP, -50),
            (2300, SHOP, 2),
            (4200, OWN, -2),
        ],
    );
    check(
        &payment_changed(PaymentChange::Expire { before: None }, &[release]),
        &[(2200, OWN, 10), (2100, OWN, -10)],
    );
    check(&payment_changed(PaymentChange::RejectPin, &[]), &[]);
    let refunded = Fact::PaymentChanged {
        id: payment_id(),
        change: refund(),
        effects: vec![(serial(), Change::Refund { minor: 40 })],
        replacements: vec![new_voucher(30, Currency::EUR, SOLD)],
        attempt: None,
    };
    check(&refunded, &[(2300, SHOP, 70), (2100, OWN, -70)]);
}

#[test]
fn what_moves_no_value_is_not_posted() {
    let digest = ids::command::ApiKeyDigest([0; 32]);
    let owner = Party::Merchant(MerchantId::FIRST);
    check(&Fact::ApiKeyIssued { digest, owner }, &[]);
    check(&Fact::ApiKeyRevoked { digest }, &[]);
}

#[test]
fn every_account_of_the_chart_has_its_own_number() {
    let numbers: BTreeSet<u16> = CHART.iter().map(|(code, _)| code.0).collect();
    assert_eq!(numbers.len(), CHART.len());
}

#[test]
fn amounts_that_exceed_an_account_make_no_entry() {
    let huge = new_voucher(i64::MAX, Currency::EUR, SOLD);
    let facts = [
        issued(vec![huge, huge]),
        changed(Change::Expire { minor: i64::MIN }),
        payment_changed(capture(i64::MIN), &[]),
        payment_changed(
            capture(0),
            &[
                Change::Capture { minor: i64::MAX },
                Change::Capture { minor: 1 },
            ],
        ),
    ];
    for fact in facts {
        assert_eq!(rules::postings(&fact), Err(OutOfRange), "{fact:?}");
        let circumstances = circumstances();
        let restored = Entry::restore(circumstances, fact, Postings::NONE);
        assert_eq!(restored, Err(PostingsDoNotFollow(Sequence(7))));
    }
}

fn circumstances() -> Circumstances {
    Circumstances {
        sequence: Sequence(7),
        at: Timestamp(1),
        actor: Actor::Operator,
        idempotency: None,
    }
}

#[test]
fn an_entry_is_restored_only_with_the_postings_of_its_fact() {
    let fact = changed(Change::Expire { minor: 100 });
    let entry = Entry::new(circumstances(), fact.clone());
    let postings = entry.postings().clone();
    let restored = Entry::restore(circumstances(), fact.clone(), postings);
    assert_eq!(restored.as_ref(), Ok(&entry));
    let other = rules::postings(&changed(Change::Expire { minor: 99 })).unwrap();
    for wrong in [other, Postings::NONE] {
        let restored = Entry::restore(circumstances(), fact.clone(), wrong);
        assert_eq!(restored, Err(PostingsDoNotFollow(Sequence(7))));
    }
}

/// What the fact changes for all holders, minor units.
fn claimed(fact: &Fact) -> i64 {
    let changes = claim::changes(&Entry::new(circumstances(), fact.clone()));
    changes.iter().map(|change| change.minor).sum()
}

/// What the fact posts to the accounts of liabilities.
fn liabilities(fact: &Fact) -> i64 {
    let owed = [VOUCHERS_REMAINING, VOUCHERS_HELD, MERCHANT_PAYABLE];
    let postings = rules::postings(fact).unwrap();
    let legs = postings.legs().iter();
    legs.filter(|leg| owed.contains(&leg.account.code))
        .map(|leg| leg.minor)
        .sum()
}

#[test]
fn what_holders_are_owed_changes_as_the_liabilities_do() {
    let minor = 100;
    let fees = Timestamp::NEVER;
    let sale = Sale::Sold;
    let changes = [
        Change::Activate {
            minor,
            expires_at: fees,
            fee_due_at: fees,
        },
        Change::Hold { minor },
        Change::Release { minor },
        Change::Freeze {
            cause: FreezeCause::Owner,
        },
        Change::Unfreeze,
        Change::ChargeFee {
            minor,
            fee_due_at: fees,
        },
        Change::Expire { minor },
        Change::Void { minor, sale },
    ];
    let mut facts: Vec<Fact> = changes.map(changed).to_vec();
    let voucher = new_voucher(minor, Currency::EUR, SOLD);
    facts.push(issued(vec![voucher, voucher]));
    facts.push(Fact::OrderDelivered {
        order: Box::new(order()),
        voucher,
    });
    facts.push(Fact::OrderCancelled {
        order: order().id,
        serial: serial(),
        amount: order().amount,
        cause: voucher::order::CancelCause::Asked,
    });
    for fact in facts {
        assert_eq!(claimed(&fact), -liabilities(&fact), "{fact:?}");
    }
}

fn effect() -> impl Strategy<Value = Change> {
    let minor = 0_i64..1_000_000;
    (0..4, minor).prop_map(|(kind, minor)| match kind {
        0 => Change::Hold { minor },
        1 => Change::Release { minor },
        2 => Change::Capture { minor },
        _ => Change::Refund { minor },
    })
}

proptest! {
    #[test]
    fn every_fact_is_balanced_and_the_liability_is_what_vouchers_hold(
        effects in prop::collection::vec(effect(), 0..20),
        fresh in prop::collection::vec(1_i64..100_000, 0..4),
        fee in 0_i64..1_000,
    ) {
        let [mut remaining, mut held] = [0, 0];
        for effect in &effects {
            match effect {
                Change::Hold { minor } => { remaining -= minor; held += minor; }
                Change::Release { minor } => { remaining += minor; held -= minor; }
                Change::Capture { minor } => held -= minor,
                Change::Refund { minor } => remaining += minor,
                _ => {}
            }
        }
        remaining += fresh.iter().sum::<i64>();
        let fact = Fact::PaymentChanged {
            id: payment_id(),
            change: capture(fee),
            effects: effects.iter().map(|effect| (serial(), *effect)).collect(),
            replacements: fresh.iter().map(|minor| new_voucher(*minor, Currency::EUR, SOLD)).collect(),
            attempt: None,
        };
        prop_assert_eq!(claimed(&fact), -liabilities(&fact));
        let postings = rules::postings(&fact).unwrap();
        prop_assert!(Postings::balanced(postings.legs().to_vec()).is_ok());
        let on = |code| -> i64 {
            let legs = postings.legs().iter().filter(|leg| leg.account.code.0 == code);
            legs.map(|leg| leg.minor).sum()
        };
        prop_assert_eq!((on(2100), on(2200)), (-remaining, -held));
        prop_assert_eq!(on(4200), -fee);
    }

    #[test]
    fn vouchers_of_any_mixture_are_issued_in_balance(
        mixture in prop::collection::vec((1_i64..100_000, any::<bool>(), any::<bool>()), 0..20)
    ) {
        let vouchers = mixture.iter().map(|(minor, in_euros, is_sold)| {
            let currency = if *in_euros { Currency::EUR } else { Currency::GBP };
            let activation = if *is_sold { SOLD } else { Activation::Pending };
            new_voucher(*minor, currency, activation)
        });
        let postings = rules::postings(&issued(vouchers.collect())).unwrap();
        prop_assert!(Postings::balanced(postings.legs().to_vec()).is_ok());
        let credited: i64 = postings.legs().iter().map(|leg| leg.minor.min(0)).sum();
        prop_assert_eq!(-credited, mixture.iter().map(|(minor, ..)| minor).sum::<i64>());
    }
}
