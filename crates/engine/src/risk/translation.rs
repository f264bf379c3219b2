//! The platform's words as the risk rules know them.

use std::net::IpAddr;

use ids::object::PaymentId;
use ids::party::{DistributorId, MerchantId};
use ids::time::Timestamp;
use ids::token::Token;
use ids::voucher::Serial;
use payment::attempt::{Attempt, Coordinates, PinEntry, Sign};
use payment::payment::Payment;
use risk::behaviour::Behaviour;
use risk::entity::{EntityHasher, EntityKey, EntityKind};
use risk::event::{self, Texts, VoucherFacts};
use risk::place::Place;
use voucher::voucher::Voucher;

use crate::limits::payment_max_minor;
use crate::risk::sold::Till;

/// Signs of a browser that a program drives. People may switch scripts and cookies off, but seldom both.
const HEADLESS_SIGNS: [Sign; 4] = [Sign::Driven, Sign::Bare, Sign::NoScript, Sign::NoCookie];
const HEADER_SIGNS: [Sign; 3] = [Sign::NoAccept, Sign::NoLanguage, Sign::NoUserAgent];

/// Makes keys of the platform's ids.
#[derive(Clone, Copy, Debug)]
pub struct Translation {
    hasher: EntityHasher,
}

/// An attempt with whatever is known of the vouchers that were to pay.
pub struct Told<'a> {
    pub payment: &'a Payment,
    pub attempt: &'a Attempt,
    pub vouchers: Vec<VoucherFacts>,
    pub at: Timestamp,
}

impl Translation {
    pub fn new(seed: [u8; 16]) -> Translation {
        let (low, high) = seed.split_at(8);
        let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        Translation {
            hasher: EntityHasher::new([word(low), word(high)]),
        }
    }

    pub fn attempt(&self, told: Told<'_>) -> event::Attempt {
        let request = &told.payment.request;
        let merchant = told.payment.id.mid.merchant;
        let address = told.attempt.address;
        let whereabouts = told.attempt.whereabouts;
        event::Attempt {
            at: told.at,
            amount_minor: Some(request.amount.minor),
            currency: Some(request.amount.currency),
            limit_minor: Some(payment_max_minor(request.amount.currency)),
            payment: Some(self.payment(told.payment.id)),
            merchant: Some(self.merchant(merchant)),
            merchant_country: None,
            account: None,
            customer: Some(self.customer(merchant, &request.customer.id)),
            address: address.map(|address| self.address(address)),
            network: address.map(|address| self.network(address)),
            address_country: whereabouts.and_then(|it| it.country),
            device: told
                .attempt
                .device
                .map(|device| self.hasher.key(EntityKind::Device, &device.0)),
            vouchers: told.vouchers,
            place: whereabouts.and_then(|it| it.coordinates).map(place),
            merchant_place: None,
            home: None,
            behaviour: behaviour(told.attempt),
            attributes: Vec::new(),
            categories: Vec::new(),
        }
    }

    /// What is known of a voucher before the attempt changes it.
    pub fn voucher(&self, voucher: &Voucher, till: Option<Till>) -> VoucherFacts {
        VoucherFacts {
            voucher: self.serial(voucher.serial),
            sold_at: Some(voucher.activated_at),
            face_minor: Some(voucher.face),
            remaining_minor: Some(voucher.remaining),
            terminal: till.map(|till| self.terminal(till)),
            distributor: Some(self.distributor(voucher.distributor)),
            country: Some(voucher.country),
            is_first_use: Some(voucher.spent == 0 && voucher.held == 0),
        }
    }

    /// A voucher of which only the number is known, and where it was sold.
    pub fn number_of_voucher(&self, serial: Serial, till: Option<Till>) -> VoucherFacts {
        VoucherFacts {
            voucher: self.serial(serial),
            sold_at: None,
            face_minor: None,
            remaining_minor: None,
            terminal: till.map(|till| self.terminal(till)),
            distributor: till.map(|till| self.distributor(till.distributor)),
            country: None,
            is_first_use: None,
        }
    }

