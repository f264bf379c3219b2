//! The floor table of ARCHITECTURE.md, and whether the crates keep to it.

mod graph;
mod table;

use super::finding::{Finding, Violation};
pub use graph::CrateGraph;
use graph::{Dependency, DependencyKind};
pub use table::{Floor, FloorTable};

/// External crates that floors 0 and 1 may take: an error derive and a table of currency codes.
const LOW_FLOOR_EXTERNALS: [&str; 2] = ["thiserror", "iso_currency"];
const LOW_FLOOR_TEST_EXTERNALS: [&str; 1] = ["proptest"];
/// What `risk` takes besides: a rule language, gradient-boosted trees, sketches, the forms of their files, digests that
/// name rule sets and models, and the likeness of a mistyped name to the right one.
const RISK_EXTERNALS: [&str; 10] = [
    "cel",
    "datasketches",
    "forust-ml",
    "hashbrown",
    "hessboost",
    "serde",
    "serde_json",
    "sha2",
    "zstd",
    "strsim",
];

/// What the log takes besides: digests, signatures, a spelling of bytes, and bytes that many leaves share.
const TLOG_EXTERNALS: [&str; 4] = ["base64", "bytes", "ed25519-dalek", "sha2"];
/// Digests, and short values without memory of their own.
const LEAVES_EXTERNALS: [&str; 2] = ["sha2", "smallvec"];
/// Commitments, range proofs over them, and what both are drawn and derived from.
const LIABILITIES_EXTERNALS: [&str; 6] = [
    "bulletproofs",
    "curve25519-dalek",
    "hkdf",
    "merlin",
    "rand_chacha",
    "sha2",
];
/// The verifier checks the same; one library of them wants no compiler of C.
const VERIFIER_EXTERNALS: [&str; 7] = [
    "bulletproofs",
    "clear_on_drop",
    "curve25519-dalek",
    "ed25519-dalek",
    "merlin",
    "rand_chacha",
    "sha2",
];
/// Libraries of others that judge the log in its tests, and one that reads what the verifier reports.
const TLOG_TEST_EXTERNALS: [&str; 4] = ["ct-merkle", "serde_json", "signed_note", "tlog_tiles"];

pub fn check(table: &FloorTable, graph: &CrateGraph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &graph.members {
        if table.floor(&member.name).is_none() {
            let violation = Violation::CrateNotInTable {
                crate_name: member.name.clone(),
            };
            findings.push(Finding::on_file(&member.manifest_path, violation));
        }
        let violations = member
            .dependencies
            .iter()
            .filter_map(|used| edge_violation(table, &member.name, used));
        findings
            .extend(violations.map(|violation| Finding::on_file(&member.manifest_path, violation)));
    }
    for crate_name in table.crates() {
        if !graph.members.iter().any(|member| member.name == crate_name) {
            let violation = Violation::TableRowWithoutCrate {
                crate_name: crate_name.to_owned(),
            };
            findings.push(Finding::on_file("ARCHITECTURE.md", violation));
        }
    }
    findings
}

/// What is wrong with one edge, if anything. A crate that stands nowhere is reported elsewhere, once.
fn edge_violation(table: &FloorTable, user: &str, dependency: &Dependency) -> Option<Violation> {
    let user_floor = table.floor(user)?;
    let (user, used) = (user.to_owned(), dependency.name.clone());
    if !dependency.is_member {
        return (user_floor.is_pure() && !is_listed_external(&user, dependency))
            .then_some(Violation::ExternalDependency { user, used });
    }
    if table.is_independent(&user) {
        return Some(Violation::EdgeOfIndependent { user, used });
    }
    let used_floor = table.floor(&used)?;
    if dependency.kind == DependencyKind::Test
        && (used_floor == Floor::Beside || !user_floor.is_pure())
    {
        return None;
    }
    match (user_floor, used_floor) {
        (Floor::Beside, _) => None,
        (Floor::Number(_), Floor::Beside) => Some(Violation::EdgeToBeside { user, used }),
        (Floor::Number(own), Floor::Number(other)) if other < own => None,
        (Floor::Number(own), Floor::Number(other)) if own < other => {
            Some(Violation::EdgeUpwards { user, used })
        }
        (Floor::Number(_), Floor::Number(_))
            if table.allows_on_same_floor(&user, &used, dependency.kind) =>
        {
            None
        }
        (Floor::Number(_), Floor::Number(_)) => Some(Violation::EdgeOnSameFloor { user, used }),
    }
}

fn is_listed_external(user: &str, dependency: &Dependency) -> bool {
    let name = dependency.name.as_str();
    let (own, own_in_tests): (&[&str], &[&str]) = match user {
        "risk" => (&RISK_EXTERNALS, &[]),
        "tlog" => (&TLOG_EXTERNALS, &TLOG_TEST_EXTERNALS),
        "leaves" => (&LEAVES_EXTERNALS, &[]),
        "liabilities" => (&LIABILITIES_EXTERNALS, &[]),
        "verifier" => (&VERIFIER_EXTERNALS, &[]),
        _ => (&[], &[]),
    };
    let is_test = dependency.kind == DependencyKind::Test;
    LOW_FLOOR_EXTERNALS.contains(&name)
        || own.contains(&name)
        || (is_test && (LOW_FLOOR_TEST_EXTERNALS.contains(&name) || own_in_tests.contains(&name)))
}

#[cfg(test)]
mod tests;
