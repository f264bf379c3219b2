//! A small world to test in: parties, vouchers and payments, and the facts that move them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use accounting::entry::{Actor, Circumstances, Entry, Idempotency};
use accounting::fact::Fact;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::object::{PaymentId, RefundId};
use ids::party::{DistributorId, MerchantId, Mid};
use ids::time::{Span, Timestamp};
use ids::token::Token;
use ids::voucher::{BatchId, Country, PinIndex, ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::merchant::Merchant;
use payment::payment::{Customer, PaymentRequest};
use payment::refund::{RefundRequest, RefundShare, RefundTarget};
use payment::state::{CaptureMode, Finality, Hold};
use voucher::distributor::{Distributor, LIMITS_DEFAULT};
use voucher::order::{Order, OrderStatus};
use voucher::product::{Product, ProductKey, Validity};
use voucher::state::Change;
use voucher::voucher::{Activation, NewVoucher};

use crate::conformance::Harness;
use crate::fold::{self, partial};
use crate::port::{Batch, CommitError, QUERY_LAG_MAX_MS, Store};
use crate::row::Key;
use crate::shift::Shift;
use crate::snapshot::Snapshot;

/// A backend, and a clock that moves one second with each entry.
pub struct World<H> {
    pub harness: H,
}

pub const MERCHANT: MerchantId = MerchantId::FIRST;
pub const START: Timestamp = Timestamp(1_800_000_000_000);
/// How long an unpaid payment stays open.
pub const PAYABLE_FOR: Span = Span::MINUTE.times(30);

impl<H: Harness> World<H> {
    /// An empty world.
    pub fn empty() -> World<H> {
        World {
            harness: H::create(),
        }
    }

    /// A world with a merchant, a distributor and a product.
    pub fn new() -> World<H> {
        let world = World::empty();
        world.commit(vec![
            Fact::MerchantSaved(Box::new(merchant(MERCHANT))),
            Fact::DistributorSaved(distributor()),
            Fact::ProductSaved(product()),
        ]);
        world
    }

    pub fn head(&self) -> Sequence {
        let head = self.harness.wait(self.harness.backend().head());
        head.expect("the head is known")
    }

    pub fn load(&self, keys: &[Key]) -> Snapshot {
        let snapshot = self.harness.wait(self.harness.backend().load(keys));
        snapshot.expect("rows load")
    }

    /// Entries behind the head that state these facts.
    pub fn entries(&self, facts: Vec<Fact>) -> Vec<Arc<Entry>> {
        let first = self.head().next().0;
        (first..)
            .zip(facts)
            .map(|(sequence, fact)| Arc::new(entry(Sequence(sequence), None, fact)))
            .collect()
    }

    /// What an engine would commit for the entries, from a fresh load.
    pub fn batch(&self, entries: Vec<Arc<Entry>>) -> Batch {
        let keys: Vec<Key> = entries
            .iter()
            .flat_map(|entry| {
                let command = entry.idempotency().map(|command| Key::Command(command.key));
                partial::keys_touched(entry).into_iter().chain(command)
            })
            .collect();
        let mut snapshot = self.load(&keys);
        for entry in &entries {
            fold::apply(&mut snapshot, entry).expect("the entries fit the rows");
        }
        let changes = snapshot.into_changes();
        Batch {
            entries,
            writes: changes.writes,
            preconditions: changes.preconditions,
            seeds: None,
        }
    }

    pub fn try_commit(&self, batch: Batch) -> Result<Shift, CommitError> {
        self.harness.wait(self.harness.backend().commit(batch))
    }

    /// Commits the facts in one batch and answers their entries.
    pub fn commit(&self, facts: Vec<Fact>) -> Vec<Arc<Entry>> {
        let entries = self.entries(facts);
        let batch = self.batch(entries.clone());
        self.try_commit(batch).expect("the batch is committed");
        entries
    }

    /// Issues activated vouchers with the serials and PINs of these numbers.
    pub fn issue(&self, numbers: impl IntoIterator<Item = u64>, minor: i64) {
        let vouchers = numbers
            .into_iter()
            .map(|number| new_voucher(number, minor))
            .collect();
        self.commit(vec![issued(vouchers)]);
    }

    /// Asks again until the answer is as expected; fails when the lag that queries may have is over.
    pub fn eventually<T: PartialEq + std::fmt::Debug>(&self, expected: T, ask: impl Fn() -> T) {
        let patience = Duration::from_millis(QUERY_LAG_MAX_MS);
        let begun = Instant::now();
        loop {
            let answer = ask();
            if answer == expected {
                return;
            }
            assert!(
                begun.elapsed() < patience,
                "expected {expected:?}, found {answer:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl<H: Harness> Default for World<H> {
    fn default() -> World<H> {
        World::new()
    }
}

pub fn entry(sequence: Sequence, idempotency: Option<Idempotency>, fact: Fact) -> Entry {
    let circumstances = Circumstances {
        sequence,
        at: at(sequence),
        actor: Actor::Operator,
        idempotency,
    };
    Entry::new(circumstances, fact)
}

/// When the entry with this sequence is made.
pub fn at(sequence: Sequence) -> Timestamp {
    let seconds = i64::try_from(sequence.0).expect("few entries are made");
    START.plus(Span::SECOND.times(seconds))
}

pub fn idempotency(number: u8) -> Idempotency {
    Idempotency {
        key: IdempotencyKey([number; 16]),
        fingerprint: Fingerprint([!number; 16]),
    }
}

pub fn serial(number: u64) -> Serial {
    Serial::new(1_000_000_000_000_000 + number).expect("the number is small")
}

pub fn pin(number: u64) -> PinIndex {
    let mut index = [0; 16];
    index[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    index[8..].copy_from_slice(&number.to_be_bytes());
    PinIndex(index)
}

pub fn token(text: &str) -> Token {
    text.parse().expect("the text is a token")
}

pub fn payment_id(merchant: MerchantId, name: &str) -> PaymentId {
    PaymentId {
        mid: Mid {
            merchant,
            currency: Currency::EUR,
        },
        token: token(name),
    }
}

pub fn merchant(id: MerchantId) -> Merchant {
    Merchant {
        id,
        name: "Books & More".to_owned(),
        standing: payment::merchant::Standing::Active,
        currencies: vec![Currency::EUR],
        capture_window: Span::DAY,
        capture: CaptureMode::Manual,
        fee_basis_points: 0,
        submerchants: Vec::new(),
        webhook: None,
        notification: payment::merchant::NotificationMode::Classic,
        version: Sequence(0),
        duplicates: payment::duplicate::DuplicateTerms::default(),
    }
}

pub fn distributor() -> Distributor {
    Distributor {
        id: DistributorId::FIRST,
        name: "Corner Shop".to_owned(),
        standing: voucher::distributor::Standing::Active,
        cancel_window: Span::HOUR,
        terminal_limits: LIMITS_DEFAULT,
        confirmation_window: None,
    }
}

pub fn product() -> Product {
    Product {
        key: ProductKey {
            product: product_id(),
            country: country(),
            currency: Currency::EUR,
        },
        denominations: vec![1_000, 2_500, 5_000, 10_000],
        validity: Validity::For(Span::DAY.times(365)),
        maintenance_fee: None,
    }
}

pub fn new_voucher(number: u64, minor: i64) -> NewVoucher {
    NewVoucher {
        serial: serial(number),
        pin: pin(number),
        distributor: DistributorId::FIRST,
        product: product_id(),
        country: country(),
        face: Amount::new(minor, Currency::EUR),
        activation: Activation::Immediate {
            expires_at: voucher_end(),
            fee_due_at: Timestamp::NEVER,
        },
    }
}

/// When the vouchers of this world expire.
pub fn voucher_end() -> Timestamp {
    START.plus(Span::DAY.times(365))
}

pub fn issued(vouchers: Vec<NewVoucher>) -> Fact {
    Fact::VouchersIssued {
        batch: BatchId(1),
        vouchers,
    }
}

pub fn ordered(name: &str, number: u64, minor: i64) -> Fact {
    let order = Order {
        id: order_id(name),
        serial: serial(number),
        amount: Amount::new(minor, Currency::EUR),
        product: product_id(),
        country: country(),
        terminal: token("till-1"),
        shop: "17".to_owned(),
        sealed_pin: Arc::from([1, 2, 3].as_slice()),
        created_at: START,
        status: OrderStatus::Delivered,
        version: Sequence(0),
        confirmation: voucher::order::Confirmation::NotNeeded,
    };
    Fact::OrderDelivered {
        order: Box::new(order),
        voucher: new_voucher(number, minor),
    }
}

pub fn order_id(name: &str) -> ids::object::OrderId {
    ids::object::OrderId {
        distributor: DistributorId::FIRST,
        token: token(name),
    }
}

pub fn created(id: PaymentId, minor: i64, customer: &str) -> Fact {
    let request = PaymentRequest {
        amount: Amount::new(minor, id.mid.currency),
        success_url: "https://shop.example/paid".to_owned(),
        failure_url: "https://shop.example/failed".to_owned(),
        notification_url: "https://shop.example/notify".to_owned(),
        customer: Customer {
            id: customer.to_owned(),
            address: None,
            min_age: None,
            kyc_level: None,
            country_restriction: None,
        },
        submerchant: None,
        shop_id: None,
        capture_window: Span::DAY,
        capture: CaptureMode::Manual,
        order_reference: None,
    };
    Fact::PaymentCreated {
        id,
        request: Arc::new(request),
        due_at: START.plus(PAYABLE_FOR),
    }
}

/// The payment is authorised; each part is the number of a voucher and minor units.
pub fn authorized(id: PaymentId, parts: &[(u64, i64)], mode: CaptureMode) -> Fact {
    let holds = parts
        .iter()
        .map(|(number, minor)| Hold {
            serial: serial(*number),
            product: product_id(),
            country: country(),
            minor: *minor,
        })
        .collect();
    let mut effects = effects(parts, |minor| Change::Hold { minor });
    if mode == CaptureMode::Automatic {
        effects.extend(self::effects(parts, |minor| Change::Capture { minor }));
    }
    let change = payment::state::Change::Authorize {
        holds,
        hold_until: START.plus(Span::DAY),
        mode,
        fee_minor: 0,
    };
    changed(id, change, effects)
}

/// The last capture of a payment, of whole holds.
pub fn captured(id: PaymentId, parts: &[(u64, i64)]) -> Fact {
    let change = payment::state::Change::Capture {
        shares: parts.iter().map(|(_, minor)| *minor).collect(),
        fee_minor: 0,
        finality: Finality::Final,
    };
    changed(
        id,
        change,
        effects(parts, |minor| Change::Capture { minor }),
    )
}

/// A refund to the vouchers that paid.
pub fn erased(id: PaymentId) -> Fact {
    changed(id, payment::state::Change::ErasePayer, Vec::new())
}

pub fn refunded(id: PaymentId, name: &str, parts: &[(u64, i64)]) -> Fact {
    let shares = parts
        .iter()
        .map(|(number, minor)| RefundShare {
            source: serial(*number),
            minor: *minor,
            target: RefundTarget::SameVoucher,
        })
        .collect();
    let change = payment::state::Change::Refund {
        id: RefundId {
            mid: id.mid,
            token: token(name),
        },
        request: RefundRequest {
            minor: parts.iter().map(|(_, minor)| minor).sum(),
            customer_id: "anna".to_owned(),
            customer_email: None,
            submerchant: None,
            comment: None,
        },
        shares,
        cause: payment::refund::RefundCause::Asked,
    };
    changed(id, change, effects(parts, |minor| Change::Refund { minor }))
}

/// A payment that nobody paid in time.
pub fn expired(id: PaymentId) -> Fact {
    changed(
        id,
        payment::state::Change::Expire { before: None },
        Vec::new(),
    )
}

fn changed(id: PaymentId, change: payment::state::Change, effects: Vec<(Serial, Change)>) -> Fact {
    Fact::PaymentChanged {
        id,
        change,
        effects,
        replacements: Vec::new(),
        attempt: None,
    }
}

fn effects(parts: &[(u64, i64)], effect: impl Fn(i64) -> Change) -> Vec<(Serial, Change)> {
    parts
        .iter()
        .map(|(number, minor)| (serial(*number), effect(*minor)))
        .collect()
}

fn product_id() -> ProductId {
    ProductId::new(2).expect("two is a product")
}

fn country() -> Country {
    "AT".parse().expect("AT is a country")
}
