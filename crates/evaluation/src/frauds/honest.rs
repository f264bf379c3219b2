//! What honest payers do. Some of it looks like fraud: a slip, a gift of several vouchers, a first visit, a journey.

use ids::time::{Span, Timestamp};
use risk::event::VoucherFacts;

use super::world::{FACES_MINOR, Payer, Purchase, World};

pub(super) fn live_a_day(world: &mut World, morning: Timestamp) {
    for place in 0..world.payers.len() {
        let payer = world.payers[place].clone();
        for _ in 0..world.chance.poisson(payer.payments_a_day) {
            buy_and_pay(world, &payer, morning);
        }
    }
}

fn buy_and_pay(world: &mut World, payer: &Payer, morning: Timestamp) {
    let at = time_of_day(world, morning);
    // Few go to a shop that they never used.
    let shop = match world.chance.happens(0.12) {
        true => world.some_shop(),
        false => world.chance.one_of(&payer.shops).copied().unwrap_or(0),
    };
    let factor = world.chance.normal(0.0, 0.5).exp();
    let drawn_minor = ((payer.usual_minor * factor) as i64).clamp(100, 30_000);
    // Many spend what a voucher holds; some spend several large ones at once, or stay below the limit like everybody.
    let amount_minor = match world.chance.below(20) {
        0..8 => world.chance.one_of(&FACES_MINOR).copied().unwrap_or(1_000),
        8 => 10_000 * (1 + world.chance.below(3) as i64),
        9 => 9_000 + world.chance.below(1_000) as i64,
        _ => drawn_minor,
    };
    let vouchers = vouchers_for(world, payer, amount_minor, at);
    let seat = world.home(payer);
    let purchase = Purchase {
        at,
        shop,
        customer: payer.number,
        amount_minor,
        vouchers,
    };
    match world.chance.happens(0.04) {
        true => world.pay_after_a_slip(&purchase, &seat),
        false => world.pay(&purchase, &seat, 0),
    }
    if world.chance.happens(0.02) {
        world.refund(shop, amount_minor, at.plus(Span::DAY.times(2)));
    }
}

/// As few vouchers as will do, bought minutes to weeks before at one of the payer's kiosks.
fn vouchers_for(
    world: &mut World,
    payer: &Payer,
    amount_minor: i64,
    at: Timestamp,
) -> Vec<VoucherFacts> {
    let terminal = world.chance.one_of(&payer.terminals).copied().unwrap_or(0);
    let before_ms = world.chance.normal(11.0, 2.5).exp().clamp(60.0, 5e6) * 1_000.0;
    let sold_at = at.minus(Span(before_ms as i64));
    let mut missing = amount_minor;
    let mut vouchers = Vec::new();
    while missing > 0 {
        let fitting = FACES_MINOR.into_iter().find(|face| *face >= missing);
        let face = fitting.unwrap_or(FACES_MINOR[FACES_MINOR.len() - 1]);
        vouchers.push(world.sell(sold_at, terminal, face));
        missing -= face;
    }
    vouchers
}

/// Around six in the evening, seldom at night.
fn time_of_day(world: &mut World, morning: Timestamp) -> Timestamp {
    let hour = match world.chance.happens(0.1) {
        true => world.chance.even(0.0, 24.0),
        false => world.chance.normal(18.0, 4.0).rem_euclid(24.0),
    };
    morning.plus(Span((hour * Span::HOUR.0 as f64) as i64))
}
