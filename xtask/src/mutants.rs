//! Bugs put in on purpose: whether the simulation finds each, and after how many seeds.
//!
//! The sources are copied below `target/mutants/`, and every bug is put in there beside the right code, behind the value
//! of one variable. So one build holds all of them, and each run has one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::mutants::table::{Edit, MUTANTS, Mutant};
use crate::{process, workspace};

mod table;

/// Chooses a bug in the copied program.
const SWITCH: &str = "SCRIP_MUTANT";
/// The test that runs the seeds.
const TEST: &str = "simulation::every_seed_goes_as_the_model_says";

/// Puts each bug in, or the one that is named, and runs at most `seeds` seeds until it is found.
pub fn run(root: &Path, seeds: u64, name: Option<&str>) -> anyhow::Result<()> {
    let chosen: Vec<&Mutant> = MUTANTS
        .iter()
        .filter(|mutant| name.is_none_or(|name| mutant.name == name))
        .collect();
    if chosen.is_empty() {
        bail!("there is no such mutant; xtask/src/mutants/table.rs names them");
    }
    let copy = root.join("target/mutants/workspace");
    copy_sources(root, &copy)?;
    let program = build(root, &copy)?;
    let mut unfound = Vec::new();
    println!("| bug | found by seed |");
    println!("| --- | --- |");
    for mutant in chosen {
        match first_failure(&program, mutant, seeds)? {
            Some(count) => println!("| {}: {} | {count} |", mutant.name, mutant.what),
            None => {
                println!("| {}: {} | not within {seeds} |", mutant.name, mutant.what);
                unfound.push(mutant.name);
            }
        }
    }
    if !unfound.is_empty() {
        bail!("the simulation does not find {}", unfound.join(", "));
    }
    Ok(())
}

/// Writes what differs, so that a second run builds little.
fn copy_sources(root: &Path, copy: &Path) -> anyhow::Result<()> {
    for file in workspace::files(root)? {
        let mut bytes = file.bytes;
        let here = MUTANTS.iter().flat_map(|mutant| {
            let edits = mutant.edits.iter().filter(|edit| edit.file == file.path);
            edits.map(move |edit| (mutant.name, edit))
        });
        for (name, edit) in here {
            let text = String::from_utf8(bytes).context("a mutant is made of text")?;
            bytes = put_in(&text, name, edit)?.into_bytes();
        }
        let target = copy.join(&file.path);
        if std::fs::read(&target).is_ok_and(|found| found == bytes) {
            continue;
        }
        let directory = target.parent().context("a file lies in a directory")?;
        std::fs::create_dir_all(directory)
            .and_then(|()| std::fs::write(&target, bytes))
            .with_context(|| format!("could not write {}", target.display()))?;
    }
    Ok(())
}

fn put_in(text: &str, name: &str, edit: &Edit) -> anyhow::Result<String> {
    let count = text.matches(edit.old).count();
    if count != 1 {
        bail!(
            "{name}: {} holds the text to replace {count} times instead of once; mend xtask/src/mutants/table.rs",
            edit.file
        );
    }
    let choice = format!(
        "if std::env::var_os(\"{SWITCH}\").is_some_and(|name| name == \"{name}\") {{ {} }} else {{ {} }}",
        edit.new, edit.old
    );
    let choice = if edit.old.ends_with(';') {
        choice
    } else {
        format!("({choice})")
    };
    Ok(text.replacen(edit.old, &choice, 1))
}

/// The test program of `sim` with all the bugs in it.
fn build(root: &Path, copy: &Path) -> anyhow::Result<PathBuf> {
    let mut command = Command::new("cargo");
    command.current_dir(copy).args([
        "test",
        "--package",
        "sim",
        "--test",
        "it",
        "--no-run",
        "--message-format",
        "json",
        "--target-dir",
    ]);
    command.arg(root.join("target/mutants/build"));
    let messages = process::read(&mut command)?;
    let mut programs = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    programs.next_back().context("cargo names no test program")
}

/// The number of the first seed that fails.
fn first_failure(program: &Path, mutant: &Mutant, seeds: u64) -> anyhow::Result<Option<u64>> {
    let output = Command::new(program)
        .args(["--exact", TEST, "--nocapture"])
        .env("SCRIP_SIM_SEEDS", seeds.to_string())
        .env(SWITCH, mutant.name)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .output()
        .context("could not start the simulation")?;
    if output.status.success() {
        return Ok(None);
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let number = told.split(" failed, number ").nth(1);
    let number = number.and_then(|rest| rest.split(' ').next()?.parse().ok());
    number.map(Some).with_context(|| {
        format!(
            "{}: the simulation ended in another way:\n{told}",
            mutant.name
        )
    })
}
