//! The house rules, as checks.
//!
//! A rule stands here when a machine can decide it and people would otherwise argue about it twice. What clippy or
//! rustfmt already decide is left to them. CONTRIBUTING.md explains each rule; the text of a finding is short.

mod files;
mod finding;
mod floors;
mod functions;
mod manifest;
mod masking;
mod snapshots;
mod source;

use std::path::Path;

use anyhow::{Context, bail};

use crate::workspace;
use finding::Finding;
use floors::{CrateGraph, FloorTable};

/// Prints every finding, and fails when there is one.
pub fn run(root: &Path) -> anyhow::Result<()> {
    let files = workspace::files(root)?;
    let architecture = std::fs::read_to_string(root.join("ARCHITECTURE.md"))
        .context("could not read ARCHITECTURE.md, which holds the floor table")?;
    let table = FloorTable::parse(&architecture)?;
    let graph = CrateGraph::read(root)?;

    let mut findings = floors::check(&table, &graph);
    findings.extend(snapshots::check(&files));
    for file in &files {
        findings.extend(files::check(file));
        findings.extend(manifest::check(file));
        findings.extend(source::check(file, &table));
    }
    report(&findings, files.len())
}

fn report(findings: &[Finding], file_count: usize) -> anyhow::Result<()> {
    for finding in findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        let count = findings.len();
        bail!("tidy: {count} found in {file_count} files; CONTRIBUTING.md explains the rules");
    }
    eprintln!("tidy: {file_count} files, nothing found");
    Ok(())
}
