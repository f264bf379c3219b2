//! Nodes that stop and start again while shops go on: a balancer sees it coming, and no request is dropped.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sim::cluster::cluster;

use crate::client::Client;
use crate::node::Node;
use crate::nodes::found;

/// How often the balancer asks.
const CHECK_EVERY: Duration = Duration::from_millis(50);
/// How long a started node may take to become ready.
const READY_MAX: Duration = Duration::from_secs(30);
const SHOPS: usize = 6;

/// The addresses of nodes that said that they are ready.
type Ready = Arc<Mutex<Vec<String>>>;

async fn readiness(client: &Client, base_url: &str) -> Option<(StatusCode, String)> {
    let answer = client
        .http
        .get(format!("{base_url}/readyz"))
        .send()
        .await
        .ok()?;
    let status = answer.status();
    Some((status, answer.text().await.ok()?))
}

/// Keeps asking every node that was ever added, as a balancer does.
async fn balance(client: Client, nodes: Arc<Mutex<Vec<String>>>, ready: Ready) {
    loop {
        let known = nodes.lock().expect("no panic").clone();
        let mut now_ready = Vec::new();
        for node in known {
            if let Some((StatusCode::OK, _)) = readiness(&client, &node).await {
                now_ready.push(node);
            }
        }
        *ready.lock().expect("no panic") = now_ready;
        tokio::time::sleep(CHECK_EVERY).await;
    }
}

/// A shop that makes payments one after another at nodes that are ready; answers how many.
async fn shop(client: Client, ready: Ready, stop: Arc<AtomicBool>, turn: usize) -> usize {
    let mut made = 0;
    while !stop.load(Ordering::Relaxed) {
        let node = {
            let ready = ready.lock().expect("no panic");
            ready.get((made + turn) % ready.len().max(1)).cloned()
        };
        let node = node.expect("a node is always ready");
        let client = Client {
            base_url: node.clone(),
            ..client.clone()
        };
        let answer = client.create(None, "10.00", "EUR").await;
        let answer = answer.unwrap_or_else(|error| panic!("{node} dropped a request: {error:?}"));
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        made += 1;
    }
    made
}

async fn wait_for_ready(ready: &Ready, base_url: &str) {
    let end = Instant::now() + READY_MAX;
    while !ready
        .lock()
        .expect("no panic")
        .iter()
        .any(|url| url == base_url)
    {
        assert!(Instant::now() < end, "{base_url} did not become ready");
        tokio::time::sleep(CHECK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_drops_no_request() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let directories = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let [merchant_key, _] = found_on_all(directories.each_ref().map(|it| it.path()), &store);
    let mut nodes: Vec<Node> = directories
        .iter()
        .map(|directory| Node::start(directory.path(), &store))
        .collect();
    let client = Client::new(&nodes[0].base_url, &merchant_key);
    let known: Vec<String> = nodes.iter().map(|node| node.base_url.clone()).collect();
    let known = Arc::new(Mutex::new(known));
    let ready = Ready::default();
    let balancer = tokio::spawn(balance(client.clone(), Arc::clone(&known), ready.clone()));
    for node in &nodes {
        wait_for_ready(&ready, &node.base_url).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let shops: Vec<_> = (0..SHOPS)
        .map(|turn| tokio::spawn(shop(client.clone(), ready.clone(), stop.clone(), turn)))
        .collect();
    for directory in &directories {
        let old = nodes.remove(0);
        old.tell_to_stop();
        let status = readiness(&client, &old.base_url).await.expect("it drains");
        assert_eq!(
            status,
            (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".into())
        );
        tokio::task::block_in_place(|| old.wait());
        let new = tokio::task::block_in_place(|| Node::start(directory.path(), &store));
        known.lock().expect("no panic").push(new.base_url.clone());
        wait_for_ready(&ready, &new.base_url).await;
        nodes.push(new);
    }
    stop.store(true, Ordering::Relaxed);
    let mut made = 0;
    for shop in shops {
        made += shop.await.expect("no shop met a failure");
    }
    balancer.abort();
    assert!(SHOPS < made, "the shops did little");
}

/// What [`found`] makes, with the same key of the vault in each directory.
fn found_on_all(directories: [&Path; 2], store: &str) -> [String; 2] {
    let [first, second] = directories.map(|directory| directory.join("data"));
    let keys = found(first.to_str().expect("UTF-8"), store);
    std::fs::create_dir(&second).expect("a directory");
    std::fs::copy(first.join("vault.key"), second.join("vault.key")).expect("a copy");
    keys
}

#[tokio::test]
async fn a_node_without_its_storage_lives_but_is_not_ready() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let directory = tempfile::tempdir().expect("a directory");
    let node = Node::start(directory.path(), &store);
    let client = Client::new(&node.base_url, "psc_none");
    let before = readiness(&client, &node.base_url).await;
    assert_eq!(before, Some((StatusCode::OK, "ready\n".into())));
    // Whoever may not see a row of it has no storage, and the connections stay.
    cluster.execute(&store, "ALTER TABLE journal_head RENAME TO hidden");
    let after = readiness(&client, &node.base_url).await;
    let missing = "the storage does not answer\n".into();
    assert_eq!(after, Some((StatusCode::SERVICE_UNAVAILABLE, missing)));
    let alive = client.http.get(format!("{}/livez", node.base_url)).send();
    assert_eq!(alive.await.expect("an answer").status(), StatusCode::OK);
}
