use super::check;
use crate::tidy::floors::FloorTable;
use crate::workspace::ProjectFile;

const PAGE: &str = "\
## Floors
| floor | crate | owns | uses on its own floor |
| --- | --- | --- | --- |
| 3 shell | `engine` | batching | |
| 0 words | `money` | amount | |
";

#[track_caller]
fn check_source(path: &str, text: &str, expected: &[&str]) {
    let table = FloorTable::parse(PAGE).expect("the page holds a table");
    let file = ProjectFile {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let findings: Vec<String> = check(&file, &table)
        .iter()
        .map(|finding| finding.violation.to_string())
        .collect();
    assert_eq!(findings, expected, "{path}: {text}");
}

#[test]
fn crate_roots_say_what_the_crate_is() {
    let expected = "begins without `//!`: say what the crate is";
    check_source("crates/money/src/lib.rs", "pub mod a;\n", &[expected]);
    check_source("crates/money/src/lib.rs", "//! Amounts.\n", &[]);
    check_source("crates/money/src/amount.rs", "pub mod a;\n", &[]);
}

#[test]
fn a_silenced_lint_needs_a_reason() {
    let expected = "silences a lint without `reason = \"...\"`";
    check_source("a.rs", "#[allow(dead_code)]\n", &[expected]);
    check_source("a.rs", "#![expect(\n  clippy::a,\n)]\n", &[expected]);
    check_source(
        "a.rs",
        "#[allow(\n  clippy::a,\n  reason = \"[b] because\"\n)]\n",
        &[],
    );
    check_source("a.rs", "// #[allow(dead_code)]\n", &[]);
}

#[test]
fn low_floors_are_pure_outside_their_tests() {
    let expected = "`f64` in `money`: floors 0 and 1 are pure and count in integers";
    check_source("crates/money/src/rate.rs", "let rate: f64;", &[expected]);
    check_source("crates/money/src/rate.rs", "// not an f64", &[]);
    check_source(
        "crates/money/src/rate.rs",
        "let buf64: std::net::IpAddr;",
        &[],
    );
    check_source("crates/money/src/rate/tests.rs", "let rate: f64;", &[]);
    check_source("crates/engine/src/rate.rs", "let rate: f64;", &[]);
    check_source("libs/money/src/rate.rs", "let rate: f64;", &[expected]);
}
