//! The transparency log after everything that happened to the database: it is whole, and follows from the journal.

use std::time::Duration;

use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::parties::DATA;

/// What the nodes call their log; they get it by their environment.
pub const ORIGIN: &str = "chaos.example/log";
const POLICY: &str = "/etc/scrip/log-policy";
/// How often it is looked whether the log has caught up with the journal.
const LOOKS: u32 = 30;

/// Checks the log of a system without witnesses. Answers what is wrong.
pub async fn check(cluster: &Cluster) -> anyhow::Result<Option<String>> {
    let key = cluster.scrip(&["log-key", "--data", DATA, ORIGIN])?;
    std::fs::write(POLICY, format!("{}\nquorum none\n", key.trim_end()))?;
    let scrip = |arguments: &[&str]| cluster.scrip(arguments);
    Ok(compare("http://node1:8080/log", POLICY, scrip).await)
}

/// Has the program, which `scrip` runs on a node, compare journal and log as `url` serves it. Answers what is wrong.
pub async fn compare(
    url: &str,
    policy: &str,
    scrip: impl Fn(&[&str]) -> anyhow::Result<String>,
) -> Option<String> {
    let verify = ["verify", "journal", url, "--policy", policy, "--data", DATA];
    let mut found = String::new();
    for _ in 0..LOOKS {
        match scrip(&verify) {
            Ok(said) => {
                println!("{said}");
                return None;
            }
            Err(error) => found = format!("the log: {error:#}"),
        }
        sleep(Duration::from_secs(1)).await;
    }
    Some(found)
}
