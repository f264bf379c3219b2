//! Who there is: payers, shops, kiosks; and how an attempt is put together.

use ids::time::{Span, Timestamp};
use ids::voucher::Country;
use money::currency::Currency;
use risk::behaviour::Behaviour;
use risk::entity::{EntityHasher, EntityKey, EntityKind};
use risk::event::{Attempt, Event, Outcome, Verdict, VoucherFacts};
use risk::stream::StreamEvent;

use super::{Frauds, Simulated};
use crate::chance::Chance;

const HASHER: EntityHasher = EntityHasher::new([5, 6]);
const SHOPS: u64 = 60;
const TERMINALS: u64 = 240;
const TERMINALS_OF_A_DISTRIBUTOR: u64 = 24;
/// From this amount on a payer must say who they are.
pub(super) const LIMIT_MINOR: i64 = 10_000;
pub(super) const FACES_MINOR: [i64; 4] = [1_000, 2_500, 5_000, 10_000];

/// An honest payer.
#[derive(Clone, Debug)]
pub(super) struct Payer {
    pub(super) number: u64,
    pub(super) shops: Vec<u64>,
    pub(super) terminals: Vec<u64>,
    pub(super) usual_minor: f64,
    pub(super) payments_a_day: f64,
    pub(super) is_paster: bool,
}

pub(super) struct World {
    pub(super) chance: Chance,
    pub(super) payers: Vec<Payer>,
    events: Vec<Simulated>,
    next_voucher: u64,
    next_payment: u64,
    next_stranger: u64,
}

/// Where somebody sits and with what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    /// Addresses are numbered; 200 neighbours share a network.
    pub(super) address: u64,
    pub(super) device: Option<u64>,
    pub(super) country: &'static str,
    pub(super) behaviour: Behaviour,
}

/// What is paid where.
#[derive(Clone, Debug)]
pub(super) struct Purchase {
    pub(super) at: Timestamp,
    pub(super) shop: u64,
    pub(super) customer: u64,
    pub(super) amount_minor: i64,
    pub(super) vouchers: Vec<VoucherFacts>,
}

impl World {
    pub(super) fn new(frauds: &Frauds) -> World {
        let mut chance = Chance::of(frauds.seed);
        let payers = (0..frauds.payers as u64).map(|number| payer(number, &mut chance));
        let payers = payers.collect();
        World {
            chance,
            payers,
            events: Vec::new(),
            next_voucher: 0,
            next_payment: 0,
            // Numbers of those who are no honest payers begin far from theirs.
            next_stranger: 1 << 40,
        }
    }

    /// The same world for somebody whose payments and numbers nobody else has.
    pub(super) fn beside(frauds: &Frauds) -> World {
        World {
            next_payment: 1 << 41,
            next_stranger: 1 << 41,
            ..World::new(frauds)
        }
    }

    pub(super) fn into_events(self) -> Vec<Simulated> {
        self.events
    }

    pub(super) fn some_shop(&mut self) -> u64 {
        self.chance.below(SHOPS as usize) as u64
    }

    pub(super) fn some_terminal(&mut self) -> u64 {
        self.chance.below(TERMINALS as usize) as u64
    }

    /// A number that nobody had before, for addresses, devices and customers.
    pub(super) fn stranger(&mut self) -> u64 {
        self.next_stranger += 1;
        self.next_stranger
    }

    /// An address among those of the payers' neighbours; fraudsters rent and infect machines there too.
    pub(super) fn some_address(&mut self) -> u64 {
        self.chance.below(self.payers.len() * 4) as u64
    }

    /// Where an honest payer sits: at home, behind another address now and then, seldom abroad or without a cookie.
    pub(super) fn home(&mut self, payer: &Payer) -> Seat {
        let is_elsewhere = self.chance.happens(0.2);
        let elsewhere = self.some_address();
        let is_new_device = self.chance.happens(0.05);
        let device = match is_new_device {
            true => self.stranger(),
            false => payer.number,
        };
        let countries = ["NL", "RO", "DE", "IT"];
        let abroad = self.chance.one_of(&countries).copied().unwrap_or("DE");
        Seat {
            address: if is_elsewhere {
                elsewhere
            } else {
                payer.number
            },
            device: (!self.chance.happens(0.08)).then_some(device),
            country: if self.chance.happens(0.03) {
                abroad
            } else {
                "AT"
            },
            behaviour: self.human(payer.is_paster),
        }
    }

    pub(super) fn human(&mut self, is_pasted: bool) -> Behaviour {
        let gap = self.chance.even(140.0, 420.0) as f32;
        Behaviour {
            on_page_ms: Some(self.chance.even(3_000.0, 150_000.0) as u32),
            is_pasted: Some(is_pasted),
            key_gap_mean_ms: (!is_pasted).then_some(gap),
            key_gap_deviation_ms: (!is_pasted).then(|| self.chance.even(30.0, 160.0) as f32),
            headless_signs: Some(u8::from(self.chance.happens(0.02))),
            missing_headers: Some(u8::from(self.chance.happens(0.03))),
        }
    }

