//! Queries: what they select, how they are paged, and that they catch up within the stated lag.

use std::sync::Arc;

use accounting::fact::Fact;
use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Span;
use ids::voucher::Serial;
use money::currency::Currency;
use payment::state::{CaptureMode, Status};

use crate::conformance::Harness;
use crate::conformance::world::{
    MERCHANT, START, World, at, authorized, captured, created, expired, payment_id, refunded,
    serial,
};
use crate::port::Store;
use crate::query::{MovementQuery, PaymentQuery};

const EVERYTHING: PaymentQuery = PaymentQuery {
    merchant: MERCHANT,
    status: None,
    currency: None,
    created_from: None,
    created_to: None,
    amount_min: None,
    amount_max: None,
    serial: None,
    customer_id: None,
    submerchant: None,
    after: None,
    page_size: 100,
};

pub fn each_condition_selects_its_payments<H: Harness>() {
    let world = World::<H>::new();
    world.issue([1, 2], 100_000);
    let names = ["open", "held", "paid", "late"];
    let [open, held, paid, late] = names.map(|name| payment_id(MERCHANT, name));
    world.commit(vec![
        created(open, 100, "anna"),
        created(held, 200, "ben"),
        of_submerchant(created(paid, 300, "anna"), "shoes"),
        created(late, 400, "ben"),
    ]);
    world.commit(vec![
        authorized(held, &[(1, 200)], CaptureMode::Manual),
        authorized(paid, &[(1, 100), (2, 200)], CaptureMode::Automatic),
        expired(late),
    ]);
    let select = |change: &dyn Fn(&mut PaymentQuery), expected: &[&str]| {
        let mut query = EVERYTHING;
        change(&mut query);
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        world.eventually(expected, || names_of(&world, &query));
    };
    select(&|_| {}, &["late", "paid", "held", "open"]);
    select(&|query| query.status = Some(Status::Initiated), &["open"]);
    select(&|query| query.status = Some(Status::Authorized), &["held"]);
    select(&|query| query.status = Some(Status::Expired), &["late"]);
    select(&|query| query.currency = Some(Currency::GBP), &[]);
    select(
        &|query| query.created_from = Some(at(Sequence(7))),
        &["late", "paid"],
    );
    select(&|query| query.created_to = Some(at(Sequence(6))), &["open"]);
    select(&|query| query.amount_min = Some(300), &["late", "paid"]);
    select(&|query| query.amount_max = Some(200), &["held", "open"]);
    select(&|query| query.serial = Some(serial(1)), &["paid", "held"]);
    select(&|query| query.serial = Some(serial(2)), &["paid"]);
    select(
        &|query| query.customer_id = Some("ben".to_owned()),
        &["late", "held"],
    );
    select(&|query| query.customer_id = Some("b".to_owned()), &[]);
    select(
        &|query| query.submerchant = Some("shoes".to_owned()),
        &["paid"],
    );
    let several = |query: &mut PaymentQuery| {
        query.customer_id = Some("anna".to_owned());
        query.status = Some(Status::Success);
        query.amount_min = Some(300);
    };
    select(&several, &["paid"]);
}

pub fn pages_neither_lose_nor_double_a_payment<H: Harness>() {
    let world = World::<H>::new();
    let mut newest_first: Vec<String> = (0..37).map(|number| format!("number-{number}")).collect();
    for name in &newest_first {
        world.commit(vec![created(payment_id(MERCHANT, name), 100, "anna")]);
    }
    newest_first.reverse();
    world.eventually(newest_first.clone(), || names_of(&world, &EVERYTHING));
    for customer_id in [None, Some("anna".to_owned())] {
        for page_size in [1, 5, 36, 37, 38] {
            let mut query = PaymentQuery {
                customer_id: customer_id.clone(),
                page_size,
                ..EVERYTHING
            };
            let mut seen = Vec::new();
            loop {
                let page = world.harness.wait(world.harness.backend().payments(&query));
                let page = page.expect("payments are listed");
                assert!(page.items.len() <= page_size);
                let names = page
                    .items
                    .iter()
                    .map(|payment| payment.id.token.to_string());
                seen.extend(names);
                query.after = page.next;
                if page.next.is_none() {
                    break;
                }
            }
            assert_eq!(seen, newest_first, "with pages of {page_size}");
        }
    }
}

pub fn payments_of_another_merchant_are_not_listed<H: Harness>() {
    let world = World::<H>::new();
    let other = MerchantId::new(MERCHANT.number() + 1).expect("the number is in range");
    world.commit(vec![
        created(payment_id(MERCHANT, "mine"), 100, "anna"),
        created(payment_id(other, "theirs"), 100, "anna"),
    ]);
    let mut query = EVERYTHING;
    world.eventually(vec!["mine".to_owned()], || names_of(&world, &query));
    query.customer_id = Some("anna".to_owned());
    world.eventually(vec!["mine".to_owned()], || names_of(&world, &query));
    query.merchant = other;
    world.eventually(vec!["theirs".to_owned()], || names_of(&world, &query));
}

