//! `docs/metrics.md` against what is told.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use sim::cluster::cluster;

use super::METRICS;
use super::watched::deploy;
use crate::node::Node;
use crate::nodes::found;
use crate::peers::tool;
use crate::program::Demo;

/// What the table says of those that there are only with a database.
const ABSENT_WHEN_EMBEDDED: &str = "Absent with the embedded store";
/// It says so of none.
const ABSENT_NOWHERE: &str = "Absent everywhere";

/// A line of the table: name, type, labels, and what it is.
fn documented() -> Vec<[String; 4]> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/metrics.md");
    let text = std::fs::read_to_string(file).expect("docs/metrics.md");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let bare = |cell: &str| cell.replace(['`', ' '], "");
        let [name, kind, labels, what] = cells[..] else {
            panic!("{line} has other columns");
        };
        [bare(name), bare(kind), bare(labels), what.to_owned()]
    });
    rows.collect()
}

/// What a node tells: name and type, and the names of labels where there are samples.
async fn told(url: &str) -> BTreeSet<[String; 3]> {
    let answer = reqwest::get(url).await.expect("an answer");
    let text = answer.text().await.expect("a text");
    let mut told = BTreeSet::new();
    for line in text.lines() {
        let Some(kind) = line.strip_prefix("# TYPE ") else {
            continue;
        };
        let (name, kind) = kind.split_once(' ').expect("a name and a type");
        let ending = if kind == "counter" { "_total" } else { "" };
        let mut samples = text.lines().filter(|line| line.starts_with(name));
        let labels = samples.find_map(|line| line[name.len()..].split_once('{')?.1.split_once('}'));
        let mut labels: Vec<&str> = labels.map_or(Vec::new(), |(labels, _)| {
            let pairs = labels.split("\",");
            pairs
                .filter_map(|pair| Some(pair.split_once('=')?.0))
                .collect()
        });
        labels.retain(|label| *label != "le");
        labels.sort_unstable();
        told.insert([format!("{name}{ending}"), kind.to_owned(), labels.join(",")]);
    }
    told
}

fn expected_rows(absent: &str) -> impl Iterator<Item = [String; 4]> {
    let rows = documented().into_iter();
    rows.filter(move |[_, _, _, what]| !what.contains(absent))
}

fn expected(absent: &str) -> BTreeSet<[String; 3]> {
    expected_rows(absent)
        .map(|[name, kind, labels, _]| {
            let mut labels: Vec<&str> = labels.split(',').collect();
            labels.sort_unstable();
            [name, kind, labels.join(",")]
        })
        .collect()
}

#[tokio::test]
async fn everything_that_is_told_is_documented_and_the_other_way_round() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let embedded = told(demo.text("metrics_url")).await;
    assert_eq!(embedded, expected(ABSENT_WHEN_EMBEDDED));

    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let store = cluster.database();
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    found(data.to_str().expect("UTF-8"), &store);
    let node = Node::start_with(directory.path(), &store, METRICS);
    // So that there is a request to tell of, a command, and an account.
    let ready = format!("{}/readyz", node.base_url);
    reqwest::get(ready).await.expect("an answer");
    let url = node.metrics.as_deref().expect("an address");
    let shared = told(&format!("http://{url}/metrics")).await;
    let names = |all: &BTreeSet<[String; 3]>| -> BTreeSet<String> {
        all.iter().map(|[name, _, _]| name.clone()).collect()
    };
    assert_eq!(names(&shared), names(&expected(ABSENT_NOWHERE)));
}

#[test]
fn the_agent_of_datadog_submits_everything_that_is_documented() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/datadog.py");
    let output = Command::new(tool("SCRIP_TEST_DATADOG_PYTHON"))
        .arg(script)
        .arg(demo.text("metrics_url"))
        .arg(deploy("datadog/openmetrics.d/conf.yaml"))
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let submitted: BTreeSet<&str> = said.lines().collect();
    for [name, kind, _, _] in expected_rows(ABSENT_WHEN_EMBEDDED) {
        let bare = name.trim_start_matches("scrip_").trim_end_matches("_total");
        let there = match kind.as_str() {
            "counter" => format!("scrip.{bare}.count"),
            _ => format!("scrip.{bare}"),
        };
        assert!(
            submitted.contains(there.as_str()),
            "{there} is not in {submitted:#?}\n{complaint}"
        );
    }
}
