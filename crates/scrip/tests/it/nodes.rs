//! Two nodes over one database: what one begins the other carries on, and one goes on alone.

use std::path::Path;
use std::time::Duration;

use api::webhook::address::TargetPolicy;
use engine::risk::bench::Standing;
use engine::risk::reader::COLD_AFTER;
use reqwest::StatusCode;
use scrip::platform::Platform;
use secrecy::ExposeSecret;
use serde_json::Value;
use sim::cluster::cluster;
use vault::pin::Pin;

use crate::client::Client;
use crate::node::{Node, configuration};
use crate::program::{run_badly, run_well};

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

#[tokio::test]
async fn what_is_tried_at_one_node_the_profiles_of_another_know_long_before_they_count_as_cold() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let [data, other_data] = [&one, &two].map(|directory| directory.path().join("data"));
    let [merchant_key, _] = found(data.to_str().expect("UTF-8"), &store);
    std::fs::create_dir(&other_data).expect("a directory");
    std::fs::copy(data.join("vault.key"), other_data.join("vault.key")).expect("a copy");
    let node = Node::start(one.path(), &store);
    let other = Platform::connect(&other_data, &store)
        .await
        .expect("a node");
    let background = other.start_background(TargetPolicy::PublicOnly, None);
    let background = background.await.expect("its readers");
    let shop = Client::new(&node.base_url, &merchant_key);
    let patience = Duration::from_millis(u64::try_from(COLD_AFTER.0).expect("a time")) / 2;
    for _ in 0..20 {
        let created = shop.create(None, "10.00", "EUR").await.expect("an answer");
        let wrong = Pin::generate().expose();
        let tried = shop.pay(&created.body, wrong.expose_secret()).await;
        tried.expect("an answer");
        let head = other.store_port().head().await.expect("the journal");
        let is_warm = || other.risk.standing(other.clock.now()) == Standing::Warm;
        let caught_up = async {
            while other.risk.read() < head || !is_warm() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let caught_up = tokio::time::timeout(patience, caught_up).await;
        caught_up.expect("profiles follow what another node wrote");
    }
    background.stop(&other).await;
    node.kill();
}

/// Asks for the balance of a PIN that nobody sold; answers the status of the page.
async fn guess(node: &Node) -> StatusCode {
    let client = Client::new(&node.base_url, "");
    let pin = Pin::generate().expose();
    let answer = client
        .http
        .post(format!("{}/balance", node.base_url))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("pin={}", pin.expose_secret()))
        .send();
    answer.await.expect("an answer").status()
}

#[tokio::test]
async fn wrong_pins_count_on_all_nodes_together() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let first = Node::start(one.path(), &store);
    std::fs::create_dir(two.path().join("data")).expect("a directory");
    std::fs::copy(
        one.path().join("data/vault.key"),
        two.path().join("data/vault.key"),
    )
    .expect("a copy");
    let second = Node::start(two.path(), &store);
    for _ in 0..5 {
        assert_eq!(guess(&first).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(guess(&second).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(guess(&first).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess(&second).await, StatusCode::TOO_MANY_REQUESTS);
    // Not even a start forgets them.
    first.kill();
    let again = Node::start(one.path(), &store);
    assert_eq!(guess(&again).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_budget_of_the_whole_system_is_configured_and_counts_on_all_nodes() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let budget = "wrong_pins_per_hour = 18";
    let first = Node::start_with(one.path(), &store, budget);
    std::fs::create_dir(two.path().join("data")).expect("a directory");
    std::fs::copy(
        one.path().join("data/vault.key"),
        two.path().join("data/vault.key"),
    )
    .expect("a copy");
    let second = Node::start_with(two.path(), &store, budget);
    // A sixth of it at once, which is less than one address may.
    for node in [&first, &second, &first] {
        assert_eq!(guess(node).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for node in [&second, &first] {
        assert_eq!(guess(node).await, StatusCode::TOO_MANY_REQUESTS);
    }
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
