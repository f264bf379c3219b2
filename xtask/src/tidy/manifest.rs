//! Rules for the manifests of the member crates.

use super::finding::{Finding, Violation};
use crate::workspace::ProjectFile;

pub fn check(file: &ProjectFile) -> Vec<Finding> {
    match file.text() {
        Some(text) if is_member_manifest(file) => check_text(&file.path, text),
        Some(_) | None => Vec::new(),
    }
}

/// Workspaces of their own, because they are built in a way that is not the project's.
const OTHER_WORKSPACES: [&str; 2] = ["fuzz/", "libs/verifier/wasm/"];

/// The root manifest holds the versions.
fn is_member_manifest(file: &ProjectFile) -> bool {
    let is_of_other = OTHER_WORKSPACES
        .iter()
        .any(|directory| file.path.starts_with(directory));
    file.is_named("Cargo.toml") && file.path.contains('/') && !is_of_other
}

fn check_text(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut section = "";
    let mut inherits_lints = false;
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        } else if section == "lints" {
            inherits_lints |= line == "workspace = true";
        } else if section.ends_with("dependencies") && line.contains('=') && !is_inherited(line) {
            let dependency = line
                .split(['.', '='])
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            findings.push(Finding::on_line(
                path,
                index + 1,
                Violation::VersionOutsideWorkspace { dependency },
            ));
        }
    }
    if !inherits_lints {
        findings.push(Finding::on_file(path, Violation::LintsNotInherited));
    }
    findings
}

fn is_inherited(line: &str) -> bool {
    line.contains(".workspace = true") || line.contains("{ workspace = true")
}

#[cfg(test)]
mod tests;
