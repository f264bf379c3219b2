//! `scrip verify anchors` on a chain that runs: a log that is as it was anchored, and one that was rewritten since.

use anchors::contract::Head;
use anchors::words::Word;
use tlog::edge::RightEdge;

use std::path::Path;

use crate::chain::{CHAIN, Chain, tool};
use crate::client::Client;
use crate::log::{Home, leaf};
use crate::node::{Node, configuration};
use crate::nodes::found;
use crate::program::{run, run_badly, run_well};
use crate::published::{Checker, NODES_ORIGIN, grown_beyond, pay_often};

/// The head of the log's first entries; the note is whatever was published.
fn head(size: u64) -> Head {
    let mut edge = RightEdge::of_nothing();
    edge.append((0..size).map(|index| leaf(index, u64::MAX).encode()));
    Head {
        size,
        root: Word(*edge.head().root.as_bytes()),
        note_hash: Word([1; 32]),
    }
}

fn with(arguments: Vec<String>, run: fn(&[&str]) -> String) -> String {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run(&words)
}

#[tokio::test]
async fn a_log_is_held_against_what_was_anchored_of_it() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    for size in [3, 200] {
        chain.anchor(place, &head(size)).await;
    }
    chain.mine(4).await;
    let (honest, forged) = (Home::new(300, u64::MAX), Home::new(400, 100));
    let (contract, number) = (place.contract.to_string(), CHAIN.to_string());
    let submitter = chain.pins(place).submitter.to_string();
    let url = chain.url.to_string();
    let arguments = |home: &Home, more: &[&str]| {
        let (log, policy) = (home.text("log"), home.text("policy"));
        let fixed = [
            "verify",
            "anchors",
            &log,
            "--policy",
            &policy,
            "--chain",
            &number,
            "--contract",
            &contract,
            "--node",
            &url,
        ];
        let all = fixed.iter().chain(more).map(|word| (*word).to_owned());
        all.collect::<Vec<String>>()
    };
    let receipt = honest.text("receipt");
    let more = [
        "--submitter",
        &submitter,
        "--node",
        &url,
        "--receipt",
        &receipt,
    ];
    let said = with(arguments(&honest, &more), run_well);
    for part in [
        "as 2 nodes say that agree",
        "the log begins with the 3 entries",
        "the log begins with the 200 entries",
        "entry 3 is held fast since block 3",
        "the log is as it was anchored",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let alone = with(arguments(&honest, &["--submitter", &submitter]), run_well);
    assert!(alone.contains("would notice if it lies"), "{alone}");
    // The keys are the real ones, and the chain remembers.
    let said = with(arguments(&forged, &["--submitter", &submitter]), run_badly);
    for part in [
        "first 200 of 400 entries are not those",
        "block 3 of the chain",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let copy = Home::new(150, u64::MAX);
    let said = with(arguments(&copy, &["--submitter", &submitter]), run_badly);
    for part in ["ends with 150 entries", "bring a copy up to date"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let nobody = "0x00000000000000000000000000000000000000aa";
    let said = with(arguments(&honest, &["--submitter", nobody]), run_badly);
    assert!(said.contains("anchored nothing of this log"), "{said}");
    let said = with(arguments(&honest, &["--submitter", "0x12"]), run_badly);
    assert!(said.contains("40 hexadecimal digits"), "{said}");
}

/// A chain with our contract, made with the platform's own account, and what goes into the configuration.
async fn prepared(chain: &Chain, data: &str) -> (String, String) {
    let account = run_well(&["anchors", "account", "--data", data]);
    let account = account.trim().to_owned();
    let code = tool("SCRIP_TEST_ANCHOR_CONTRACT");
    let (url, number) = (chain.url.to_string(), CHAIN.to_string());
    let deploy = [
        "anchors", "deploy", "--data", data, "--chain", &number, "--node", &url, "--code", &code,
    ];
    let said = run_badly(&deploy);
    assert!(
        said.contains(&account),
        "it says who has to have coins: {said}"
    );
    let coins = serde_json::json!([account, "0xde0b6b3a7640000"]);
    chain.tell("anvil_setBalance", coins).await;
    let section = run_well(&deploy);
    let section = section
        .split_once("[anchors]")
        .expect("a section")
        .1
        .to_owned();
    let section = format!("[anchors]{section}nodes = [\"{url}\"]\nevery_seconds = 1\n");
    (account, section)
}

fn contract_of(section: &str) -> String {
    let line = section.lines().find(|line| line.starts_with("contract"));
    let line = line.expect("it names the contract");
    line.split('"').nth(1).expect("an address").to_owned()
}

/// The platform anchors by itself; a chain that is down costs payments nothing and is caught up with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_anchors_its_log_and_catches_up_with_a_chain_that_was_down() {
    let chain = Chain::start().await;
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let data = data.to_str().expect("UTF-8").to_owned();
    let [merchant_key, _] = found(&data, "");
    let (account, section) = prepared(&chain, &data).await;
    let file = configuration(home.path(), "");
    let text = std::fs::read_to_string(&file).expect("the configuration can be read");
    std::fs::write(&file, format!("{text}\n{section}")).expect("it can be written");
    let node = Node::start_from(&file);
    let shop = Client::new(&node.base_url, &merchant_key);
    let checker = Checker::of(Path::new(&data), NODES_ORIGIN, home.path());
    let log = format!("{}/log", node.base_url);
    let (contract, number, url) = (
        contract_of(&section),
        CHAIN.to_string(),
        chain.url.to_string(),
    );
    let policy = checker.policy();
    let verify = [
        "verify",
        "anchors",
        &log,
        "--policy",
        &policy,
        "--chain",
        &number,
        "--contract",
        &contract,
        "--submitter",
        &account,
        "--node",
        &url,
    ];
    pay_often(&shop, 3).await;
    let leaves = grown_beyond(&shop, 3).await;
    anchored_up_to(&chain, &verify, leaves).await;

    // While the chain stands still the shop sells on.
    chain.pause();
    pay_often(&shop, 5).await;
    let more = grown_beyond(&shop, leaves + 5).await;
    chain.go_on();
    anchored_up_to(&chain, &verify, more).await;
    node.stop();
}

/// Waits until the log is found anchored with so many leaves, while blocks are made.
async fn anchored_up_to(chain: &Chain, verify: &[&str], leaves: u64) {
    for _ in 0..120 {
        chain.mine(3).await;
        let output = run(verify);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let sizes = said.lines().filter_map(|line| {
            let rest = line.split_once("the log begins with the ")?.1;
            rest.split(' ').next()?.parse::<u64>().ok()
        });
        if leaves <= sizes.max().unwrap_or(0) {
            assert!(said.contains("the log is as it was anchored"), "{said}");
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    panic!("{leaves} leaves were never anchored");
}
