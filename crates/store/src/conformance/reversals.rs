//! The list of what was put right by itself.

use accounting::fact::{Fact, Party};
use ids::command::Sequence;
use ids::party::{DistributorId, MerchantId};
use money::amount::Amount;
use money::currency::Currency;
use payment::state::{CaptureMode, Change, Status};
use voucher::order::CancelCause;

use crate::conformance::Harness;
use crate::conformance::world::{
    MERCHANT, World, at, authorized, created, merchant, order_id, ordered, payment_id, serial,
};
use crate::port::Store;
use crate::query::ReversalQuery;
use crate::reversal::ReversalKind;

pub fn reversals_are_listed_by_party_and_kind_newest_first<H: Harness>() {
    let mut world = World::<H>::new();
    let other = MerchantId::new(MERCHANT.number() + 1).expect("seven digits");
    let [left, twin] = ["left", "twin"].map(|name| payment_id(MERCHANT, name));
    let foreign = payment_id(other, "foreign");
    world.issue([1], 1_000);
    world.commit(vec![
        Fact::MerchantSaved(Box::new(merchant(other))),
        created(left, 100, "anna"),
        created(twin, 100, "anna"),
        created(foreign, 100, "anna"),
        authorized(twin, &[(1, 100)], CaptureMode::Manual),
        ordered("lost", 2, 1_000),
        ended(left),
        ended(foreign),
        changed(twin, Change::FlagDuplicate { of: left }),
        lapsed_order("lost", 2),
    ]);
    world.harness.reopen();
    let mut query = ReversalQuery {
        party: Party::Merchant(MERCHANT),
        kind: None,
        from: None,
        to: None,
        after: None,
        page_size: 100,
    };
    world.eventually(vec![13, 11], || found(&world, &query));
    query.page_size = 1;
    let first = world
        .harness
        .wait(world.harness.backend().reversals(&query))
        .expect("reversals are listed");
    assert_eq!(first.items, [Sequence(13)]);
    query.after = first.next;
    assert_eq!(found(&world, &query), [11]);
    query.after = None;
    query.kind = Some(ReversalKind::PaymentAbandoned);
    assert_eq!(found(&world, &query), [11]);
    query.kind = None;
    query.page_size = 100;
    query.from = Some(at(Sequence(11)));
    query.to = Some(at(Sequence(13)));
    assert_eq!(found(&world, &query), [11]);
    query.from = None;
    query.to = None;
    query.party = Party::Merchant(other);
    assert_eq!(found(&world, &query), [12]);
    query.party = Party::Distributor(DistributorId::FIRST);
    world.eventually(vec![14], || found(&world, &query));
}

fn found<H: Harness>(world: &World<H>, query: &ReversalQuery) -> Vec<u64> {
    let page = world.harness.wait(world.harness.backend().reversals(query));
    let page = page.expect("reversals are listed");
    page.items.iter().map(|entry| entry.0).collect()
}

fn ended(id: ids::object::PaymentId) -> Fact {
    let before = Some(Status::Initiated);
    changed(id, Change::Expire { before })
}

fn changed(id: ids::object::PaymentId, change: Change) -> Fact {
    Fact::PaymentChanged {
        id,
        change,
        effects: Vec::new(),
        replacements: Vec::new(),
        attempt: None,
    }
}

fn lapsed_order(name: &str, number: u64) -> Fact {
    Fact::OrderCancelled {
        order: order_id(name),
        serial: serial(number),
        amount: Amount::new(1_000, Currency::EUR),
        cause: CancelCause::NotConfirmed,
    }
}
