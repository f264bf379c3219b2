//! With synchronous replication nothing is acknowledged before the replica has it, however its answer came about.

use std::time::Duration;

use sim::cluster::Cluster;
use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, created, payment_id};
use store::port::Store;
use tokio_postgres::{Client, NoTls};

use crate::harness::{Over, Reached, Way};
use crate::server::{open, server};

/// A server of its own: the others of this process must not wait for a replica.
struct OwnServer(Cluster);

impl Way for OwnServer {
    fn open() -> OwnServer {
        let directory = std::env::temp_dir();
        OwnServer(Cluster::start(
            server().programs(),
            &directory,
            &["fsync=off"],
        ))
    }

    fn url(&self, _: String) -> String {
        self.0.database()
    }
}

/// Commits wait from now on, for a replica that is stopped.
const STOP_REPLICA: &str = "ALTER SYSTEM SET synchronous_standby_names = 'stopped'";
/// Those that wait get what they waited for.
const CONFIRM: &str = "ALTER SYSTEM RESET synchronous_standby_names";
const RELOAD: &str = "SELECT pg_reload_conf()";
/// A process that waits for the replica with a statement like this one.
const WAITING: &str = "SELECT pid FROM pg_stat_activity
    WHERE wait_event = 'SyncRep' AND query LIKE $1 AND datname = current_database() LIMIT 1";
const COMMITTED: &str = "SELECT count(*) FROM entries";

async fn session(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("a session");
    tokio::spawn(connection);
    client
}

async fn set(client: &Client, setting: &str) {
    for sql in [setting, RELOAD] {
        client.execute(sql, &[]).await.expect("it is set");
    }
}

/// The process that waits so, as soon as there is one; none if what it belongs to has ended before.
async fn waiting(client: &Client, like: &str, has_ended: impl Fn() -> bool) -> Option<i32> {
    loop {
        let found = client.query_opt(WAITING, &[&like]).await.expect("a look");
        if found.is_some() || has_ended() {
            return found.map(|row| row.get(0));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn entries(client: &Client) -> i64 {
    let row = client.query_one(COMMITTED, &[]).await.expect("a row");
    row.get(0)
}

#[test]
fn a_commit_whose_answer_was_lost_is_acknowledged_when_the_replica_has_it_and_not_before() {
    let world = World::<Over<OwnServer>>::new();
    let batch = world.batch(world.entries(vec![created(payment_id(MERCHANT, "a"), 500, "anna")]));
    let harness = &world.harness;
    let store = harness.wait(open(harness.url()));
    harness.wait(async {
        let client = session(harness.url()).await;
        let before = entries(&client).await;
        set(&client, STOP_REPLICA).await;
        let commit = tokio::spawn(async move { store.commit(batch).await });
        let process = waiting(&client, "%SELECT commit_batch%", || commit.is_finished()).await;
        let process = process.expect("the commit waits for the replica");
        assert_eq!(entries(&client).await, before, "nobody sees it yet");

        // The session ends, and with it its wait: what it wrote can be seen here, and would be gone after a failover.
        let end = "SELECT pg_terminate_backend($1)";
        client.execute(end, &[&process]).await.expect("it ends");
        let looked_up = waiting(&client, "UPDATE batches%", || commit.is_finished()).await;
        assert_eq!(entries(&client).await, before + 1);
        assert!(
            looked_up.is_some() && !commit.is_finished(),
            "it was acknowledged before the replica had it"
        );

        set(&client, CONFIRM).await;
        let shift = commit.await.expect("no panic").expect("it is committed");
        assert!(shift.is_none());
        assert_eq!(entries(&client).await, before + 1, "and it is there once");
    });
}