    /// Sells a voucher at a kiosk.
    pub(super) fn sell(&mut self, at: Timestamp, terminal: u64, face_minor: i64) -> VoucherFacts {
        self.next_voucher += 1;
        let voucher = VoucherFacts {
            voucher: key(EntityKind::Voucher, self.next_voucher),
            sold_at: Some(at),
            face_minor: Some(face_minor),
            remaining_minor: Some(face_minor),
            terminal: Some(key(EntityKind::Terminal, terminal)),
            distributor: Some(key(
                EntityKind::Distributor,
                terminal / TERMINALS_OF_A_DISTRIBUTOR,
            )),
            country: Some(country("AT")),
            is_first_use: Some(true),
        };
        self.push(StreamEvent::Other(Event::Sale { voucher, at }), 0);
        voucher
    }

    /// Pays, and captures a minute later.
    pub(super) fn pay(&mut self, purchase: &Purchase, seat: &Seat, scenario: u32) {
        let attempt = self.attempt(purchase, seat);
        self.authorise(attempt, scenario);
    }

    /// Types a wrong PIN first, then pays, all within one payment.
    pub(super) fn pay_after_a_slip(&mut self, purchase: &Purchase, seat: &Seat) {
        let mut attempt = self.attempt(purchase, seat);
        let vouchers = std::mem::take(&mut attempt.vouchers);
        self.wrong(attempt.clone(), 0);
        attempt.vouchers = vouchers;
        attempt.at = attempt.at.plus(Span::SECOND.times(20));
        self.authorise(attempt, 0);
    }

    /// Tries a PIN that belongs to no voucher.
    pub(super) fn guess(&mut self, purchase: &Purchase, seat: &Seat, scenario: u32) {
        let attempt = self.attempt(purchase, seat);
        self.wrong(attempt, scenario);
    }

    pub(super) fn refund(&mut self, shop: u64, amount_minor: i64, at: Timestamp) {
        let merchant = key(EntityKind::Merchant, shop);
        let refund = Event::Refund {
            merchant,
            amount_minor,
            at,
        };
        self.push(StreamEvent::Other(refund), 0);
    }

    pub(super) fn dispute(&mut self, shop: u64, at: Timestamp) {
        let merchant = key(EntityKind::Merchant, shop);
        self.push(StreamEvent::Other(Event::Dispute { merchant, at }), 0);
    }

    fn authorise(&mut self, attempt: Attempt, scenario: u32) {
        if let (Some(merchant), Some(amount_minor)) = (attempt.merchant, attempt.amount_minor) {
            let at = attempt.at.plus(Span::MINUTE);
            let capture = Event::Capture {
                merchant,
                amount_minor,
                at,
            };
            self.push(StreamEvent::Other(capture), 0);
        }
        self.push(labelled(attempt, Outcome::Authorised, scenario), scenario);
    }

    fn wrong(&mut self, attempt: Attempt, scenario: u32) {
        self.push(labelled(attempt, Outcome::WrongPin, scenario), scenario);
    }

    fn push(&mut self, event: StreamEvent, scenario: u32) {
        self.events.push(Simulated { event, scenario });
    }

    fn attempt(&mut self, purchase: &Purchase, seat: &Seat) -> Attempt {
        self.next_payment += 1;
        Attempt {
            at: purchase.at,
            amount_minor: Some(purchase.amount_minor),
            currency: Some(Currency::EUR),
            limit_minor: Some(LIMIT_MINOR),
            payment: Some(key(EntityKind::Payment, self.next_payment)),
            merchant: Some(key(EntityKind::Merchant, purchase.shop)),
            merchant_country: Some(country("AT")),
            customer: Some(pair(EntityKind::Customer, purchase.shop, purchase.customer)),
            address: Some(key(EntityKind::Address, seat.address)),
            network: Some(key(EntityKind::Network, seat.address / 200)),
            address_country: Some(country(seat.country)),
            device: seat.device.map(|device| key(EntityKind::Device, device)),
            vouchers: purchase.vouchers.clone(),
            behaviour: seat.behaviour,
            ..Attempt::default()
        }
    }
}

fn labelled(attempt: Attempt, outcome: Outcome, scenario: u32) -> StreamEvent {
    StreamEvent::Attempt {
        attempt,
        outcome,
        verdict: Some(match scenario {
            0 => Verdict::Good,
            _ => Verdict::Fraud,
        }),
    }
}

fn payer(number: u64, chance: &mut Chance) -> Payer {
    let few = |chance: &mut Chance, of: u64| -> Vec<u64> {
        let count = 1 + chance.below(4);
        let chosen = chance.sample(of as usize, count);
        chosen.into_iter().map(|place| place as u64).collect()
    };
    Payer {
        number,
        shops: few(chance, SHOPS),
        terminals: few(chance, TERMINALS),
        usual_minor: chance.even(500.0, 4_000.0),
        payments_a_day: chance.even(0.02, 0.5),
        is_paster: chance.happens(0.15),
    }
}

pub(super) fn key(kind: EntityKind, number: u64) -> EntityKey {
    HASHER.key(kind, &number.to_le_bytes())
}

fn pair(kind: EntityKind, first: u64, second: u64) -> EntityKey {
    HASHER.key(kind, &[first.to_le_bytes(), second.to_le_bytes()].concat())
}

fn country(letters: &str) -> Country {
    letters.parse().expect("two capital letters")
}
