//! What fraudsters do, in their old ways and in their new ones.

use ids::time::{Span, Timestamp};
use risk::behaviour::Behaviour;
use risk::event::VoucherFacts;

use super::world::{LIMIT_MINOR, Purchase, Seat, World};
use super::{Scheme, Ways};

/// Addresses of the botnet.
const BOTNET: usize = 10_000;
const GUESSES_A_DAY: usize = 40;

pub(super) fn defraud_for_a_day(world: &mut World, morning: Timestamp, ways: Ways) {
    enumerate(world, morning, ways);
    for _ in 0..3 {
        scam(world, morning, ways);
    }
    mule(world, morning, ways);
    if world.chance.happens(0.4) {
        steal_batch(world, morning, ways);
    }
    for _ in 0..8 {
        bot(world, morning, ways);
    }
    for _ in 0..6 {
        collude(world, morning, ways);
    }
}

fn enumerate(world: &mut World, morning: Timestamp, ways: Ways) {
    let start = hour(world, morning, 0.0, 20.0);
    let (shop, source) = (world.some_shop(), world.some_address());
    for guess in 0..GUESSES_A_DAY {
        let (address, gap) = match ways {
            Ways::Old => (source, Span::SECOND.times(8)),
            Ways::New => (botnet(world), Span::MINUTE.times(5)),
        };
        let purchase = Purchase {
            at: start.plus(gap.times(guess as i64)),
            shop,
            customer: world.stranger(),
            amount_minor: 1_000,
            vouchers: Vec::new(),
        };
        let seat = Seat {
            address,
            device: None,
            country: "AT",
            behaviour: headless(world),
        };
        world.guess(&purchase, &seat, Scheme::Enumeration as u32);
    }
}

fn scam(world: &mut World, morning: Timestamp, ways: Ways) {
    let (shop, caller) = (world.some_shop(), world.stranger());
    let address = world.some_address();
    let at = hour(world, morning, 9.0, 17.0);
    let terminal = world.some_terminal();
    let (count, face_minor, gap) = match ways {
        Ways::Old => (4, 10_000, Span::MINUTE.times(6)),
        Ways::New => (3, 5_000, Span::DAY),
    };
    for turn in 0..count {
        let at = at.plus(gap.times(turn));
        let sold_at = at.minus(Span::MINUTE.times(10));
        let voucher = world.sell(sold_at, terminal, face_minor);
        let seat = Seat {
            address,
            device: Some(caller),
            country: "NL",
            behaviour: world.human(true),
        };
        let vouchers = vec![voucher];
        spend(
            world,
            (shop, caller),
            (at, face_minor),
            vouchers,
            &seat,
            Scheme::Scam,
        );
    }
}

fn mule(world: &mut World, morning: Timestamp, ways: Ways) {
    // One mule works for a week with one device, later for a day.
    let period = match ways {
        Ways::Old => 7,
        Ways::New => 1,
    };
    let number = 800_000 + (morning.0 / (Span::DAY.0 * period)) as u64;
    let shop = (number * 7) % 60;
    let address = number % (world.payers.len() as u64 * 4);
    for _ in 0..5 {
        let at = hour(world, morning, 8.0, 22.0);
        let amount_minor = LIMIT_MINOR - 100 - world.chance.below(900) as i64;
        let terminal = world.some_terminal();
        let sold_at = at.minus(Span::HOUR.times(3));
        let voucher = world.sell(sold_at, terminal, 10_000);
        let seat = Seat {
            address,
            device: Some(number),
            country: "AT",
            behaviour: world.human(true),
        };
        spend(
            world,
            (shop, number),
            (at, amount_minor),
            vec![voucher],
            &seat,
            Scheme::Mule,
        );
    }
}

