use std::path::Path;

use super::{CrateGraph, Dependency, DependencyKind, Floor, FloorTable, check, edge_violation};
use crate::tidy::finding::Violation;

const PAGE: &str = "\
# A page
| not | this | table |
## Floors

A crate may use the floors below it.

| floor | crate | owns | uses on its own floor |
| --- | --- | --- | --- |
| 4 edges | `api` | REST | `web` |
| | `store-sqlite`, `store-other` | SQL | |
| | `web` | frame | |
| 3 shell | `engine` | batching | |
| 1 rules | `accounting` | postings | `payment`, `voucher` |
| | `payment` | states | |
| | `tlog` | tree | `verifier` in tests |
| | `liabilities` | sums | `accounting`; `verifier` in tests |
| | `verifier` | checks | nothing of ours |
| | `voucher` | states | |
| 0 words | `money` | amount | |
| beside | `sim` | model | |
| | `chaos` | judge | nothing of ours |

## Another heading
| 9 none | `nobody` | nothing | |
";

fn table() -> FloorTable {
    FloorTable::parse(PAGE).expect("the page holds a table")
}

#[track_caller]
fn check_edge(
    user: &str,
    used: &str,
    kind: DependencyKind,
    expected: Option<fn(String, String) -> Violation>,
) {
    let is_member = table().floor(used).is_some();
    let dependency = Dependency {
        name: used.to_owned(),
        kind,
        is_member,
    };
    let expected = expected.map(|violation| violation(user.to_owned(), used.to_owned()));
    assert_eq!(
        edge_violation(&table(), user, &dependency),
        expected,
        "{user} -> {used}"
    );
}

fn upwards(user: String, used: String) -> Violation {
    Violation::EdgeUpwards { user, used }
}
fn on_same_floor(user: String, used: String) -> Violation {
    Violation::EdgeOnSameFloor { user, used }
}
fn to_beside(user: String, used: String) -> Violation {
    Violation::EdgeToBeside { user, used }
}
fn of_independent(user: String, used: String) -> Violation {
    Violation::EdgeOfIndependent { user, used }
}
fn external(user: String, used: String) -> Violation {
    Violation::ExternalDependency { user, used }
}

#[test]
fn table_is_read_from_below_its_heading() {
    assert_eq!(table().floor("store-other"), Some(Floor::Number(4)));
    assert_eq!(table().floor("voucher"), Some(Floor::Number(1)));
    assert_eq!(table().floor("sim"), Some(Floor::Beside));
    assert_eq!(table().floor("nobody"), None);
    assert_eq!(table().crates().count(), 14);
}

#[test]
fn an_independent_crate_uses_none_of_ours() {
    for kind in [DependencyKind::Product, DependencyKind::Test] {
        check_edge("chaos", "money", kind, Some(of_independent));
        check_edge("chaos", "sim", kind, Some(of_independent));
        check_edge("chaos", "tokio", kind, None);
        check_edge("sim", "money", kind, None);
    }
}

#[test]
fn malformed_tables_are_refused() {
    for page in [
        "no heading",
        "## Floors\nno table",
        "## Floors\n| floor | crate |\n| --- | --- |",
        &PAGE.replace("| `web` | frame | |", "| `web` | frame |"),
        &PAGE.replace("4 edges", "edges"),
        &PAGE.replace("4 edges", ""),
        &PAGE.replace("`voucher` | states", "`payment` | states"),
    ] {
        assert!(FloorTable::parse(page).is_err(), "{page}");
    }
}

#[test]
fn product_edges_lead_down_or_where_the_row_allows() {
    let kind = DependencyKind::Product;
    check_edge("engine", "money", kind, None);
    check_edge("api", "engine", kind, None);
    check_edge("api", "web", kind, None);
    check_edge("accounting", "voucher", kind, None);
    check_edge("web", "api", kind, Some(on_same_floor));
    check_edge("payment", "voucher", kind, Some(on_same_floor));
    check_edge("voucher", "payment", kind, Some(on_same_floor));
    check_edge("store-sqlite", "store-other", kind, Some(on_same_floor));
    check_edge("money", "payment", kind, Some(upwards));
    check_edge("engine", "store-sqlite", kind, Some(upwards));
}

#[test]
fn crates_beside_the_floors_are_for_tests_alone() {
    check_edge("sim", "api", DependencyKind::Product, None);
    check_edge("engine", "sim", DependencyKind::Product, Some(to_beside));
    check_edge("engine", "sim", DependencyKind::Test, None);
    check_edge("money", "sim", DependencyKind::Test, None);
}

#[test]
fn tests_above_the_pure_floors_may_use_every_crate() {
    check_edge("engine", "store-sqlite", DependencyKind::Test, None);
    check_edge("web", "api", DependencyKind::Test, None);
    check_edge("payment", "engine", DependencyKind::Test, Some(upwards));
    check_edge(
        "payment",
        "voucher",
        DependencyKind::Test,
        Some(on_same_floor),
    );
}

#[test]
fn a_row_may_allow_an_edge_to_its_tests_alone() {
    check_edge("tlog", "verifier", DependencyKind::Test, None);
    check_edge(
        "tlog",
        "verifier",
        DependencyKind::Product,
        Some(on_same_floor),
    );
    check_edge("liabilities", "verifier", DependencyKind::Test, None);
    check_edge("liabilities", "accounting", DependencyKind::Product, None);
    check_edge(
        "liabilities",
        "verifier",
        DependencyKind::Product,
        Some(on_same_floor),
    );
    check_edge(
        "verifier",
        "money",
        DependencyKind::Product,
        Some(of_independent),
    );
}

#[test]
fn pure_floors_take_listed_external_crates_only() {
    check_edge("money", "thiserror", DependencyKind::Product, None);
    check_edge("money", "proptest", DependencyKind::Test, None);
    check_edge("money", "proptest", DependencyKind::Product, Some(external));
    check_edge("payment", "tokio", DependencyKind::Test, Some(external));
    check_edge("tlog", "sha2", DependencyKind::Product, None);
    check_edge("money", "sha2", DependencyKind::Product, Some(external));
    check_edge("tlog", "ct-merkle", DependencyKind::Test, None);
    check_edge("tlog", "ct-merkle", DependencyKind::Product, Some(external));
    check_edge(
        "verifier",
        "base64",
        DependencyKind::Product,
        Some(external),
    );
    check_edge("engine", "tokio", DependencyKind::Product, None);
    check_edge("sim", "rand", DependencyKind::Product, None);
}

#[test]
fn table_and_workspace_name_the_same_crates() {
    let metadata = r#"{"packages": [
        {"name": "money", "manifest_path": "/house/crates/money/Cargo.toml", "dependencies": []},
        {"name": "stray", "manifest_path": "/house/crates/stray/Cargo.toml", "dependencies": [
            {"name": "sim", "kind": "dev", "path": "/house/crates/sim"}, {"name": "tokio", "kind": null}]}
    ]}"#;
    let graph =
        CrateGraph::parse(metadata, Path::new("/house")).expect("the metadata is well formed");
    let findings = check(&table(), &graph);
    let strays: Vec<String> = findings
        .iter()
        .map(ToString::to_string)
        .filter(|text| text.contains("stray"))
        .collect();
    assert_eq!(
        strays,
        ["crates/stray/Cargo.toml: crate `stray` stands on no floor of the table"]
    );
    assert_eq!(
        findings.len(),
        1 + 13,
        "thirteen rows of the table have no crate here"
    );
}
