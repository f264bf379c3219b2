//! What a node tells of itself, as Prometheus asks for it.

mod documented;
mod watched;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sim::cluster::cluster;

use crate::client::Client;
use crate::node::Node;
use crate::nodes::{buy, found};
use crate::overload::Held;
use crate::program::Demo;

/// How long what happened may take to show.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);
const METRICS: &str = "metrics = '127.0.0.1:0'";

/// Samples by their name and labels, as they are written.
struct Look(BTreeMap<String, f64>);

impl Look {
    async fn at(url: &str) -> Look {
        let answer = reqwest::get(url).await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let kind = answer.headers()["content-type"].to_str().expect("a text");
        assert_eq!(
            kind,
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        );
        let text = answer.text().await.expect("a text");
        assert!(text.ends_with("# EOF\n"), "{text}");
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let samples = samples.map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().expect("a number"))
        });
        Look(samples.collect())
    }

    fn of(&self, name: &str) -> f64 {
        let found = self.0.get(name).copied();
        found.unwrap_or_else(|| panic!("there is no {name} in {:#?}", self.0))
    }
}

/// Looks until everything is as it should be.
async fn look_until(url: &str, mut is_so: impl FnMut(&Look) -> bool) -> Look {
    let end = Instant::now() + SHOWN_WITHIN;
    loop {
        let look = Look::at(url).await;
        if is_so(&look) {
            return look;
        }
        assert!(Instant::now() < end, "it does not show: {:#?}", look.0);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_payment_shows_in_all_that_it_went_through() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let (client, url) = (Client::of(&demo), demo.text("metrics_url"));
    let before = Look::at(url).await;
    let created = client
        .create(None, "10.00", "EUR")
        .await
        .expect("a payment");
    let id = created.body["id"].as_str().expect("an id").to_owned();
    // Its check digit is right, so that it is looked for.
    client
        .pay(&created.body, "0000000000000000")
        .await
        .expect("a page");
    let pin = &demo.pins("EUR", "25.00")[0];
    client.pay(&created.body, pin).await.expect("a page");
    client.capture(&id, None).await.expect("an answer");
    // As published clients write it.
    let spare = client.payment(&format!("{id}/")).await.expect("an answer");
    assert_eq!(spare.status, StatusCode::OK);
    let look = look_until(url, |look| {
        look.of("scrip_reader_lag_entries{reader=\"log\"}") == 0.0
            && look.of("scrip_messages_total{queue=\"merchants\",outcome=\"delivered\"}") > 0.0
    })
    .await;
    for (name, count) in [
        (
            "scrip_commands_total{command=\"create_payment\",outcome=\"applied\"}",
            1.0,
        ),
        (
            "scrip_commands_total{command=\"pay\",outcome=\"applied\"}",
            2.0,
        ),
        (
            "scrip_commands_total{command=\"capture_payment\",outcome=\"applied\"}",
            1.0,
        ),
        ("scrip_pin_tries_total{outcome=\"right\"}", 1.0),
        ("scrip_pin_tries_total{outcome=\"wrong\"}", 1.0),
        ("scrip_risk_decisions_total{verdict=\"allow\"}", 1.0),
        ("scrip_risk_decision_duration_seconds_count", 1.0),
        (
            "scrip_http_requests_total{method=\"POST\",route=\"/v1/payments\",status=\"201\"}",
            1.0,
        ),
        (
            "scrip_http_requests_total{method=\"GET\",route=\"/v1/payments/{id}\",status=\"200\"}",
            1.0,
        ),
        (
            "scrip_ledger_balance_minor{account=\"vouchers_held\",currency=\"EUR\"}",
            0.0,
        ),
        ("scrip_ledger_imbalance_minor{currency=\"EUR\"}", 0.0),
        ("scrip_rows_differing_total", 0.0),
        ("scrip_log_open", 1.0),
        ("scrip_storage_up", 1.0),
        ("scrip_leases_held{lease=\"sequencer\"}", 1.0),
    ] {
        assert_eq!(look.of(name), count, "{name}");
    }
    let payable = "scrip_ledger_balance_minor{account=\"merchant_payable\",currency=\"EUR\"}";
    assert_eq!(look.of(payable), -1_000.0);
    let grown = |name: &str| look.of(name) - before.of(name);
    assert!(4.0 <= grown("scrip_journal_head"));
    assert_eq!(look.of("scrip_log_entries"), look.of("scrip_journal_head"));
    assert!(4.0 <= grown("scrip_batch_commit_duration_seconds_count"));
}

#[tokio::test]
async fn a_pin_counts_once_however_often_somebody_guessed_before() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let (client, url) = (Client::of(&demo), demo.text("metrics_url"));
    let pay = async |pin: &str| {
        let created = client
            .create(None, "10.00", "EUR")
            .await
            .expect("a payment");
        client.pay(&created.body, pin).await.expect("a page");
        created.body
    };
    // As many as an address may type wrongly, and one that is turned away.
    let mut last = serde_json::Value::Null;
    for _ in 0..10 {
        last = pay("0000000000000000").await;
    }
    client.pay(&last, "0000000000000000").await.expect("a page");
    pay(&demo.pins("EUR", "25.00")[0]).await;
    let look = Look::at(url).await;
    for (outcome, count) in [
        ("wrong", 10.0),
        ("turned_away", 1.0),
        ("right", 1.0),
        ("undecided", 0.0),
    ] {
        let name = format!("scrip_pin_tries_total{{outcome=\"{outcome}\"}}");
        assert_eq!(look.of(&name), count, "{name}");
    }
}

