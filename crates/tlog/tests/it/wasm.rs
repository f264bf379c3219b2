//! The verifier as a browser has it, run by Node.

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tlog::hash::TreeHash;
use tlog::promise::Promises;
use tlog::proof_file::ProofFile;
use tlog::receipt::View;
use tlog::tile::TilePath;
use verifier::report;

use crate::promised::{joined, parsed};
use crate::support::{Key, Log, NOW, leaf, openings, policy_text};

/// Checks each receipt and prints the reports.
const SCRIPT: &str = r#"
import { readFile } from "node:fs/promises";
const [module, wasm, policy, now, ...receipts] = process.argv.slice(1);
const { loadVerifier } = await import(module);
const verifier = await loadVerifier(await readFile(wasm));
const date = new Date(Number(now) * 1000);
console.log(JSON.stringify(receipts.map((receipt) => verifier.verifyReceipt(policy, receipt, date))));
"#;

#[expect(
    clippy::disallowed_methods,
    reason = "the module's place comes from the one who started the tests"
)]
fn tool(name: &str) -> PathBuf {
    let path = std::env::var_os(name).map(PathBuf::from);
    path.unwrap_or_else(|| {
        panic!(
            "{name} is not set; run `cargo xtask test`, or `eval \"$(cargo xtask tools)\"` first"
        )
    })
}

fn module() -> &'static str {
    concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../libs/verifier/wasm/verifier.mjs"
    )
}

fn receipt() -> ProofFile {
    let log = Log::grown_to([300], |index| leaf(index).encode());
    let mut checkpoint = Key::log().checkpoint(log.edge.head());
    Key::witness(0).cosign(&mut checkpoint, NOW);
    let view = View::new(leaf(299), openings(299)).expect("the openings are the leaf's");
    view.into_receipt(log.inclusion(299, 300), checkpoint)
}

/// Asks what became of each promise, with the files of a log in base64, and prints the reports.
const PROMISES: &str = r#"
import { readFile } from "node:fs/promises";
const [module, wasm, policy, now, files, note, ...promises] = process.argv.slice(1);
const { loadVerifier } = await import(module);
const verifier = await loadVerifier(await readFile(wasm));
const date = new Date(Number(now) * 1000);
const file = (path) => Buffer.from(JSON.parse(files)[path], "base64");
const reports = [];
for (const promise of promises) {
  const outcome = await verifier.verifyPromise(policy, note, promise, date, file);
  reports.push(verifier.readPromise(policy, promise), outcome);
  if (outcome.shown) {
    reports.push(verifier.verifyPromiseAgainst(policy, promise, outcome.shown, date));
  }
}
console.log(JSON.stringify(reports));
"#;

#[test]
fn a_browser_judges_promises_alike() {
    let log = Log::grown_to([300], |index| leaf(index).encode());
    let encoded =
        |(path, bytes): (&TilePath, &Vec<u8>)| (path.to_string(), json!(STANDARD.encode(bytes)));
    let files = Value::Object(log.files.iter().map(encoded).collect());
    let mut checkpoint = Key::log().checkpoint(log.edge.head());
    Key::witness(0).cosign(&mut checkpoint, NOW);
    let note = checkpoint.note().to_string();
    let policy = policy_text("all", 1);
    let honest = TreeHash::of_leaf(leaf(299).encode().as_bytes());
    let promises = [
        (299, honest, 5),
        (280, honest, 5),
        (300, honest, 5),
        (300, honest, NOW + 1),
    ];
    let promises = promises.map(|(index, leaf, deadline)| {
        let key = Key::log();
        let sign = |message: &[u8]| key.sign(message);
        let Ok(run) = Promises::sign(key.public.clone(), index, vec![leaf], deadline, sign);
        run.at(index).expect("it is of the run").to_string()
    });
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", PROMISES, "--", module()])
        .arg(tool("SCRIP_TEST_VERIFIER"))
        .args([&policy, &NOW.to_string(), &files.to_string(), &note])
        .args(&promises)
        .output()
        .expect("node runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut expected = Vec::new();
    for promise in &promises {
        let [policy, note, promise] = [&policy, &note, promise].map(|text| text.as_bytes());
        let wanted = report::promise_files(policy, note, promise, NOW);
        let files = joined(&log.files, &parsed(&wanted)["files"]);
        let outcome = parsed(&report::promise_outcome(policy, note, promise, &files, NOW));
        expected.push(parsed(&report::promise(policy, promise)));
        let shown = outcome["shown"].as_str().map(str::to_owned);
        expected.push(outcome);
        expected.extend(shown.map(|shown| {
            parsed(&report::promise_against(
                policy,
                promise,
                shown.as_bytes(),
                NOW,
            ))
        }));
    }
    let outcomes: Vec<&Value> = expected
        .iter()
        .filter_map(|one| one.get("outcome"))
        .collect();
    assert_eq!(outcomes, ["kept", "broken", "broken", "open"]);
    assert_eq!(said, Value::Array(expected));
}

#[test]
fn a_browser_gets_the_same_answers() {
    let good = receipt();
    let moved = ProofFile {
        index: 298,
        ..good.clone()
    };
    let receipts = [good.to_string(), moved.to_string(), String::new()];
    let policy = policy_text("all", 1);
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", SCRIPT, "--", module()])
        .arg(tool("SCRIP_TEST_VERIFIER"))
        .args([&policy, &NOW.to_string()])
        .args(&receipts)
        .output()
        .expect("node runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let expected =
        receipts.map(|receipt| report::receipt(policy.as_bytes(), receipt.as_bytes(), NOW));
    assert!(
        expected[0].starts_with("{\"valid\":true"),
        "{}",
        expected[0]
    );
    assert!(
        expected[1].starts_with("{\"valid\":false"),
        "{}",
        expected[1]
    );
    let printed = String::from_utf8(output.stdout).expect("JSON is text");
    assert_eq!(printed.trim(), format!("[{}]", expected.join(",")));
}
