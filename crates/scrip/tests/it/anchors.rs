//! `scrip verify anchors` on a chain that runs: a log that is as it was anchored, and one that was rewritten since.

use anchors::contract::Head;
use anchors::words::Word;
use tlog::edge::RightEdge;

use crate::chain::{CHAIN, Chain};
use crate::log::{Home, leaf};
use crate::program::{run_badly, run_well};

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