    pub fn merchant(&self, id: MerchantId) -> EntityKey {
        let number = id.number().to_be_bytes();
        self.hasher.key(EntityKind::Merchant, &number)
    }

    fn payment(&self, id: PaymentId) -> EntityKey {
        let name = id.to_string();
        self.hasher.key(EntityKind::Payment, name.as_bytes())
    }

    fn customer(&self, merchant: MerchantId, id: &str) -> EntityKey {
        let mut name = merchant.number().to_be_bytes().to_vec();
        name.extend_from_slice(id.as_bytes());
        self.hasher.key(EntityKind::Customer, &name)
    }

    fn address(&self, address: IpAddr) -> EntityKey {
        let name = octets(address.to_canonical());
        self.hasher.key(EntityKind::Address, &name)
    }

    fn network(&self, address: IpAddr) -> EntityKey {
        let (network, _) = network(address);
        self.hasher.key(EntityKind::Network, &octets(network))
    }

    fn serial(&self, serial: Serial) -> EntityKey {
        let number = serial.number().to_be_bytes();
        self.hasher.key(EntityKind::Voucher, &number)
    }

    fn distributor(&self, id: DistributorId) -> EntityKey {
        let number = id.number().to_be_bytes();
        self.hasher.key(EntityKind::Distributor, &number)
    }

    fn terminal(&self, till: Till) -> EntityKey {
        let mut name = till.distributor.number().to_be_bytes().to_vec();
        name.extend_from_slice(till.terminal.as_bytes());
        self.hasher.key(EntityKind::Terminal, &name)
    }
}

/// The words of an attempt, for rules and lists.
pub fn texts(
    payment: &Payment,
    attempt: &Attempt,
    first: Option<(&Voucher, Option<Till>)>,
) -> Texts {
    let till = first.and_then(|(_, till)| till);
    Texts {
        address: attempt.address.map(|it| it.to_canonical().to_string()),
        network: attempt.address.map(|address| {
            let (network, prefix) = network(address);
            format!("{network}/{prefix}")
        }),
        device: attempt.device.map(|device| hex::encode(device.0)),
        merchant: Some(payment.id.mid.merchant.to_string()),
        customer: Some(payment.request.customer.id.clone()),
        account: None,
        terminal: till.map(|till| terminal_name(till.distributor, till.terminal)),
        distributor: first.map(|(voucher, _)| voucher.distributor.to_string()),
    }
}

/// A till as rules and lists name it.
pub fn terminal_name(distributor: DistributorId, terminal: Token) -> String {
    format!("{distributor}/{terminal}")
}

fn behaviour(attempt: &Attempt) -> Behaviour {
    let noticed = attempt.behaviour;
    let count = |signs: &[Sign]| {
        signs
            .iter()
            .filter(|sign| noticed.signs.has(**sign))
            .count() as u8
    };
    Behaviour {
        on_page_ms: noticed
            .time_on_page
            .map(|span| u32::try_from(span.0).unwrap_or(u32::MAX)),
        is_pasted: noticed.pin_entry.map(|entry| entry == PinEntry::Pasted),
        key_gap_mean_ms: noticed.key_interval_ms.map(|ms| ms as f32),
        key_gap_deviation_ms: noticed.key_deviation_ms.map(|ms| ms as f32),
        headless_signs: Some(count(&HEADLESS_SIGNS)),
        missing_headers: Some(count(&HEADER_SIGNS)),
    }
}

fn place(coordinates: Coordinates) -> Place {
    let degrees = |hundredths: i16| f64::from(hundredths) / 100.0;
    Place::on_earth(
        degrees(coordinates.latitude()),
        degrees(coordinates.longitude()),
    )
    .expect("coordinates are on the earth")
}

/// The network of an address with the length of its prefix in bits.
fn network(address: IpAddr) -> (IpAddr, u8) {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            (IpAddr::from([a, b, c, 0]), 24)
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            (IpAddr::from([a, b, c, 0, 0, 0, 0, 0]), 48)
        }
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
