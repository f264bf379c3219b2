//! What passes is tried again, as long as it may take; what does not pass is told.

use std::time::{Duration, Instant};

use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, authorized, created, payment_id};
use store::failure::Failure;
use store::fold::Rows;
use store::outbox::{Outbox, Queue};
use store::port::{CommitError, Store};
use store::row::Key;
use store_postgres::limits::COMMIT_MAX;
use tokio_postgres::NoTls;

use crate::harness::{OnServer, Reached};
use crate::server::server;

/// Lets the next `count` commits fail with this code when they have locked their rows and are about to move the head.
/// The sequence counts them: it is not taken back with the transaction.
fn fail_commits(world: &World<OnServer>, code: &str, count: u64) {
    let sql = format!(
        "CREATE SEQUENCE failures;
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('failures') <= {count} THEN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{code}'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER failing BEFORE UPDATE ON journal_head FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    server().execute(world.harness.url(), &sql);
}

fn a_payment(world: &World<OnServer>, name: &str) -> Result<(), CommitError> {
    let facts = vec![created(payment_id(MERCHANT, name), 500, "anna")];
    world
        .try_commit(world.batch(world.entries(facts)))
        .map(drop)
}

#[test]
fn a_commit_that_the_server_takes_back_is_tried_again() {
    for code in ["40001", "40P01"] {
        let world = World::<OnServer>::new();
        fail_commits(&world, code, 5);
        let head = world.head();
        let committed = a_payment(&world, "a");
        assert!(committed.is_ok(), "{code}: {committed:?}");
        assert_eq!(world.head(), head.next(), "{code}");
    }
}

#[test]
fn a_commit_that_is_always_taken_back_fails_in_time_and_leaves_no_trace() {
    let world = World::<OnServer>::new();
    fail_commits(&world, "40001", u64::MAX >> 1);
    let head = world.head();
    let begun = Instant::now();
    let refused = a_payment(&world, "a");
    assert!(
        matches!(
            refused,
            Err(CommitError::Failure(Failure::Unavailable { .. }))
        ),
        "{refused:?}"
    );
    assert!(
        begun.elapsed() < COMMIT_MAX + Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    server().execute(world.harness.url(), "DROP TRIGGER failing ON journal_head");
    assert_eq!(world.head(), head);
    a_payment(&world, "a").expect("nothing of it was written");
}

#[test]
fn other_errors_are_not_tried_again() {
    let world = World::<OnServer>::new();
    fail_commits(&world, "22012", 1);
    let refused = a_payment(&world, "a");
    assert!(
        matches!(refused, Err(CommitError::Failure(_))),
        "{refused:?}"
    );
    a_payment(&world, "a").expect("it failed once");
}

#[test]
fn a_commit_that_loses_a_deadlock_is_tried_again() {
    let world = World::<OnServer>::new();
    let id = payment_id(MERCHANT, "a");
    world.issue([1], 1_000);
    world.commit(vec![created(id, 500, "anna")]);
    let facts = vec![authorized(
        id,
        &[(1, 500)],
        payment::state::CaptureMode::Manual,
    )];
    let batch = world.batch(world.entries(facts));
    let url = world.harness.url().to_owned();
    let (other, committed) = world.harness.wait(async {
        let (mut client, connection) = tokio_postgres::connect(&url, NoTls)
            .await
            .expect("a session");
        tokio::spawn(connection);
        // The other session never looks for a deadlock, so it is the commit that has to give way.
        client
            .batch_execute("SET deadlock_timeout = '100s'")
            .await
            .expect("a setting");
        let tx = client.transaction().await.expect("a transaction");
        tx.batch_execute("SELECT 1 FROM payments FOR UPDATE")
            .await
            .expect("the payment is locked");
        let commit = world.harness.backend().commit(batch);
        let lock = async {
            // When the commit waits for the payment it holds the head.
            let waiting = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
            while tx
                .query_one(waiting, &[])
                .await
                .expect("an answer")
                .get::<_, i64>(0)
                == 0
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let head = "UPDATE journal_head SET last = last WHERE id = 1";
            let locked = tx.batch_execute(head).await;
            tx.rollback().await.expect("it ends");
            locked
        };
        tokio::join!(lock, commit)
    });
    other.expect("the other session was not chosen");
    assert!(committed.is_ok(), "{committed:?}");
    let rows = world.load(&[Key::Payment(id)]);
    assert_eq!(
        rows.payment(id).map(|payment| payment.entries.len()),
        Some(2)
    );
    let deadlocks = "DO $$ BEGIN
        PERFORM pg_stat_force_next_flush();
        PERFORM pg_sleep(0.5);
        END $$";
    server().execute(&url, deadlocks);
    assert_eq!(deadlocks_of(&world, &url), 1);
}

/// How many deadlocks the server has seen in this database.
fn deadlocks_of(world: &World<OnServer>, url: &str) -> i64 {
    world.harness.wait(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .expect("a session");
        tokio::spawn(connection);
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        for _ in 0..100 {
            let seen: i64 = client.query_one(sql, &[]).await.expect("a row").get(0);
            if seen != 0 {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        0
    })
}

#[test]
fn whatever_loses_its_connection_is_asked_again() {
    let world = World::<OnServer>::new();
    let id = payment_id(MERCHANT, "a");
    world.commit(vec![created(id, 500, "anna")]);
    let end_all = || {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        server().execute(world.harness.url(), sql);
    };
    let backend = world.harness.backend();
    end_all();
    assert!(world.load(&[Key::Payment(id)]).payment(id).is_some());
    end_all();
    assert_eq!(
        world
            .harness
            .wait(backend.entries_after(world.head(), 1))
            .expect("no entries"),
        []
    );
    end_all();
    world
        .harness
        .wait(Outbox::due(
            backend,
            Queue::Merchants,
            ids::time::Timestamp(0),
            1,
        ))
        .expect("no messages");
    end_all();
    a_payment(&world, "b").expect("the batch is committed");
}
