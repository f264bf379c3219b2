//! Rules for every file, whatever it holds.

use super::finding::{Finding, Violation};
use super::masking::mask;
use crate::workspace::ProjectFile;

const LINE_COUNT_MAX: usize = 1000;
const BYTE_COUNT_MAX: usize = 512 * 1024;

/// Written by cargo, by insta or by the release: not ours to shorten.
const LINE_COUNT_EXEMPT_EXTENSIONS: [&str; 2] = ["lock", "snap"];

/// Marks work that is not finished; a change may hold it, the main branch may not.
const FIX_ME: &str = "FIXME";

/// Prose may speak of the marker, and this directory has to name it.
const FIX_ME_EXEMPT_EXTENSIONS: [&str; 2] = ["md", "lock"];

/// Places on the author's machine and pointers out of the project. Split, or this file would break its own rule.
const FORBIDDEN_TERMS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/roo", "t/"),
    concat!("issue", " #"),
    concat!("arti", "factory"),
];

pub fn check(file: &ProjectFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if BYTE_COUNT_MAX < file.bytes.len() {
        let violation = Violation::FileTooLarge {
            byte_count: file.bytes.len(),
            byte_count_max: BYTE_COUNT_MAX,
        };
        findings.push(Finding::on_file(&file.path, violation));
    }
    if let Some(text) = file.text() {
        findings.extend(check_length(file, text));
        findings.extend(check_lines(file, text));
        findings.extend(check_fix_me(file, text));
    }
    findings
}

fn check_length(file: &ProjectFile, text: &str) -> Option<Finding> {
    let line_count = text.lines().count();
    let is_exempt = LINE_COUNT_EXEMPT_EXTENSIONS
        .iter()
        .any(|extension| file.has_extension(extension));
    (LINE_COUNT_MAX < line_count && !is_exempt).then(|| {
        Finding::on_file(
            &file.path,
            Violation::FileTooLong {
                line_count,
                line_count_max: LINE_COUNT_MAX,
            },
        )
    })
}

fn check_lines(file: &ProjectFile, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        // A snapshot is what the program printed, white space included.
        if line.trim_end() != line && !file.has_extension("snap") {
            findings.push(Finding::on_line(
                &file.path,
                index + 1,
                Violation::TrailingWhitespace,
            ));
        }
        for term in FORBIDDEN_TERMS
            .into_iter()
            .filter(|term| line.contains(term))
        {
            findings.push(Finding::on_line(
                &file.path,
                index + 1,
                Violation::ForbiddenTerm { term },
            ));
        }
    }
    findings
}

/// In Rust only comments are searched.
fn check_fix_me(file: &ProjectFile, text: &str) -> Vec<Finding> {
    if FIX_ME_EXEMPT_EXTENSIONS
        .iter()
        .any(|extension| file.has_extension(extension))
    {
        return Vec::new();
    }
    let searched = if file.has_extension("rs") {
        mask(text).comments
    } else {
        text.to_owned()
    };
    let marked = searched
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains(FIX_ME));
    marked
        .map(|(index, _)| Finding::on_line(&file.path, index + 1, Violation::FixMeMarker))
        .collect()
}

#[cfg(test)]
mod tests;
