//! The files of `deploy/prometheus` and `deploy/grafana` in Prometheus and Alertmanager themselves, beside a real platform.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use sim::cluster::cluster;
use url::Url;

use super::{METRICS, look_until};
use crate::node::Node;
use crate::nodes::{buy, found};
use crate::overload::Held;

/// How long an alert may take to reach the pager. It takes some seconds, as nothing here waits for minutes.
const TOLD_WITHIN: Duration = Duration::from_secs(60);

pub fn deploy(file: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    root.join(file)
}

fn read(file: &str) -> String {
    let file = deploy(file);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What has to end well.
fn check(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is not there: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{program} {arguments:?}\n{said}");
}

#[test]
fn rules_and_configurations_are_accepted_and_each_alert_fires_when_it_should() {
    let file = |name: &str| deploy(name).to_str().expect("UTF-8").to_owned();
    check(
        "promtool",
        &["check", "config", &file("prometheus/prometheus.yml")],
    );
    for cases in ["scrip.rules.test.yml", "scrip.rules.hours.test.yml"] {
        let cases = file(&format!("prometheus/{cases}"));
        check("promtool", &["test", "rules", &cases]);
    }
    check(
        "amtool",
        &["check-config", &file("prometheus/alertmanager.yml")],
    );
}

/// A server that is killed when this is dropped.
struct Server(Child);

impl Server {
    fn start(program: &str, arguments: &[String]) -> Server {
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Server(child.unwrap_or_else(|error| panic!("{program} does not start: {error}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An address that was free a moment ago.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

type Told = Arc<Mutex<Vec<Value>>>;

/// Whom Alertmanager calls; answers the address and what it was told.
async fn pager() -> (String, Told) {
    let told = Told::default();
    let take = async |State(told): State<Told>, Json(call): Json<Value>| {
        let alerts = call["alerts"].as_array().cloned().unwrap_or_default();
        told.lock().expect("no panic").extend(alerts);
    };
    let router = Router::new()
        .route("/", post(take))
        .with_state(Arc::clone(&told));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/"), told)
}

async fn wait_until_told(told: &Told, alert: &str, status: &str) -> Value {
    let end = Instant::now() + TOLD_WITHIN;
    loop {
        let all = told.lock().expect("no panic").clone();
        let mut found = all.iter();
        let found = found.find(|it| it["labels"]["alertname"] == alert && it["status"] == status);
        if let Some(found) = found {
            return found.clone();
        }
        assert!(Instant::now() < end, "{alert} was not told: {all:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The same files with seconds where they have minutes and addresses of this machine.
struct Watch {
    url: String,
    _servers: [Server; 2],
}

impl Watch {
    async fn over(directory: &Path, node: &str, pager: &str, tickets: &str) -> Watch {
        let [prometheus, alertmanager] = [(); 2].map(|()| free_address());
        let quick = |text: String| {
            let lines = text.lines().map(|line| {
                let is_pause = ["for:", "interval:", "group_wait:", "group_interval:"]
                    .iter()
                    .any(|name| line.trim_start().starts_with(name));
                match line.split_once(':') {
                    Some((name, _)) if is_pause => format!("{name}: 1s"),
                    Some(_) | None => line.to_owned(),
                }
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        let rules = quick(read("prometheus/scrip.rules.yml"));
        let routes = quick(read("prometheus/alertmanager.yml"))
            .replace("http://pager.example/", pager)
            .replace("http://tickets.example/", tickets);
        let scraped = read("prometheus/prometheus.yml")
            .replace(
                "\"node1:9464\", \"node2:9464\", \"node3:9464\"",
                &format!("\"{node}\""),
            )
            .replace("alertmanager:9093", &alertmanager)
            .replace("localhost:9090", &prometheus)
            .replace("15s", "1s")
            .replace("5s", "1s");
        for (name, text) in [
            ("scrip.rules.yml", rules),
            ("alertmanager.yml", routes),
            ("prometheus.yml", scraped),
        ] {
            std::fs::write(directory.join(name), text).expect("a file");
        }
        let place = |name: &str| directory.join(name).display().to_string();
        let servers = [
            Server::start(
                "prometheus-alertmanager",
                &[
                    format!("--config.file={}", place("alertmanager.yml")),
                    format!("--storage.path={}", place("alerts")),
                    format!("--web.listen-address={alertmanager}"),
                    "--cluster.listen-address=".to_owned(),
                ],
            ),
            Server::start(
                "prometheus",
                &[
                    format!("--config.file={}", place("prometheus.yml")),
                    format!("--storage.tsdb.path={}", place("metrics")),
                    format!("--web.listen-address={prometheus}"),
                ],
            ),
        ];
        let watch = Watch {
            url: format!("http://{prometheus}"),
            _servers: servers,
        };
        watch.wait_for("up{job=\"scrip\"} == 1").await;
        watch
    }

    /// The alerts that it knows, each with its severity.
    async fn alerts(&self) -> BTreeSet<[String; 2]> {
        let url = format!("{}/api/v1/rules?type=alert", self.url);
        let answer = reqwest::get(url).await.expect("an answer");
        let answer: Value = answer.json().await.expect("JSON");
        let groups = answer["data"]["groups"].as_array().expect("groups").iter();
        let rules = groups.flat_map(|group| group["rules"].as_array().expect("rules"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        rules
            .map(|rule| [text(&rule["name"]), text(&rule["labels"]["severity"])])
            .collect()
    }

    /// What a query finds.
    async fn ask(&self, query: &str) -> Option<Vec<Value>> {
        let mut url: Url = self.url.parse().expect("a URL");
        url.set_path("/api/v1/query");
        url.query_pairs_mut().append_pair("query", query);
        let answer: Value = reqwest::get(url).await.ok()?.json().await.ok()?;
        let found = answer["data"]["result"].as_array().cloned();
        assert!(found.is_some(), "{query}\n{answer:#?}");
        found
    }

    async fn wait_for(&self, query: &str) {
        let end = Instant::now() + TOLD_WITHIN;
        while self.ask(query).await.is_none_or(|found| found.is_empty()) {
            assert!(Instant::now() < end, "nothing comes of {query}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test]
async fn whoever_is_on_duty_is_woken_when_the_platform_fails_and_not_before() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let [_, distributor_key] = found(data.to_str().expect("UTF-8"), &store);
    let node = Node::start_with(directory.path(), &store, METRICS);
    buy(&node, &distributor_key).await;
    let ((pager, paged), (tickets, _)) = (pager().await, pager().await);
    let address = node.metrics.as_deref().expect("an address");
    // What has to be done must be in hands before anybody looks.
    look_until(&format!("http://{address}/metrics"), |look| {
        let leases = ["timers", "message-reader", "message-delivery", "sequencer"];
        let is_held = |name| look.of(&format!("scrip_leases_held{{lease=\"{name}\"}}")) == 1.0;
        leases.into_iter().all(is_held)
    })
    .await;
    let watch = Watch::over(directory.path(), address, &pager, &tickets).await;
    watch
        .wait_for("scrip_leases_held{lease=\"sequencer\"} == 1")
        .await;
    for query in dashboard_queries() {
        assert!(watch.ask(&query).await.is_some(), "{query} is no query");
    }
    assert_eq!(watch.alerts().await, documented_alerts());
    let pages = watch
        .ask("ALERTS{severity=\"page\", alertstate=\"firing\"}")
        .await;
    assert_eq!(pages, Some(Vec::new()));

    let held = Held::table(cluster, &store, "journal_head");
    let told = wait_until_told(&paged, "ScripStorageDown", "firing").await;
    assert_eq!(told["labels"]["severity"], "page");
    assert!(told["annotations"]["action"].is_string(), "{told:#?}");
    drop(held);
    wait_until_told(&paged, "ScripStorageDown", "resolved").await;

    node.kill();
    wait_until_told(&paged, "ScripNoNodeUp", "firing").await;
}

/// The alerts of docs/monitoring.md.
fn documented_alerts() -> BTreeSet<[String; 2]> {
    let text = read("../docs/monitoring.md");
    let rows = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `Scrip"));
    let rows = rows.map(|row| {
        let mut cells = row.split('|').map(str::trim);
        let mut next = || cells.next().expect("a cell").trim_matches('`');
        [format!("Scrip{}", next()), next().to_owned()]
    });
    rows.collect()
}

/// The queries of all panels, for a platform as it stands now.
fn dashboard_queries() -> Vec<String> {
    let dashboard = read("grafana/scrip.json");
    let dashboard: Value = serde_json::from_str(&dashboard).expect("JSON");
    let mut queries = Vec::new();
    collect_queries(&dashboard, &mut queries);
    assert!(20 < queries.len(), "{queries:#?}");
    let now = |query: String| {
        let variables = [
            ("$__rate_interval", "1m"),
            ("$__range", "1h"),
            ("$node", ".*"),
        ];
        let variables = variables.iter();
        variables.fold(query, |query, (name, value)| query.replace(name, value))
    };
    queries.into_iter().map(now).collect()
}

fn collect_queries(value: &Value, queries: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let query = members.get("expr").and_then(Value::as_str);
            queries.extend(query.map(str::to_owned));
            members
                .values()
                .for_each(|value| collect_queries(value, queries));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|value| collect_queries(value, queries)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
