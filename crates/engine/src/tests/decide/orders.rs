//! Orders of distributors.

use super::*;

#[test]
fn orders_that_do_not_suit_are_not_delivered() {
    let mut world = World::new();
    let mut suspended = seller();
    suspended.id = DistributorId::new(2_000_000_002).unwrap();
    suspended.standing = distributor::Standing::Suspended;
    world.must(Command::SaveDistributor(suspended));
    let from = |number: u64| {
        let mut order = order("new", 50);
        order.id.distributor = DistributorId::new(number).unwrap();
        order
    };
    let mut elsewhere = order("new", 50);
    elsewhere.country = "PL".parse().unwrap();
    let mut odd = order("new", 50);
    odd.amount.minor = 999;
    let cases: [(NewOrder, Option<Refusal>); 8] = [
        (from(2_000_000_003), Some(Refusal::UnknownDistributor)),
        (from(2_000_000_002), Some(Refusal::DistributorSuspended)),
        (elsewhere, Some(Refusal::UnknownProduct)),
        (odd, Some(Refusal::UnknownDenomination)),
        (order("new", 1), Some(Refusal::VoucherTaken)),
        (order("new", 50), None),
        (order("new", 51), Some(Refusal::DuplicateOrder)),
        (order("second", 52), None),
    ];
    for (order, expected) in cases {
        let refusal = world.act(Command::DeliverOrder(Box::new(order)), NOW).err();
        assert_eq!(refusal, expected);
    }
    let third = Command::DeliverOrder(Box::new(order("third", 53)));
    let limit = Refusal::TerminalLimit(TerminalLimitReached { number: 2 });
    assert_eq!(world.act(third.clone(), NOW).err(), Some(limit));
    let cancel = Command::CancelOrder {
        order: order("second", 0).id,
    };
    world.must(cancel);
    world.must(third);
}

#[test]
fn an_order_is_cancelled_in_its_window_while_the_voucher_is_whole() {
    let mut world = World::new();
    for (name, number) in [("spent", 50), ("late", 51)] {
        world.must(Command::DeliverOrder(Box::new(order(name, number))));
    }
    let id = world.payment("p", 10);
    world.must(pay(id, &[], Some(50)));
    let cancel = |name: &str| Command::CancelOrder {
        order: order(name, 0).id,
    };
    let held = Refusal::Voucher(VoucherRefusal::ValueHeld);
    assert_eq!(world.act(cancel("spent"), NOW).err(), Some(held));
    let late = NOW.plus(Span::HOUR).plus(Span(1));
    let too_late = Refusal::Order(CancelRefusal::TooLate);
    assert_eq!(world.act(cancel("late"), late).err(), Some(too_late));
    assert_eq!(
        world.act(cancel("none"), NOW).err(),
        Some(Refusal::UnknownOrder)
    );
    world.must(cancel("late"));
    let again = Refusal::Order(CancelRefusal::AlreadyCancelled);
    assert_eq!(world.act(cancel("late"), NOW).err(), Some(again));
}