#[tokio::test]
async fn a_storage_that_does_not_answer_takes_away_what_it_would_tell_and_nothing_else() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let [key, distributor_key] = found(data.to_str().expect("UTF-8"), &store);
    let node = Node::start_with(directory.path(), &store, METRICS);
    let url = format!(
        "http://{}/metrics",
        node.metrics.as_deref().expect("an address")
    );
    // Of the rules that the node wrote down no shop is told, and yet nothing waits to be read.
    let unread = "scrip_reader_lag_entries{reader=\"messages\"}";
    look_until(&url, |look| look.of(unread) == 0.0).await;
    buy(&node, &distributor_key).await;
    let sold = "scrip_ledger_balance_minor{account=\"vouchers_remaining\",currency=\"EUR\"}";
    let look = look_until(&url, |look| look.0.contains_key(sold)).await;
    assert_eq!(look.of("scrip_storage_up"), 1.0);
    assert_eq!(look.of("scrip_database_connections_max"), 16.0);
    assert_eq!(look.of(sold), -2_500.0);

    let overdue = "scrip_outbox_overdue_seconds{queue=\"merchants\"}";
    assert_eq!(look.of(overdue), 0.0);
    let held = Held::table(cluster, &store, "messages");
    let look = look_until(&url, |look| !look.0.contains_key(overdue)).await;
    assert_eq!(look.of("scrip_storage_up"), 1.0, "{:#?}", look.0);
    assert_eq!(look.of(sold), -2_500.0);
    drop(held);

    let held = Held::table(cluster, &store, "journal_head");
    let look = look_until(&url, |look| look.of("scrip_storage_up") == 0.0).await;
    assert!(!look.0.contains_key(sold), "{:#?}", look.0);
    assert_eq!(
        look.of("scrip_commands_total{command=\"deliver_order\",outcome=\"applied\"}"),
        1.0
    );
    drop(held);
    look_until(&url, |look| look.of("scrip_storage_up") == 1.0).await;

    // Nobody finds them where shops and payers are.
    let client = Client::new(&node.base_url, &key);
    let answer = client
        .call(reqwest::Method::GET, "/metrics", None, None)
        .await;
    assert_eq!(answer.expect("an answer").status, StatusCode::NOT_FOUND);
}