pub fn movements_are_captures_and_refunds_in_their_order<H: Harness>() {
    let world = World::<H>::new();
    let (slow, fast) = (payment_id(MERCHANT, "slow"), payment_id(MERCHANT, "fast"));
    world.issue([1], 100_000);
    world.commit(vec![
        created(slow, 100, "anna"),
        created(fast, 100, "anna"),
        authorized(slow, &[(1, 100)], CaptureMode::Manual),
        authorized(fast, &[(1, 100)], CaptureMode::Automatic),
        captured(slow, &[(1, 100)]),
        refunded(fast, "back", &[(1, 40)]),
    ]);
    let mut query = MovementQuery {
        merchant: MERCHANT,
        from: START,
        to: START.plus(Span::HOUR),
        after: None,
        page_size: 100,
    };
    world.eventually(vec![8, 9, 10], || movements(&world, &query));
    query.page_size = 2;
    let first = world
        .harness
        .wait(world.harness.backend().movements(&query));
    let first = first.expect("movements are listed");
    assert_eq!(first.items, [8, 9].map(Sequence));
    query.after = first.next;
    assert_eq!(movements(&world, &query), [10]);
    query.after = None;
    query.from = at(Sequence(9));
    query.to = at(Sequence(10));
    assert_eq!(movements(&world, &query), [9]);
}

pub fn a_voucher_knows_the_entries_that_touched_it<H: Harness>() {
    let mut world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.issue([1, 2], 1_000);
    world.commit(vec![
        created(id, 1_100, "anna"),
        authorized(id, &[(1, 1_000), (2, 100)], CaptureMode::Manual),
    ]);
    world.commit(vec![captured(id, &[(1, 1_000), (2, 100)])]);
    world.eventually(vec![4, 6, 7], || touches(&world, serial(1)));
    world.harness.reopen();
    world.commit(vec![refunded(id, "back", &[(1, 10)])]);
    world.eventually(vec![4, 6, 7, 8], || touches(&world, serial(1)));
    world.eventually(vec![4, 6, 7], || touches(&world, serial(2)));
    world.eventually(Vec::new(), || touches(&world, serial(3)));
}

pub fn lists_survive_a_reopen<H: Harness>() {
    let mut world = World::<H>::new();
    world.issue([1], 1_000);
    for name in ["first", "second"] {
        world.commit(vec![created(payment_id(MERCHANT, name), 100, "anna")]);
        world.harness.reopen();
    }
    let id = payment_id(MERCHANT, "first");
    world.commit(vec![authorized(id, &[(1, 100)], CaptureMode::Automatic)]);
    world.harness.reopen();
    let both = vec!["second".to_owned(), "first".to_owned()];
    world.eventually(both.clone(), || names_of(&world, &EVERYTHING));
    let mut query = EVERYTHING;
    query.customer_id = Some("anna".to_owned());
    world.eventually(both, || names_of(&world, &query));
    query.status = Some(Status::Success);
    world.eventually(vec!["first".to_owned()], || names_of(&world, &query));
}

fn of_submerchant(fact: Fact, submerchant: &str) -> Fact {
    let Fact::PaymentCreated {
        id,
        request,
        due_at,
    } = fact
    else {
        panic!("only a payment has a submerchant");
    };
    let mut request = request.as_ref().clone();
    request.submerchant = Some(submerchant.to_owned());
    Fact::PaymentCreated {
        id,
        request: Arc::new(request),
        due_at,
    }
}

fn names_of<H: Harness>(world: &World<H>, query: &PaymentQuery) -> Vec<String> {
    let page = world.harness.wait(world.harness.backend().payments(query));
    let page = page.expect("payments are listed");
    let payments = page.items.iter();
    payments
        .map(|payment| payment.id.token.to_string())
        .collect()
}

fn movements<H: Harness>(world: &World<H>, query: &MovementQuery) -> Vec<u64> {
    let page = world.harness.wait(world.harness.backend().movements(query));
    let page = page.expect("movements are listed");
    page.items.iter().map(|entry| entry.0).collect()
}

fn touches<H: Harness>(world: &World<H>, serial: Serial) -> Vec<u64> {
    let entries = world.harness.backend().voucher_entries(serial);
    let entries = world.harness.wait(entries).expect("entries are listed");
    entries.iter().map(|entry| entry.0).collect()
}