fn steal_batch(world: &mut World, morning: Timestamp, ways: Ways) {
    let terminal = world.some_terminal();
    let stolen_at = hour(world, morning, 6.0, 20.0);
    let (shops, wait) = match ways {
        Ways::Old => (1, Span::HOUR),
        Ways::New => (4, Span::DAY.times(7)),
    };
    let shops: Vec<u64> = (0..shops).map(|_| world.some_shop()).collect();
    let thief = world.stranger();
    let addresses: Vec<u64> = (0..3).map(|_| world.some_address()).collect();
    for turn in 0..12 {
        let voucher = world.sell(stolen_at, terminal, 5_000);
        let at = stolen_at.plus(wait).plus(Span::MINUTE.times(20 * turn));
        let shop = world.chance.one_of(&shops).copied().unwrap_or(0);
        let seat = Seat {
            address: world.chance.one_of(&addresses).copied().unwrap_or(0),
            device: Some(thief),
            country: "AT",
            behaviour: world.human(false),
        };
        let customer = world.stranger();
        spend(
            world,
            (shop, customer),
            (at, 5_000),
            vec![voucher],
            &seat,
            Scheme::StolenBatch,
        );
    }
}

fn bot(world: &mut World, morning: Timestamp, ways: Ways) {
    let at = hour(world, morning, 0.0, 24.0);
    let place = world.chance.below(world.payers.len());
    let Some(terminal) = world.payers[place].terminals.first().copied() else {
        return;
    };
    let sold_at = at.minus(Span::DAY.times(5));
    let voucher = world.sell(sold_at, terminal, 2_500);
    let behaviour = match ways {
        Ways::Old => headless(world),
        Ways::New => world.human(true),
    };
    let seat = Seat {
        address: botnet(world),
        device: None,
        country: "RO",
        behaviour,
    };
    let party = (world.some_shop(), world.stranger());
    spend(world, party, (at, 2_500), vec![voucher], &seat, Scheme::Bot);
}

fn collude(world: &mut World, morning: Timestamp, ways: Ways) {
    // An ordinary shop, whose honest payers know nothing of it, is in on it for two weeks.
    let shop = ((morning.0 / (Span::DAY.0 * 14)) as u64 * 11) % 60;
    let at = match ways {
        Ways::Old => hour(world, morning, 0.0, 5.0),
        Ways::New => hour(world, morning, 10.0, 22.0),
    };
    let terminal = world.some_terminal();
    let sold_at = at.minus(Span::HOUR.times(8));
    let voucher = world.sell(sold_at, terminal, 5_000);
    let number = world.stranger();
    let seat = Seat {
        address: world.some_address(),
        device: Some(number),
        country: "AT",
        behaviour: world.human(false),
    };
    spend(
        world,
        (shop, number),
        (at, 4_900),
        vec![voucher],
        &seat,
        Scheme::ColludingShop,
    );
    if ways == Ways::Old && world.chance.happens(0.4) {
        world.refund(shop, 4_900, at.plus(Span::HOUR));
    } else if ways == Ways::Old && world.chance.happens(0.3) {
        world.dispute(shop, at.plus(Span::DAY.times(3)));
    }
}

/// Spends vouchers at a (shop, by a customer) at (a time, for an amount).
fn spend(
    world: &mut World,
    (shop, customer): (u64, u64),
    (at, amount_minor): (Timestamp, i64),
    vouchers: Vec<VoucherFacts>,
    seat: &Seat,
    scheme: Scheme,
) {
    let purchase = Purchase {
        at,
        shop,
        customer,
        amount_minor,
        vouchers,
    };
    world.pay(&purchase, seat, scheme as u32);
}

/// One of the infected machines at honest homes, or next to them.
fn botnet(world: &mut World) -> u64 {
    let homes = world.payers.len() * 4;
    world.chance.below(BOTNET.min(homes)) as u64
}

fn headless(world: &mut World) -> Behaviour {
    Behaviour {
        on_page_ms: Some(world.chance.even(300.0, 2_500.0) as u32),
        is_pasted: Some(true),
        key_gap_mean_ms: None,
        key_gap_deviation_ms: None,
        headless_signs: Some(1 + world.chance.below(3) as u8),
        missing_headers: Some(1 + world.chance.below(2) as u8),
    }
}

fn hour(world: &mut World, morning: Timestamp, from: f64, to: f64) -> Timestamp {
    let hour = world.chance.even(from, to);
    morning.plus(Span((hour * Span::HOUR.0 as f64) as i64))
}
