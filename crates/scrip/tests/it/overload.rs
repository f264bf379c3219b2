//! A database that does not keep up: who cannot be served is told so early, and everything goes on afterwards.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sim::cluster::{Cluster, cluster};

use crate::client::Client;
use crate::node::Node;
use crate::nodes::found;

/// Many more than there are connections.
const CALLERS: usize = 64;
/// Far below what one statement may take; a caller that waits for a connection is turned away after half a second.
const EARLY: Duration = Duration::from_millis(2_500);

/// Keeps every statement about a table waiting until it is dropped.
pub struct Held {
    psql: Child,
    cluster: &'static Cluster,
    store: String,
}

impl Held {
    pub fn table(cluster: &'static Cluster, store: &str, table: &str) -> Held {
        let programs = PathBuf::from(programs());
        let lock =
            format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)");
        let psql = Command::new(programs.join("psql"))
            .args([store, "-q", "-c", &lock])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Held {
            psql: psql.expect("psql starts"),
            cluster,
            store: store.to_owned(),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.psql.kill();
        let _ = self.psql.wait();
        // The server does not notice that nobody waits.
        self.cluster.execute(
            &self.store,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()",
        );
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find their tools by variables"
)]
fn programs() -> String {
    std::env::var("SCRIP_TEST_POSTGRES").expect("SCRIP_TEST_POSTGRES names the server's programs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_cannot_be_served_is_told_early() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let [key, _] = found(data.to_str().expect("UTF-8"), &store);
    let node = Node::start(directory.path(), &store);
    let client = Client::new(&node.base_url, &key);
    let created = client.create(None, "1.00", "EUR").await.expect("an answer");
    let id = created.body["id"].as_str().expect("an id").to_owned();

    let held = Held::table(cluster, &store, "payments");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (client, id) = (client.clone(), id.clone());
            tokio::spawn(async move {
                let begun = Instant::now();
                (
                    client.payment(&id).await.expect("an answer"),
                    begun.elapsed(),
                )
            })
        })
        .collect();
    let mut early = 0;
    for caller in callers {
        let (answer, took) = caller.await.expect("a caller");
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{:?}",
            answer.body
        );
        assert!(
            answer.headers.contains_key("retry-after"),
            "{:?}",
            answer.headers
        );
        early += usize::from(took < EARLY);
    }
    println!("{early} of {CALLERS} were told early");
    assert!(CALLERS / 2 < early, "{early} of {CALLERS}");

    drop(held);
    let end = Instant::now() + Duration::from_secs(20);
    while client.payment(&id).await.expect("an answer").status != StatusCode::OK {
        assert!(Instant::now() < end, "it does not go on");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
