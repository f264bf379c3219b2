//! Rows that commands are decided on, without a store.

use std::sync::Arc;

use accounting::entry::{Actor, Circumstances, Entry};
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::{OrderId, PaymentId, RefundId};
use ids::party::{DistributorId, MerchantId, Mid};
use ids::time::{Span, Timestamp};
use ids::voucher::{BatchId, PinIndex, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::attempt::Attempt;
use payment::merchant::{self, Merchant, Submerchant};
use payment::payment::{Customer, PaymentRequest};
use payment::refund::RefundRequest;
use payment::state::CaptureMode;
use store::snapshot::Snapshot;
use voucher::distributor::{self, Distributor};
use voucher::product::{Product, ProductKey, Validity};
use voucher::voucher::{Activation, NewVoucher};

use crate::command::{Command, NewOrder, NewRefund, Pay};
use crate::decide::decide;
use crate::error::Refusal;
use crate::judge::LetPass;

pub const NOW: Timestamp = Timestamp(1_000_000_000);
/// When the vouchers of the tests end.
pub const END: Timestamp = NOW.plus(Span::DAY);

/// Rows, and how many entries made them.
pub struct World {
    pub rows: Snapshot,
    sequence: Sequence,
}

impl World {
    /// A merchant, a distributor, a product, and vouchers 1 to 12 of 10.00 EUR.
    pub fn new() -> World {
        let mut world = World {
            rows: Snapshot::default(),
            sequence: Sequence(0),
        };
        world.must(Command::SaveMerchant(Box::new(merchant())));
        world.must(Command::SaveDistributor(seller()));
        world.must(Command::SaveProduct(product()));
        world.must(Command::IssueVouchers {
            batch: BatchId(1),
            vouchers: (1..=12).map(|number| voucher(number, 1_000)).collect(),
        });
        world
    }

    /// Decides, and folds what was decided.
    pub fn act(&mut self, command: Command, now: Timestamp) -> Result<Fact, Refusal> {
        let fact = decide(&self.rows, &command, &LetPass, now)?;
        self.sequence = self.sequence.next();
        let circumstances = Circumstances {
            sequence: self.sequence,
            at: now,
            actor: Actor::Operator,
            idempotency: None,
        };
        let entry = Entry::new(circumstances, fact);
        self.rows
            .try_apply(&entry)
            .expect("what is decided fits the rows");
        Ok(entry.fact().clone())
    }

    pub fn must(&mut self, command: Command) -> Fact {
        self.act(command, NOW).expect("the rules allow it")
    }

    /// A payment that waits for vouchers.
    pub fn payment(&mut self, name: &str, minor: i64) -> PaymentId {
        let id = payment_id(name);
        self.must(Command::CreatePayment {
            id,
            request: Arc::new(request(minor)),
        });
        id
    }
}

pub fn merchant() -> Merchant {
    let submerchant = |id: &str, standing| Submerchant {
        id: id.to_owned(),
        standing,
    };
    Merchant {
        id: MerchantId::FIRST,
        name: "Shop".to_owned(),
        standing: merchant::Standing::Active,
        currencies: vec![Currency::EUR],
        capture_window: Span::HOUR,
        capture: CaptureMode::Manual,
        fee_basis_points: 100,
        submerchants: vec![
            submerchant("north", merchant::Standing::Active),
            submerchant("south", merchant::Standing::Suspended),
        ],
        webhook: None,
        notification: merchant::NotificationMode::Off,
        version: Sequence(0),
        duplicates: payment::duplicate::DuplicateTerms::default(),
    }
}

pub fn seller() -> Distributor {
    Distributor {
        id: DistributorId::FIRST,
        name: "Kiosk".to_owned(),
        standing: distributor::Standing::Active,
        cancel_window: Span::HOUR,
        terminal_limits: [4_000, 2_000, 4_000, 4_000, 4_000],
        confirmation_window: None,
    }
}

pub fn product_key() -> ProductKey {
    ProductKey {
        product: "00002".parse().unwrap(),
        country: "DE".parse().unwrap(),
        currency: Currency::EUR,
    }
}

pub fn product() -> Product {
    Product {
        key: product_key(),
        denominations: vec![1_000],
        validity: Validity::For(Span::DAY),
        maintenance_fee: None,
    }
}

pub fn serial(number: u64) -> Serial {
    Serial::new(1_000_000_000_000_000 + number).unwrap()
}

pub fn pin(number: u64) -> PinIndex {
    let mut pin = [0; 16];
    pin[..8].copy_from_slice(&number.to_be_bytes());
    PinIndex(pin)
}

pub fn voucher(number: u64, minor: i64) -> NewVoucher {
    NewVoucher {
        serial: serial(number),
        pin: pin(number),
        distributor: DistributorId::FIRST,
        product: product_key().product,
        country: product_key().country,
        face: Amount::new(minor, Currency::EUR),
        activation: Activation::Immediate {
            expires_at: END,
            fee_due_at: Timestamp::NEVER,
        },
    }
}

pub fn payment_id(name: &str) -> PaymentId {
    PaymentId {
        mid: Mid {
            merchant: MerchantId::FIRST,
            currency: Currency::EUR,
        },
        token: name.parse().unwrap(),
    }
}

pub fn request(minor: i64) -> PaymentRequest {
    PaymentRequest {
        amount: Amount::new(minor, Currency::EUR),
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
        capture: CaptureMode::Manual,
        order_reference: None,
    }
}

pub fn pay(payment: PaymentId, basket: &[u64], typed: Option<u64>) -> Command {
    Command::Pay(Box::new(Pay {
        payment,
        basket: basket.iter().map(|number| serial(*number)).collect(),
        pin: typed.map(pin),
        answers: Vec::new(),
        attempt: Attempt::default(),
    }))
}

pub fn refund(payment: PaymentId, name: &str, minor: i64) -> NewRefund {
    NewRefund {
        payment,
        id: RefundId {
            mid: payment.mid,
            token: name.parse().unwrap(),
        },
        request: RefundRequest {
            minor,
            customer_id: "c1".to_owned(),
            customer_email: None,
            submerchant: None,
            comment: None,
        },
        replacements: Vec::new(),
    }
}

pub fn order(name: &str, number: u64) -> NewOrder {
    NewOrder {
        id: OrderId {
            distributor: DistributorId::FIRST,
            token: name.parse().unwrap(),
        },
        amount: Amount::new(1_000, Currency::EUR),
        product: product_key().product,
        country: product_key().country,
        terminal: "till".parse().unwrap(),
        shop: "7".to_owned(),
        serial: serial(number),
        pin: pin(number),
        sealed_pin: [].as_slice().into(),
        confirmation_window: None,
    }
}
