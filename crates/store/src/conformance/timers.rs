//! Timers: what falls due, and what does not any more.

use ids::time::{Span, Timestamp};
use payment::state::CaptureMode;

use crate::conformance::Harness;
use crate::conformance::world::{
    MERCHANT, PAYABLE_FOR, START, World, authorized, captured, created, payment_id, serial,
    voucher_end,
};
use crate::port::{Due, Store};

pub fn open_payments_fall_due<H: Harness>() {
    let world = World::<H>::new();
    let names = ["waiting", "held", "paid"];
    let [waiting, held, paid] = names.map(|name| payment_id(MERCHANT, name));
    world.issue([1], 1_000);
    world.commit(
        [waiting, held, paid]
            .map(|id| created(id, 100, "anna"))
            .to_vec(),
    );
    let end = START.plus(PAYABLE_FOR);
    assert_eq!(due(&world, end.minus(Span(1)), 10), []);
    assert_eq!(due(&world, end, 10).len(), 3);
    assert_eq!(due(&world, end, 2).len(), 2);
    world.commit(vec![
        authorized(held, &[(1, 100)], CaptureMode::Manual),
        authorized(paid, &[(1, 100)], CaptureMode::Manual),
    ]);
    world.commit(vec![captured(paid, &[(1, 100)])]);
    assert_eq!(due(&world, end, 10), [Due::Payment(waiting)]);
    let later = due(&world, START.plus(Span::DAY), 10);
    assert_eq!(later, [Due::Payment(waiting), Due::Payment(held)]);
}

pub fn vouchers_fall_due<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.issue(1..=3, 1_000);
    let end = voucher_end();
    assert_eq!(due(&world, end.minus(Span(1)), 10), []);
    assert_eq!(due(&world, end, 2).len(), 2);
    world.commit(vec![
        created(id, 1_000, "anna"),
        authorized(id, &[(2, 1_000)], CaptureMode::Automatic),
    ]);
    // A spent voucher has nothing left that could expire.
    let vouchers = [1, 3].map(|number| Due::Voucher(serial(number)));
    let mut found = due(&world, end, 10);
    found.sort_by_key(|due| match due {
        Due::Payment(_) => 0,
        Due::Voucher(serial) => serial.number(),
    });
    assert_eq!(found, vouchers);
}

pub fn timers_survive_a_reopen<H: Harness>() {
    let mut world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.issue([1], 1_000);
    world.commit(vec![created(id, 100, "anna")]);
    let both = [Due::Payment(id), Due::Voucher(serial(1))];
    for _ in 0..3 {
        assert_eq!(due(&world, voucher_end(), 10), both);
        world.harness.reopen();
    }
}

fn due<H: Harness>(world: &World<H>, now: Timestamp, count: usize) -> Vec<Due> {
    let due = Store::due(world.harness.backend(), now, count);
    world.harness.wait(due).expect("due things are listed")
}
