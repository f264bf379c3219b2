//! `scrip verify promise`: what became of promises, and the evidence of those that were broken.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use tlog_reader::check::{Served, Terms};
use tlog_reader::promised::look;
use verifier::policy::Policy;
use verifier::promise::{Promise, Standing};
use verifier::promised::{Outcome, against};

use super::{clock, load, load_policy, open_source};
use crate::cli::log::VerifyPromise;

/// A promise has a signature and a few hashes.
const PROMISE_BYTES_MAX: u64 = 16 * 1024;
/// A checkpoint or a receipt.
const SHOWN_BYTES_MAX: u64 = 1024 * 1024;

/// How many promises came to what.
#[derive(Default)]
struct Tally {
    kept: u64,
    open: u64,
    overdue: u64,
    broken: u64,
}

pub async fn verify(arguments: &VerifyPromise) -> anyhow::Result<()> {
    let policy = load_policy(&arguments.keys.policy)?;
    let mut tally = Tally::default();
    match (&arguments.against, &arguments.log) {
        (Some(shown), _) => offline(arguments, shown, &policy, &mut tally)?,
        (None, Some(log)) => online(arguments, log, &policy, &mut tally).await?,
        (None, None) => bail!("--log names the log, or --against what was kept of it"),
    }
    println!(
        "kept: {}, open: {}, overdue: {}, broken: {}",
        tally.kept, tally.open, tally.overdue, tally.broken
    );
    match tally.broken + tally.overdue {
        0 => Ok(()),
        _ => bail!("the log did not keep its word"),
    }
}

async fn online(
    arguments: &VerifyPromise,
    log: &str,
    policy: &Policy,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let source = open_source(log).await?;
    // Old cosignatures count: what was broken stays broken.
    let terms = Terms {
        policy,
        clock: clock(None),
    };
    let served = Served::fetch(&source, &terms).await?;
    for file in &arguments.files {
        let (promise, text) = load_promise(file, policy)?;
        let name = file.display();
        let outcome = look(&source, &served, &promise, policy, terms.clock.now).await?;
        let what = match outcome {
            Outcome::Kept => {
                tally.kept += 1;
                "kept".to_owned()
            }
            Outcome::Open => {
                tally.open += 1;
                format!(
                    "open for {} seconds more",
                    promise.deadline - terms.clock.now
                )
            }
            Outcome::Overdue => {
                tally.overdue += 1;
                let seconds = terms.clock.now - promise.deadline;
                format!(
                    "overdue for {seconds} seconds, which too few witnesses have seen yet to prove it"
                )
            }
            Outcome::Broken { evidence } => {
                tally.broken += 1;
                match &arguments.evidence {
                    Some(directory) => collect(directory, &promise, &text, &evidence)?,
                    None => "broken; --evidence DIR keeps what shows it".to_owned(),
                }
            }
        };
        println!("{name}: leaf {}: {what}", promise.index);
    }
    Ok(())
}

fn offline(
    arguments: &VerifyPromise,
    shown: &Path,
    policy: &Policy,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let bytes = load(shown, SHOWN_BYTES_MAX)?;
    for file in &arguments.files {
        let (promise, _) = load_promise(file, policy)?;
        let standing = against(&bytes, &promise, policy, clock(None));
        let standing = standing.map_err(|failure| {
            let name = shown.display();
            anyhow::anyhow!("{name} is neither a receipt nor a checkpoint that holds; {failure}")
        })?;
        let what = match standing {
            Standing::Kept => {
                tally.kept += 1;
                "kept"
            }
            Standing::Broken => {
                tally.broken += 1;
                "broken, as this shows to anybody"
            }
            Standing::Open => {
                tally.open += 1;
                "this says nothing of it"
            }
        };
        println!("{}: leaf {}: {what}", file.display(), promise.index);
    }
    Ok(())
}

/// Reads a promise, whose text is answered too.
fn load_promise(file: &Path, policy: &Policy) -> anyhow::Result<(Promise, Vec<u8>)> {
    let bytes = load(file, PROMISE_BYTES_MAX)?;
    let text = bytes.trim_ascii();
    match Promise::verify(text, policy) {
        Ok(promise) => Ok((promise, text.to_vec())),
        Err(failure) => bail!("{} is no promise that holds; {failure}", file.display()),
    }
}

/// Keeps a broken promise and what breaks it, and says where.
fn collect(
    directory: &Path,
    promise: &Promise,
    text: &[u8],
    evidence: &[u8],
) -> anyhow::Result<String> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot make the directory {}", directory.display()))?;
    let place = |kind: &str| directory.join(format!("{}.{kind}", promise.index));
    for (path, bytes) in [(place("promise"), text), (place("shown"), evidence)] {
        // What was collected first stays: it is as good, and perhaps older.
        if !path.exists() {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let (promise, shown) = (place("promise"), place("shown"));
    Ok(format!(
        "BROKEN; the evidence is kept: {} and {}",
        promise.display(),
        shown.display()
    ))
}
