//! What the issuer states that it owes, as holders, anybody and the issuer check it.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sim::cluster::cluster;

use crate::client::Client;
use crate::node::Node;
use crate::nodes::{buy, found};
use crate::program::{Demo, run_badly, run_well};
use crate::published::Checker;

const ORIGIN: &str = "scrip-demo.example/log";
const NODES_ORIGIN: &str = "nodes.example/log";
/// How soon a statement has its receipt and a proof is made, and some time for a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(60);

/// The newest statement with its receipt.
async fn stated(client: &Client) -> Value {
    let begun = Instant::now();
    loop {
        let answer = client
            .call(Method::GET, "/log/liabilities", None, None)
            .await
            .expect("an answer");
        if answer.status == StatusCode::OK && answer.body["proof"].is_string() {
            return answer.body;
        }
        assert!(begun.elapsed() < PATIENCE, "no receipt: {:?}", answer.body);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What the balance page gets for the voucher with this PIN.
async fn counted(client: &Client, pin: &str) -> Value {
    let url = format!("{}/balance", client.base_url);
    let page = post(client, &url, format!("pin={pin}")).send().await;
    let page = page.expect("a page").text().await.expect("a text");
    let (_, rest) = page.split_once("data-page=\"").expect("the page offers it");
    let (right, _) = rest.split_once('"').expect("a quote");
    let begun = Instant::now();
    loop {
        let asked = post(client, &format!("{url}/counted"), format!("page={right}"));
        let answer = asked.send().await;
        let answer = answer.expect("an answer");
        if answer.status() == StatusCode::OK {
            let bytes = answer.bytes().await.expect("a body");
            return serde_json::from_slice(&bytes).expect("JSON");
        }
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
        assert!(begun.elapsed() < PATIENCE, "no proof is made");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn post(client: &Client, url: &str, form: String) -> reqwest::RequestBuilder {
    let request = client.http.post(url);
    let kind = "application/x-www-form-urlencoded";
    request.header(CONTENT_TYPE, kind).body(form)
}

fn write(path: &Path, content: &Value) -> String {
    std::fs::write(path, content.to_string()).expect("the file can be written");
    path.to_str().expect("UTF-8").to_owned()
}

/// The file with one bit of a member's bytes turned.
fn altered(file: &Value, member: &str, place: usize) -> Value {
    let mut file = file.clone();
    let mut bytes = STANDARD
        .decode(file[member].as_str().expect("a text"))
        .expect("base64");
    bytes[place] ^= 1;
    file[member] = json!(STANDARD.encode(bytes));
    file
}

#[tokio::test]
async fn a_voucher_is_shown_to_be_counted_and_whatever_is_altered_is_found() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let demo = Demo::start(&data);
    let checker = Checker::of(&data, ORIGIN, home.path());
    let policy = home.path().join("policy");
    let policy = policy.to_str().expect("UTF-8");
    let client = Client::of(&demo);
    let statement = stated(&client).await;
    let log = format!("{}/log", client.base_url);
    let said = run_well(&["verify", "liabilities", &log, "--policy", policy]);
    assert!(said.contains("the statement holds"), "{said}");
    assert!(said.contains("EUR are owed"), "{said}");
    // A voucher's proof, checked from the file that its owner saves.
    let pin = demo.pins("EUR", "25.00").remove(0);
    let file = counted(&client, &pin).await;
    let saved = write(&home.path().join("mine.json"), &file);
    let said = run_well(&["verify", "liabilities", &saved, "--policy", policy]);
    assert!(said.contains("25.00 EUR of voucher"), "{said}");
    let words = [
        "verify",
        "liabilities",
        &log,
        "--policy",
        policy,
        "--proof",
        &saved,
    ];
    assert!(run_well(&words).contains("25.00 EUR of voucher"));
    for (member, place, why) in [
        ("statement", 30, "is not the one whose receipt this is"),
        ("holder_proof", 27, "another root"),
        ("holder_proof", 20, "too few"),
        ("holder_proof", 200, "another root"),
        ("holder_proof", 3_000, "nowhere below zero"),
    ] {
        let bad = write(
            &home.path().join("bad.json"),
            &altered(&file, member, place),
        );
        let said = run_badly(&["verify", "liabilities", &bad, "--policy", policy]);
        assert!(said.contains(why), "{member} {place}: {said}");
    }
    // The leaf is one of the log that everybody checks.
    checker.check(&log);
    let older = statement["older"].as_array().expect("a list").len();
    assert_eq!(older, 0, "it was the first");
    let sequence = statement["sequence"].to_string();
    let path = format!("/log/liabilities/{sequence}");
    let again = client.call(Method::GET, &path, None, None).await;
    assert_eq!(
        again.expect("an answer").body["statement"],
        statement["statement"]
    );
    for (path, status) in [
        ("/log/liabilities/1", StatusCode::NOT_FOUND),
        ("/log/liabilities/x", StatusCode::BAD_REQUEST),
    ] {
        let answer = client.call(Method::GET, path, None, None).await;
        assert_eq!(answer.expect("an answer").status, status, "{path}");
    }
    demo.stop();
    issuer_counts_again(&data, &saved, policy);
}

/// What the issuer does with its own data, while no server runs on it.
fn issuer_counts_again(data: &Path, saved: &str, policy: &str) {
    let place = data.to_str().expect("UTF-8");
    let words = [
        "verify",
        "liabilities",
        saved,
        "--policy",
        policy,
        "--data",
        place,
    ];
    let said = run_well(&words);
    assert!(said.contains("the accounts have the same totals"), "{said}");
    assert!(said.contains("the trees come out the same"), "{said}");
    // What was kept may be lost: it is made again.
    std::fs::remove_file(data.join("liabilities.db")).expect("the file is there");
    let said = run_well(&["liabilities", "--data", place]);
    assert!(said.contains("states what is owed after entry"), "{said}");
    let said = run_well(&["liabilities", "--data", place]);
    assert!(said.contains("nothing new is stated"), "{said}");
    // Another key file makes other trees.
    let key = data.join("vault.key");
    let own = std::fs::read(&key).expect("the key can be read");
    std::fs::remove_file(&key).expect("it can be removed");
    let other = tempfile::tempdir().expect("a directory");
    let other_data = other.path().join("data");
    run_well(&[
        "product",
        "--data",
        other_data.to_str().expect("UTF-8"),
        "--id",
        "00002",
        "--country",
        "AT",
        "--currency",
        "EUR",
        "--denomination",
        "25",
    ]);
    std::fs::copy(other_data.join("vault.key"), &key).expect("a copy");
    let said = run_badly(&words);
    assert!(said.contains("another tree in"), "{said}");
    std::fs::write(&key, own).expect("the key can be written");
}

#[tokio::test]
async fn every_node_shows_the_statement_and_proves_merchants_and_vouchers() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let data = one.path().join("data");
    let place = data.to_str().expect("UTF-8").to_owned();
    let [merchant_key, distributor_key] = found(&place, &store);
    let operator = run_well(&[
        "operator", "--data", &place, "--store", &store, "--name", "Ada", "--scope", "people",
    ]);
    let operator = operator
        .lines()
        .find_map(|line| line.strip_prefix("API key (shown once): "));
    let operator = operator.expect("a key").to_owned();
    std::fs::create_dir(two.path().join("data")).expect("a directory");
    std::fs::copy(data.join("vault.key"), two.path().join("data/vault.key")).expect("a copy");
    Checker::of(&data, NODES_ORIGIN, one.path());
    let policy = one.path().join("policy");
    let policy = policy.to_str().expect("UTF-8");
    let nodes = [&one, &two].map(|home| Node::start(home.path(), &store));
    let clients = [0, 1].map(|at| Client::new(&nodes[at].base_url, &merchant_key));
    let none = clients[0]
        .call(Method::GET, "/log/liabilities", None, None)
        .await;
    assert_eq!(none.expect("an answer").status, StatusCode::NOT_FOUND);
    let pin = buy(&nodes[0], &distributor_key).await;
    // Two nodes are asked at the same moment.
    let asking = clients.each_ref().map(|client| {
        let client = Client::new(&client.base_url, &operator);
        async move {
            let url = format!("{}/v1/operator/liabilities", client.base_url);
            let asked = client
                .http
                .post(url)
                .bearer_auth(&client.api_key)
                .send()
                .await;
            let answer = asked.expect("an answer");
            let status = answer.status();
            let bytes = answer.bytes().await.expect("a body");
            let body = String::from_utf8_lossy(&bytes);
            assert_eq!(status, StatusCode::OK, "{body}");
            serde_json::from_str::<Value>(&body).expect("JSON")
        }
    });
    let [first, second] = asking;
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first["sequence"], second["sequence"], "{first} {second}");
    for client in &clients {
        let issuer = [place.as_str(), store.as_str(), policy];
        check_node(client, &first, &pin, issuer).await;
    }
    // The parts that the nodes keep are lost, and made again.
    cluster.execute(&store, "DELETE FROM liability_parts");
    let other = buy(&nodes[0], &distributor_key).await;
    let file = counted(&clients[1], &other).await;
    assert!(file["holder_proof"].is_null(), "it was bought afterwards");
    nodes.into_iter().for_each(Node::stop);
}

/// What one node shows and proves; the issuer is its data directory, its storage and a policy.
async fn check_node(client: &Client, first: &Value, pin: &str, issuer: [&str; 3]) {
    let [place, store, policy] = issuer;
    let home = tempfile::tempdir().expect("a directory");
    let statement = stated(client).await;
    assert_eq!(statement["sequence"], first["sequence"]);
    let log = format!("{}/log", client.base_url);
    run_well(&["verify", "liabilities", &log, "--policy", policy]);
    let file = counted(client, pin).await;
    let saved = write(&home.path().join("mine.json"), &file);
    let words = [
        "verify",
        "liabilities",
        &saved,
        "--policy",
        policy,
        "--data",
        place,
        "--store",
        store,
    ];
    let said = run_well(&words);
    assert!(said.contains("25.00 EUR of voucher"), "{said}");
    assert!(said.contains("the trees come out the same"), "{said}");
    // Nothing is payable to the merchant.
    let path = "/v1/liabilities/proof?currency=EUR";
    let answer = client
        .call(Method::GET, path, None, None)
        .await
        .expect("an answer");
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    assert!(answer.body["holder_proof"].is_null());
    let answer = client
        .call(Method::GET, "/v1/liabilities/proof", None, None)
        .await;
    assert_eq!(answer.expect("an answer").status, StatusCode::BAD_REQUEST);
}
