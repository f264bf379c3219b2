//! Who and what every history begins with.

use accounting::entry::Actor;
use engine::command::{Command, Envelope};
use ids::command::Sequence;
use ids::party::{DistributorId, MerchantId};
use ids::time::Span;
use ids::voucher::{Country, ProductId};
use money::currency::Currency;
use payment::merchant::{self, Merchant, Submerchant};
use payment::state::CaptureMode;
use voucher::distributor::{self, Distributor};
use voucher::product::{MaintenanceFee, Product, ProductKey, Validity};

/// A merchant that takes euros and pounds.
pub const BOOKSHOP: MerchantId = MerchantId::FIRST;
/// A distributor whose terminals may sell little.
pub const SELLER: DistributorId = DistributorId::FIRST;

/// A merchant that takes euros alone.
pub fn cinema() -> MerchantId {
    MerchantId::new(BOOKSHOP.number() + 1).expect("seven digits")
}

/// A distributor that nobody knows.
pub fn stranger() -> DistributorId {
    DistributorId::new(SELLER.number() + 7).expect("ten digits")
}

/// The commands that found the world.
pub fn founding() -> Vec<Envelope> {
    let merchants = [BOOKSHOP, cinema()].map(|id| {
        let terms = merchant(id, 250, merchant::Standing::Active);
        Command::SaveMerchant(Box::new(terms))
    });
    let seller = Command::SaveDistributor(Distributor {
        id: SELLER,
        name: "Corner shop".to_owned(),
        standing: distributor::Standing::Active,
        cancel_window: Span::MINUTE.times(30),
        terminal_limits: [30_000, 12_000, 15_000, 20_000, 25_000],
        confirmation_window: None,
    });
    let products = products().map(Command::SaveProduct);
    let commands = merchants.into_iter().chain([seller]).chain(products);
    commands
        .map(|command| Envelope {
            actor: Actor::Operator,
            idempotency: None,
            command,
        })
        .collect()
}

pub fn merchant(id: MerchantId, fee_basis_points: u16, standing: merchant::Standing) -> Merchant {
    let currencies = if id == BOOKSHOP {
        vec![Currency::EUR, Currency::GBP]
    } else {
        vec![Currency::EUR]
    };
    let submerchant = |id: &str, standing| Submerchant {
        id: id.to_owned(),
        standing,
    };
    Merchant {
        id,
        name: "Shop".to_owned(),
        standing,
        currencies,
        capture_window: Span::HOUR,
        capture: CaptureMode::Manual,
        fee_basis_points,
        submerchants: vec![
            submerchant("north", merchant::Standing::Active),
            submerchant("south", merchant::Standing::Suspended),
        ],
        webhook: None,
        notification: merchant::NotificationMode::Classic,
        duplicates: payment::duplicate::DuplicateTerms::default(),
        version: Sequence(0),
    }
}

/// One product that ends and costs, one that lasts, and one in pounds.
pub fn products() -> [Product; 3] {
    let faces = vec![500, 1_000, 2_500, 5_000];
    let [ends, lasts, pounds] = product_keys();
    [
        Product {
            key: ends,
            denominations: faces.clone(),
            validity: Validity::For(Span::DAY.times(12)),
            maintenance_fee: Some(MaintenanceFee {
                after: Span::DAY.times(4),
                every: Span::DAY.times(2),
                minor: 300,
            }),
        },
        Product {
            key: lasts,
            denominations: faces.clone(),
            validity: Validity::Unlimited,
            maintenance_fee: None,
        },
        Product {
            key: pounds,
            denominations: faces,
            validity: Validity::For(Span::DAY.times(7)),
            maintenance_fee: None,
        },
    ]
}

pub fn product_keys() -> [ProductKey; 3] {
    [
        ("00001", "DE", Currency::EUR),
        ("00002", "AT", Currency::EUR),
        ("00003", "GB", Currency::GBP),
    ]
    .map(|(product, code, currency)| ProductKey {
        product: product_id(product),
        country: country(code),
        currency,
    })
}

pub fn country(code: &str) -> Country {
    code.parse().expect("two capital letters")
}

fn product_id(digits: &str) -> ProductId {
    digits.parse().expect("five digits")
}
