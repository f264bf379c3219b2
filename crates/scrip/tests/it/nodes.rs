//! Two nodes over one database: what one begins the other carries on, and one goes on alone.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use reqwest::StatusCode;
use serde_json::Value;
use sim::cluster::cluster;

use crate::client::Client;
use crate::program::{run_badly, run_well, scrip};

/// A running node; it is killed when this is dropped.
pub struct Node {
    child: Child,
    pub base_url: String,
}

impl Node {
    /// Starts on the directory's `data`; over a database where `store` names one.
    pub fn start(directory: &Path, store: &str) -> Node {
        let file = configuration(directory, store);
        let mut child = scrip()
            .args(["serve", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = BufReader::new(child.stderr.take().expect("its log"));
        let mut lines = log.lines().map_while(Result::ok);
        let ready = lines
            .find(|line| line.contains("scrip is ready"))
            .expect("it gets ready");
        // Whoever does not read on would stop the node when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let fields: Value = serde_json::from_str(&ready).expect("the log is JSON");
        let base_url = fields["fields"]["base_url"].as_str().expect("an address");
        Node {
            child,
            base_url: base_url.to_owned(),
        }
    }

    pub fn kill(mut self) {
        self.child.kill().expect("the node can be killed");
        self.child.wait().expect("the node ends");
    }

    /// SIGTERM, and the end that follows.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status();
        assert!(sent.expect("kill runs").success());
        let status = self.child.wait().expect("the node ends");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn configuration(directory: &Path, store: &str) -> std::path::PathBuf {
    let file = directory.join("scrip.toml");
    let data = directory.join("data");
    let text = format!(
        "data = {data:?}\nstore = {store:?}\nlisten = '127.0.0.1:0'\n[webhooks]\nallow_private_targets = true\n[log]\nformat = 'json'\n"
    );
    std::fs::write(&file, text).expect("the configuration can be written");
    file
}

/// Adds a merchant, a distributor and a product, and answers the keys of the first two.
pub fn found(data: &str, store: &str) -> [String; 2] {
    let place = ["--data", data, "--store", store];
    let with = |arguments: &[&str]| {
        let (command, rest) = arguments.split_first().expect("a command");
        run_well(&[&[*command], &place[..], rest].concat())
    };
    let key = |text: String| {
        let mut lines = text.lines();
        let key = lines.find_map(|line| line.strip_prefix("API key (shown once): "));
        key.expect("a key").to_owned()
    };
    with(&[
        "product",
        "--id",
        "00002",
        "--country",
        "AT",
        "--currency",
        "EUR",
        "--denomination",
        "25",
        "--validity-days",
        "365",
    ]);
    let merchant = with(&["merchant", "--name", "Shop", "--currency", "EUR"]);
    let distributor = with(&["distributor", "--name", "Kiosk"]);
    [key(merchant), key(distributor)]
}

/// Buys a voucher at a till and answers its PIN.
pub async fn buy(node: &Node, distributor_key: &str) -> String {
    let till = Client::new(&node.base_url, distributor_key);
    let order = serde_json::json!({
        "amount": "25.00", "currency": "EUR", "product_id": "00002", "country": "AT", "terminal_id": "till-1",
        "shop_id": "7",
    });
    let answer = till
        .call(reqwest::Method::POST, "/v1/orders", None, Some(&order))
        .await;
    let answer = answer.expect("an answer");
    find_pin(&answer.body).unwrap_or_else(|| panic!("no PIN in {:?}", answer.body))
}

fn find_pin(body: &Value) -> Option<String> {
    match body {
        Value::Object(members) => members.iter().find_map(|(name, value)| match value {
            Value::String(text) if name.contains("pin") => Some(text.clone()),
            value => find_pin(value),
        }),
        Value::Array(items) => items.iter().find_map(find_pin),
        _ => None,
    }
}

#[tokio::test]
async fn what_one_node_begins_the_other_carries_on() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let data = one.path().join("data");
    let [merchant_key, distributor_key] = found(data.to_str().expect("UTF-8"), &store);
    // Every node has the same key.
    std::fs::create_dir(two.path().join("data")).expect("a directory");
    std::fs::copy(data.join("vault.key"), two.path().join("data/vault.key")).expect("a copy");
    let nodes = [
        Node::start(one.path(), &store),
        Node::start(two.path(), &store),
    ];
    let [first, second] = nodes
        .each_ref()
        .map(|node| Client::new(&node.base_url, &merchant_key));

    let pin = buy(&nodes[0], &distributor_key).await;
    let created = first
        .create(Some("one"), "10.00", "EUR")
        .await
        .expect("an answer");
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let again = second
        .create(Some("one"), "10.00", "EUR")
        .await
        .expect("an answer");
    assert_eq!(
        again.body["id"], created.body["id"],
        "the key is known on every node"
    );
    // The link leads to the node that made it; the page of the other one is the same.
    let mut on_second = created.body.clone();
    let link = created.body["redirect"]["auth_url"]
        .as_str()
        .expect("a link");
    on_second["redirect"]["auth_url"] = link.replace(&nodes[0].base_url, &nodes[1].base_url).into();
    let paid = second.pay(&on_second, &pin).await.expect("an answer");
    assert!(paid.is_redirection(), "{paid}");
    let id = created.body["id"].as_str().expect("an id").to_owned();
    let seen = first.payment(&id).await.expect("an answer");
    assert_eq!(seen.body["status"], "AUTHORIZED", "{:?}", seen.body);

    let [node_one, node_two] = nodes;
    node_one.kill();
    let captured = second.capture(&id, None).await.expect("an answer");
    assert_eq!(captured.body["status"], "SUCCESS", "{:?}", captured.body);
    node_two.kill();

    let file = configuration(one.path(), &store);
    let report = run_well(&["audit", "--config", file.to_str().expect("UTF-8")]);
    assert!(
        report.contains("everything agrees with the journal"),
        "{report}"
    );
}

#[test]
fn a_node_with_another_key_and_a_backup_of_a_shared_database_are_refused() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let command = |data: &Path| {
        let data = data.to_str().expect("UTF-8").to_owned();
        [
            "distributor",
            "--data",
            &data,
            "--store",
            &store,
            "--name",
            "Kiosk",
        ]
        .map(str::to_owned)
    };
    let first = command(one.path());
    run_well(&first.each_ref().map(String::as_str));
    let other = command(two.path());
    let missing = run_badly(&other.each_ref().map(String::as_str));
    assert!(
        missing.contains("every node needs the same vault.key"),
        "{missing}"
    );
    run_well(&[
        "distributor",
        "--data",
        two.path().to_str().expect("UTF-8"),
        "--name",
        "Other",
    ]);
    let wrong = run_badly(&other.each_ref().map(String::as_str));
    assert!(wrong.contains("the data there belongs to"), "{wrong}");
    let backup = run_badly(&["backup", "--data", "x", "--store", &store, "y"]);
    assert!(backup.contains("pg_basebackup"), "{backup}");
}
