//! The simulator of the Fraud Detection Handbook (Le Borgne, Siblini, Lebichot, Bontempi 2022, chapter 3), written anew from
//! its text: cards pay at terminals near them, and three kinds of fraud are put in.

use ids::time::{Span, Timestamp};
use risk::entity::{EntityHasher, EntityKey, EntityKind};
use risk::event::{Attempt, Outcome, Verdict};
use risk::stream::StreamEvent;

use crate::chance::Chance;

/// 2018-04-01T00:00:00Z, the handbook's first day, a Sunday.
pub const START: Timestamp = Timestamp(1_522_540_800_000);

/// Places lie in a square with sides of this length.
const SIDE: f64 = 100.0;
const MEAN_AMOUNT: (f64, f64) = (5.0, 100.0);
const PAYMENTS_A_DAY_MAX: f64 = 4.0;
const DAY_SECONDS: f64 = 86_400.0;
/// Payments lie around noon with this standard deviation.
const TIME_DEVIATION_SECONDS: f64 = 20_000.0;
/// First kind: every amount above is a fraud.
const FRAUD_ABOVE: f64 = 220.0;
/// Second kind: so many terminals fall into the wrong hands each day, and stay there so long.
const TERMINALS_A_DAY: usize = 2;
const TERMINAL_DAYS: u32 = 28;
/// Third kind: so many cards each day, for so long; a third of their payments become frauds of five times the amount.
const CARDS_A_DAY: usize = 3;
const CARD_DAYS: u32 = 14;
const CARD_FRAUD_SHARE: f64 = 1.0 / 3.0;
const CARD_FRAUD_FACTOR: f64 = 5.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Handbook {
    pub cards: usize,
    pub terminals: usize,
    pub days: u32,
    /// Cards pay at terminals within this distance.
    pub radius: f64,
    /// Cards fall into the wrong hands, the third kind of fraud, from this day on. What else happens does not depend on it.
    pub cards_stolen_from: u32,
    pub seed: u64,
}

impl Handbook {
    /// The stream that figures are given for: 5,000 cards, 10,000 terminals, 183 days.
    pub fn whole(seed: u64) -> Handbook {
        Handbook {
            cards: 5_000,
            terminals: 10_000,
            days: 183,
            radius: 5.0,
            cards_stolen_from: 0,
            seed,
        }
    }
}

/// One payment of the stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Payment {
    /// Seconds since the first day began.
    pub second: u32,
    pub card: u32,
    pub terminal: u32,
    /// In hundredths.
    pub amount_minor: i64,
    /// 0 for good payments, else the kind of fraud, 1 to 3.
    pub scenario: u8,
}

impl Payment {
    pub fn day(&self) -> u32 {
        self.second / DAY_SECONDS as u32
    }

    /// The payment as the risk engine sees it: the card is the payer, the terminal the payee.
    pub fn event(&self, hasher: &EntityHasher) -> StreamEvent {
        let key = |kind: EntityKind, number: u32| -> EntityKey {
            hasher.key(kind, &number.to_le_bytes())
        };
        StreamEvent::Attempt {
            attempt: Attempt {
                at: START.plus(Span::SECOND.times(i64::from(self.second))),
                amount_minor: Some(self.amount_minor),
                account: Some(key(EntityKind::Account, self.card)),
                merchant: Some(key(EntityKind::Merchant, self.terminal)),
                ..Attempt::default()
            },
            outcome: Outcome::Authorised,
            verdict: Some(match self.scenario {
                0 => Verdict::Good,
                _ => Verdict::Fraud,
            }),
        }
    }
}

struct Card {
    mean_amount: f64,
    payments_a_day: f64,
    terminals: Vec<u32>,
}

/// All payments in the order of time.
pub fn simulate(handbook: &Handbook) -> Vec<Payment> {
    let mut chance = Chance::of(handbook.seed);
    let cards = cards(handbook, &mut chance);
    let mut payments = Vec::new();
    for (number, card) in cards.iter().enumerate() {
        for day in 0..handbook.days {
            pay_for_a_day(number as u32, card, day, &mut chance, &mut payments);
        }
    }
    payments.sort_by_key(|payment| (payment.second, payment.card));
    add_frauds(handbook, &mut chance, &mut payments);
    payments
}

