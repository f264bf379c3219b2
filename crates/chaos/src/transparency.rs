//! The transparency log after everything that happened to the database: it is whole, and follows from the journal.

use std::time::Duration;

use tokio::time::sleep;

use crate::cluster::Cluster;

/// What the nodes call their log; they get it by their environment.
pub const ORIGIN: &str = "chaos.example/log";
const POLICY: &str = "/etc/scrip/log-policy";
const DATA: &str = "/var/lib/scrip";
/// How often it is looked whether the log has caught up with the journal.
const LOOKS: u32 = 30;

/// Has the program compare journal and log, as one node serves it. Answers what is wrong.
pub async fn check(cluster: &Cluster) -> anyhow::Result<Option<String>> {
    let key = cluster.scrip(&["log-key", "--data", DATA, ORIGIN])?;
    std::fs::write(POLICY, format!("{}\nquorum none\n", key.trim_end()))?;
    let verify = [
        "verify",
        "journal",
        "http://node1:8080/log",
        "--policy",
        POLICY,
        "--data",
        DATA,
    ];
    let mut found = String::new();
    for _ in 0..LOOKS {
        match cluster.scrip(&verify) {
            Ok(said) => {
                println!("{said}");
                return Ok(None);
            }
            Err(error) => found = format!("the log: {error:#}"),
        }
        sleep(Duration::from_secs(1)).await;
    }
    Ok(Some(found))
}
