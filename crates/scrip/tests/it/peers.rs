//! Software that others wrote, unchanged, against the running program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::Demo;

#[expect(
    clippy::disallowed_methods,
    reason = "`cargo xtask test` says where it installed the tools"
)]
pub fn tool(name: &str) -> PathBuf {
    let place = std::env::var_os(name);
    PathBuf::from(
        place.unwrap_or_else(|| panic!("{name} is not set: run the tests with `cargo xtask test`")),
    )
}

/// Runs a script of `tests/peers` with the npm packages in reach.
fn node(script: &str, arguments: &[&str]) -> Output {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(script);
    // Node looks for packages beside the script.
    let packages = tool("SCRIP_TEST_NODE_MODULES");
    let beside = packages
        .parent()
        .expect("node_modules has a parent")
        .join(script);
    std::fs::copy(source, &beside).expect("the script can be copied");
    Command::new("node")
        .arg(&beside)
        .args(arguments)
        .output()
        .expect("node runs")
}

fn assert_success(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[test]
fn the_npm_package_paysafecard_takes_a_payment() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let pin = &demo.pins("EUR", "25.00")[0];
    let output = node(
        "paysafecard.cjs",
        &[demo.text("base_url"), demo.text("api_key"), pin],
    );
    assert_success(&output);
}

#[test]
fn the_npm_package_standardwebhooks_verifies_a_webhook() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let pin = &demo.pins("EUR", "25.00")[0];
    let output = node(
        "webhooks.cjs",
        &[demo.text("base_url"), demo.text("api_key"), pin],
    );
    assert_success(&output);
}

#[test]
fn schemathesis_finds_no_server_error_and_no_violation_of_the_schema() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let output = Command::new(tool("SCRIP_TEST_SCHEMATHESIS"))
        .arg("run")
        .arg(format!("{}/openapi.json", demo.text("base_url")))
        .args(["--header", &format!("Authorization: Bearer {}", demo.text("api_key"))])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"])
        .args(["--max-examples", "40", "--seed", "1", "--workers", "1"])
        .current_dir(data.path())
        .output()
        .expect("schemathesis runs");
    assert_success(&output);
}