fn cards(handbook: &Handbook, chance: &mut Chance) -> Vec<Card> {
    let place = |chance: &mut Chance| (chance.even(0.0, SIDE), chance.even(0.0, SIDE));
    let terminals: Vec<(f64, f64)> = (0..handbook.terminals).map(|_| place(chance)).collect();
    let card = |_| {
        let (x, y) = place(chance);
        let is_near = |(_, (a, b)): &(usize, &(f64, f64))| {
            ((a - x).powi(2) + (b - y).powi(2)).sqrt() < handbook.radius
        };
        let near = terminals.iter().enumerate().filter(is_near);
        Card {
            mean_amount: chance.even(MEAN_AMOUNT.0, MEAN_AMOUNT.1),
            payments_a_day: chance.even(0.0, PAYMENTS_A_DAY_MAX),
            terminals: near.map(|(number, _)| number as u32).collect(),
        }
    };
    (0..handbook.cards).map(card).collect()
}

fn pay_for_a_day(
    number: u32,
    card: &Card,
    day: u32,
    chance: &mut Chance,
    payments: &mut Vec<Payment>,
) {
    for _ in 0..chance.poisson(card.payments_a_day) {
        let time = chance
            .normal(DAY_SECONDS / 2.0, TIME_DEVIATION_SECONDS)
            .trunc();
        if !(time > 0.0 && time < DAY_SECONDS) {
            continue;
        }
        let drawn = chance.normal(card.mean_amount, card.mean_amount / 2.0);
        let amount = match drawn < 0.0 {
            true => chance.even(0.0, card.mean_amount * 2.0),
            false => drawn,
        };
        if let Some(terminal) = chance.one_of(&card.terminals) {
            payments.push(Payment {
                second: day * DAY_SECONDS as u32 + time as u32,
                card: number,
                terminal: *terminal,
                amount_minor: (amount * 100.0).round() as i64,
                scenario: 0,
            });
        }
    }
}

/// Later kinds replace earlier ones, as in the handbook.
fn add_frauds(handbook: &Handbook, chance: &mut Chance, payments: &mut [Payment]) {
    for payment in payments.iter_mut() {
        if payment.amount_minor > (FRAUD_ABOVE * 100.0) as i64 {
            payment.scenario = 1;
        }
    }
    let mut of_terminal = vec![Vec::new(); handbook.terminals];
    let mut of_card = vec![Vec::new(); handbook.cards];
    for (place, payment) in payments.iter().enumerate() {
        of_terminal[payment.terminal as usize].push(place);
        of_card[payment.card as usize].push(place);
    }
    for day in 0..handbook.days {
        for terminal in chance.sample(handbook.terminals, TERMINALS_A_DAY) {
            for place in &of_terminal[terminal] {
                if (day..day + TERMINAL_DAYS).contains(&payments[*place].day()) {
                    payments[*place].scenario = 2;
                }
            }
        }
    }
    for day in 0..handbook.days {
        for card in chance.sample(handbook.cards, CARDS_A_DAY) {
            let is_within =
                |place: &&usize| (day..day + CARD_DAYS).contains(&payments[**place].day());
            let places: Vec<usize> = of_card[card].iter().filter(is_within).copied().collect();
            let count = (places.len() as f64 * CARD_FRAUD_SHARE) as usize;
            let chosen = chance.sample(places.len(), count);
            if day < handbook.cards_stolen_from {
                continue;
            }
            for chosen in chosen {
                let payment = &mut payments[places[chosen]];
                payment.amount_minor = (payment.amount_minor as f64 * CARD_FRAUD_FACTOR) as i64;
                payment.scenario = 3;
            }
        }
    }
}

#[cfg(test)]
mod tests;
