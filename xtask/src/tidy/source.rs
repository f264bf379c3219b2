//! Rules for Rust source.

use super::finding::{Finding, Violation};
use super::floors::{Floor, FloorTable};
use super::functions;
use super::masking::{is_name_character, mask};
use crate::workspace::ProjectFile;

/// What floors 0 and 1 never contain outside their tests: async, I/O, clocks and, except in the features and models of
/// `risk`, floating point. Addresses of `std::net` are plain values and allowed; sockets are not.
const IMPURE_WORDS: [&str; 10] = [
    "async",
    "await",
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "TcpStream",
    "UdpSocket",
    "SystemTime",
    "Instant::now",
];
const FLOATING_POINT_WORDS: [&str; 2] = ["f32", "f64"];

const LINT_SILENCERS: [&str; 4] = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];

pub fn check(file: &ProjectFile, table: &FloorTable) -> Vec<Finding> {
    let Some(text) = file.text().filter(|_| file.has_extension("rs")) else {
        return Vec::new();
    };
    let code = mask(text).code;
    let mut findings = functions::check(&file.path, &code);
    findings.extend(check_crate_root(&file.path, text));
    findings.extend(check_silenced_lints(&file.path, &code));
    findings.extend(check_purity(&file.path, &code, table));
    findings
}

fn check_crate_root(path: &str, text: &str) -> Option<Finding> {
    let is_root = path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs");
    (is_root && !text.starts_with("//!"))
        .then(|| Finding::on_file(path, Violation::CrateRootWithoutDocs))
}

fn check_silenced_lints(path: &str, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for silencer in LINT_SILENCERS {
        for (start, _) in code.match_indices(silencer) {
            let attribute = code[start..].split(']').next().unwrap_or_default();
            if !attribute.contains("reason =") {
                let line = 1 + code[..start].matches('\n').count();
                findings.push(Finding::on_line(
                    path,
                    line,
                    Violation::LintSilencedWithoutReason,
                ));
            }
        }
    }
    findings
}

fn check_purity(path: &str, code: &str, table: &FloorTable) -> Vec<Finding> {
    let Some((crate_name, inner_path)) = path
        .strip_prefix("crates/")
        .or_else(|| path.strip_prefix("libs/"))
        .and_then(|rest| rest.split_once('/'))
    else {
        return Vec::new();
    };
    let is_product = inner_path.starts_with("src/")
        && !inner_path.ends_with("tests.rs")
        && !inner_path.contains("/tests/");
    if !is_product || !table.floor(crate_name).is_some_and(Floor::is_pure) {
        return Vec::new();
    }
    let floating_point = match crate_name {
        "risk" => &[][..],
        _ => &FLOATING_POINT_WORDS[..],
    };
    let mut findings = Vec::new();
    for (index, line) in code.lines().enumerate() {
        for word in IMPURE_WORDS
            .iter()
            .chain(floating_point)
            .copied()
            .filter(|word| contains_word(line, word))
        {
            let violation = Violation::ImpureOnLowFloor {
                crate_name: crate_name.to_owned(),
                word,
            };
            findings.push(Finding::on_line(path, index + 1, violation));
        }
    }
    findings
}

fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(is_name_character) && !after.is_some_and(is_name_character)
    })
}

#[cfg(test)]
mod tests;
