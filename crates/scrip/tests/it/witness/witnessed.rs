//! A platform whose log is witnessed by four, of which one is not ours: what it shows is cosigned, payments wait for nobody,
//! and what witnesses missed they cosign when they are back.

use std::time::Duration;

use tlog::key::PublicKey;

use super::gathered::Four;
use super::hosted::signal;
use crate::client::Client;
use crate::node::{Node, configuration};
use crate::nodes::found;
use crate::program::run_well;
use crate::published::{grown_to, size};

const ORIGIN: &str = "nodes.example/log";

#[tokio::test]
async fn what_a_platform_shows_of_its_log_is_cosigned_and_payments_wait_for_nobody() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let [merchant_key, _] = found(data.to_str().expect("UTF-8"), "");
    let line = run_well(&["log-key", "--data", data.to_str().expect("UTF-8"), ORIGIN]);
    let log = line.trim().strip_prefix("log ").expect("the log's key");
    let log = PublicKey::parse(log).expect("a public key");
    let Four {
        witnesses, policy, ..
    } = &Four::start(&log);
    let path = home.path().join("policy");
    std::fs::write(&path, policy).expect("the policy can be written");
    // The platform is told who, and not how many.
    let asked = home.path().join("asked");
    let (witnesses_alone, _) = policy.split_once("group ").expect("a group of witnesses");
    std::fs::write(&asked, witnesses_alone).expect("the policy can be written");
    let file = configuration(home.path(), "");
    let text = std::fs::read_to_string(&file).expect("the configuration");
    let text = text.replace("[log]\n", &format!("[log]\npolicy = {asked:?}\n"));
    std::fs::write(&file, text).expect("it can be written");
    let node = Node::start_from(&file);
    let shop = Client::new(&node.base_url, &merchant_key);
    let pay = async || {
        let created = shop.create(None, "10.00", "EUR").await.expect("an answer");
        created.body["id"].as_str().expect("an id").to_owned()
    };
    pay().await;
    grown_to(&shop, 4).await;
    let check = || {
        let place = format!("{}/log", node.base_url);
        let policy = path.to_str().expect("UTF-8");
        run_well(&["verify", "log", &place, "--policy", policy])
    };
    let said = check();
    assert!(said.contains("quorum: cosigned by"), "{said}");

    let [one, two, ..] = witnesses;
    for stopped in [one, two] {
        signal(stopped.id(), "-STOP");
    }
    let shown = size(&shop).await;
    for _ in 0..5 {
        pay().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(
        size(&shop).await <= shown + 1,
        "nothing is shown that two have cosigned"
    );
    let said = check();
    assert!(said.contains("quorum: cosigned by"), "{said}");
    for back in [one, two] {
        signal(back.id(), "-CONT");
    }
    grown_to(&shop, shown + 5).await;
    check();
    node.stop();
}
