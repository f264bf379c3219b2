//! Several nodes over one database.

use std::sync::Arc;

use ids::time::Timestamp;
use sim::crowd;
use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, authorized, created, payment_id, serial};
use store::fold::Rows;
use store::port::{CommitError, Due, Store};
use store::row::Key;
use store_postgres::audit::audit;

use crate::harness::{OnServer, Reached};
use crate::server::{open, runtime, server};

#[test]
fn two_engines_over_one_database_serve_a_crowd_as_one() {
    let runtime = runtime();
    for seed in 1..=2 {
        println!("seed {seed}");
        let url = server().database();
        let nodes = [runtime.block_on(open(&url)), runtime.block_on(open(&url))];
        let stores = nodes
            .each_ref()
            .map(|node| Arc::clone(node) as Arc<dyn Store>);
        runtime.block_on(crowd::serve(seed, &stores, Arc::new(|_| {})));
        let report = runtime
            .block_on(audit(&nodes[0]))
            .expect("the database can be audited");
        assert_eq!(report.differences, Vec::<String>::new());
    }
}

#[test]
fn of_many_commits_at_once_on_one_voucher_one_holds() {
    let world = World::<OnServer>::new();
    let ids: Vec<_> = (0..8)
        .map(|number| payment_id(MERCHANT, &format!("payment-{number}")))
        .collect();
    world.issue([1], 1_000);
    world.commit(ids.iter().map(|id| created(*id, 800, "anna")).collect());
    let batches = ids.iter().map(|id| {
        let facts = vec![authorized(
            *id,
            &[(1, 800)],
            payment::state::CaptureMode::Manual,
        )];
        world.batch(world.entries(facts))
    });
    let batches: Vec<_> = batches.collect();
    let head = world.head();
    let backend = world.harness.backend();
    let outcomes = std::thread::scope(|scope| {
        let threads: Vec<_> = batches
            .into_iter()
            .map(|batch| scope.spawn(move || runtime().block_on(backend.commit(batch))))
            .collect();
        let outcomes = threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread fails"));
        outcomes.collect::<Vec<_>>()
    });
    let conflicts = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(CommitError::Conflict)));
    assert_eq!(
        (
            conflicts.count(),
            outcomes.iter().filter(|outcome| outcome.is_ok()).count()
        ),
        (7, 1)
    );
    assert_eq!(world.head(), head.next());
    let voucher = world.load(&[Key::Voucher(serial(1))]).voucher(serial(1));
    assert_eq!(
        voucher.map(|voucher| (voucher.remaining, voucher.held)),
        Some((200, 800))
    );
}

#[test]
fn timers_follow_payments_that_another_version_or_a_move_writes() {
    let world = World::<OnServer>::new();
    let id = payment_id(MERCHANT, "first");
    world.commit(vec![created(id, 800, "anna")]);
    let due_at = |now: i64| {
        let due = world.harness.backend().due(Timestamp(now), 10);
        world.harness.wait(due).expect("due things are listed")
    };
    let write = |sql: &str| server().execute(world.harness.url(), sql);
    assert_eq!(due_at(5), []);
    write("UPDATE payments SET due_at = 5");
    assert_eq!(due_at(5), [Due::Payment(id)]);
    write("UPDATE payments SET due_at = 9223372036854775807, status = 3");
    assert_eq!(due_at(5), []);
    write(
        "CREATE TEMP TABLE moved AS SELECT * FROM payments; DELETE FROM payments; INSERT INTO payments SELECT * FROM moved",
    );
    write("UPDATE payments SET due_at = 5, status = 2");
    assert_eq!(due_at(5), [Due::Payment(id)]);
}
