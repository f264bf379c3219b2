//! The verifier as a browser has it, run by Node.

use std::path::PathBuf;
use std::process::Command;

use tlog::proof_file::ProofFile;
use tlog::receipt::View;

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

fn receipt() -> ProofFile {
    let log = Log::grown_to([300], |index| leaf(index).encode());
    let mut checkpoint = Key::log().checkpoint(log.edge.head());
    Key::witness(0).cosign(&mut checkpoint, NOW);
    let view = View::new(leaf(299), openings(299)).expect("the openings are the leaf's");
    view.into_receipt(log.inclusion(299, 300), checkpoint)
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
    let module = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../libs/verifier/wasm/verifier.mjs"
    );
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", SCRIPT, "--", module])
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
    let expected = receipts
        .map(|receipt| verifier::report::receipt(policy.as_bytes(), receipt.as_bytes(), NOW));
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
