//! A database that hangs, in whatever way, makes nobody wait longer than `limits` says.

use std::future::Future;
use std::process::Command;
use std::time::{Duration, Instant};

use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, created, payment_id};
use store::fold::Rows;
use store::outbox::{Outbox, Queue};
use store::port::{Batch, Store};
use store::row::Key;
use store_postgres::limits::{ANSWER_MAX, ASK_MAX, COMMIT_MAX};

use crate::harness::{OnServer, Reached, ThroughProxy};
use crate::server::server;

/// What a busy machine may add to a bound.
const SLACK: Duration = Duration::from_secs(2);

fn a_batch<H: Harness>(world: &World<H>, name: &str) -> Batch {
    world.batch(world.entries(vec![created(payment_id(MERCHANT, name), 500, "anna")]))
}

async fn timed<T>(what: &str, bound: Duration, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let answer = work.await;
    let took = begun.elapsed();
    println!("{what}: {took:?} of at most {bound:?}");
    assert!(took < bound + SLACK, "{what} took {took:?}");
    answer
}

#[test]
fn a_silent_server_makes_nobody_wait_longer_than_is_stated() {
    let world = World::<ThroughProxy>::new();
    let id = payment_id(MERCHANT, "a");
    let batch = a_batch(&world, "a");
    let head = world.head();
    let backend = world.harness.backend();
    world.harness.proxy().fall_silent();
    world.harness.wait(async {
        let keys = [Key::Payment(id)];
        let (committed, loaded, asked, due) = tokio::join!(
            timed("commit", COMMIT_MAX, backend.commit(batch)),
            timed("load", ASK_MAX, backend.load(&keys)),
            timed("head", ASK_MAX, backend.head()),
            timed(
                "due messages",
                ASK_MAX,
                Outbox::due(backend, Queue::Merchants, ids::time::Timestamp(0), 1)
            ),
        );
        assert!(committed.is_err() && loaded.is_err() && asked.is_err() && due.is_err());
    });
    // What was sent arrives now; whether it was written may not be known, but it is never written twice.
    world.harness.proxy().speak();
    let end = Instant::now() + ANSWER_MAX;
    let mut seen = Vec::new();
    while Instant::now() < end && seen.len() < 3 {
        seen.push(world.head());
        std::thread::sleep(Duration::from_millis(300));
    }
    let written = world.load(&[Key::Payment(id)]).payment(id).is_some();
    let expected = if written { head.next() } else { head };
    assert_eq!(world.head(), expected, "{seen:?}");
    world.try_commit(a_batch(&world, "b")).expect("it goes on");
}

/// The processes that serve this database, stopped until this is dropped.
struct Stopped(Vec<String>);

impl Stopped {
    fn all_of(world: &World<OnServer>) -> Stopped {
        let ids = world.harness.backends();
        assert!(!ids.is_empty());
        signal("-STOP", &ids);
        Stopped(ids)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        signal("-CONT", &self.0);
    }
}

fn signal(name: &str, ids: &[String]) {
    let sent = Command::new("kill").arg(name).args(ids).status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn processes_of_the_server_that_hang_are_left_for_others() {
    let world = World::<OnServer>::new();
    world.try_commit(a_batch(&world, "a")).expect("a payment");
    let batch = a_batch(&world, "b");
    let head = world.head();
    let backend = world.harness.backend();
    let stopped = Stopped::all_of(&world);
    world.harness.wait(async {
        let (committed, loaded) = tokio::join!(
            timed("commit", COMMIT_MAX, backend.commit(batch)),
            timed("load", ASK_MAX, backend.load(&[])),
        );
        loaded.expect("another process answers");
        committed.expect("another process commits");
    });
    drop(stopped);
    assert_eq!(world.head(), head.next());
    assert!(server().port() != 0);
}
