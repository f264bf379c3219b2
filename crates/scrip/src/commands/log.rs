//! `scrip verify` and `scrip mirror`: the transparency log as anybody can check it.

pub mod anchors;
mod journal;
mod liabilities;
mod promises;

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, bail};
use engine::clock::{Clock as _, SystemClock};
use engine::log::Log;
use indicatif::ProgressBar;
use serde::Deserialize;
use tlog_reader::check::{Served, Terms, check};
use tlog_reader::kept::Kept;
use tlog_reader::mirror;
use tlog_reader::objects::{Access, Objects};
use tlog_reader::source::{Patience, Source};
use vault::vault::Vault;
use verifier::checkpoint::{CURRENT_SECONDS_MAX, Checkpoint, Clock};
use verifier::policy::Policy;
use verifier::receipt::Receipt;
use verifier::words::{self, Says};

use crate::cli::log::{LogKey, Mirror, Verify, VerifyLog, VerifyReceipt};
use crate::keys::KEY_FILE;
use crate::platform::make_directory;
use crate::progress::bar;

/// A receipt has a proof, a checkpoint and one entry's fields.
const RECEIPT_BYTES_MAX: u64 = 1024 * 1024;
const POLICY_BYTES_MAX: u64 = 64 * 1024;

/// A receipt as JSON. The rest of it is for people; nobody vouches for it.
#[derive(Deserialize)]
struct JsonReceipt {
    proof: String,
}

pub async fn verify(arguments: Verify) -> anyhow::Result<()> {
    match arguments {
        Verify::Receipt(arguments) => verify_receipt(&arguments),
        Verify::Promise(arguments) => promises::verify(&arguments).await,
        Verify::Log(arguments) => verify_log(&arguments).await,
        Verify::Liabilities(arguments) => liabilities::verify(&arguments).await,
        Verify::Journal(arguments) => journal::verify(&arguments).await,
        Verify::Anchors(arguments) => anchors::verify(&arguments).await,
    }
}

pub async fn mirror(arguments: Mirror) -> anyhow::Result<()> {
    let policy = load_policy(&arguments.keys.policy)?;
    let terms = Terms {
        policy: &policy,
        clock: clock(Some(CURRENT_SECONDS_MAX)),
    };
    let source = open_source(&arguments.url).await?;
    let mirror = open_mirror(&arguments.target).await?;
    let bar = bar("entries", 0)?;
    let mirrored = mirror.update(&source, &terms, &mut show(&bar)).await;
    bar.finish_and_clear();
    let mirrored = mirrored?;
    println!("{} files were stored", mirrored.files_stored);
    print_whole(&mirrored.served);
    println!("{} is a copy of the log", arguments.target.display());
    Ok(())
}

/// An object store by its scheme, and else a directory. Another scheme is no directory that somebody wants.
async fn open_mirror(target: &Path) -> anyhow::Result<mirror::Mirror> {
    let place = target.to_str().filter(|place| place.contains("://"));
    match place {
        None => Ok(mirror::Mirror::open(target)?),
        Some(place) if Objects::is_meant_by(place) => {
            Ok(mirror::Mirror::Objects(open_objects(place).await?))
        }
        Some(place) => bail!(
            "{place} is no place for a copy: give a directory, or s3://BUCKET/PREFIX; most object stores speak S3, at the address in AWS_ENDPOINT_URL"
        ),
    }
}

/// A log, or a copy of one, wherever it is.
async fn open_source(place: &str) -> anyhow::Result<Source> {
    match Objects::is_meant_by(place) {
        true => Ok(Source::Objects(open_objects(place).await?)),
        false => Ok(Source::open(place, Patience::USUAL)?),
    }
}

async fn open_objects(place: &str) -> anyhow::Result<Objects> {
    let text = |variable: (OsString, OsString)| {
        Some((
            variable.0.into_string().ok()?,
            variable.1.into_string().ok()?,
        ))
    };
    let access = Access::from_variables(std::env::vars_os().filter_map(text));
    Ok(Objects::open(place, &access, Patience::USUAL).await?)
}

pub fn print_key(arguments: &LogKey) -> anyhow::Result<()> {
    let file = arguments.data.join(KEY_FILE);
    let vault = match arguments.make {
        true => {
            make_directory(&arguments.data)?;
            Vault::open_or_create(&file)?
        }
        false => Vault::open(&file)?,
    };
    let log = Log::named(&arguments.origin, &vault)?;
    println!("log {}", log.public_key());
    Ok(())
}

fn verify_receipt(arguments: &VerifyReceipt) -> anyhow::Result<()> {
    let policy = load_policy(&arguments.keys.policy)?;
    let receipt = load_receipt(&arguments.file, &policy)?;
    print_signed(&receipt.checkpoint);
    println!(
        "inclusion: the log has this leaf as number {}",
        receipt.leaf.index
    );
    for group in words::read(&receipt.openings) {
        println!(
            "opening: group {} ({}) is what the leaf commits to",
            group.number, group.name
        );
        print_group(&group);
    }
    println!("the receipt holds");
    Ok(())
}

fn print_group(group: &words::Group) {
    match &group.says {
        Says::Fields(fields) => {
            for field in fields {
                println!("  {}: {}", field.name, field.value);
            }
        }
        Says::Digest(digest) => println!("  too long to be shown; SHA-256 {digest}"),
        Says::Unreadable => println!("  no fields that this version reads"),
    }
}

fn load_receipt(file: &Path, policy: &Policy) -> anyhow::Result<Receipt> {
    let name = file.display();
    let bytes = load(file, RECEIPT_BYTES_MAX)?;
    let proof = if bytes.trim_ascii_start().starts_with(b"{") {
        let receipt: JsonReceipt = serde_json::from_slice(&bytes)
            .with_context(|| format!("{name} is no receipt: it has no text `proof`"))?;
        receipt.proof.into_bytes()
    } else {
        bytes
    };
    match Receipt::verify(&proof, policy, clock(None)) {
        Ok(receipt) => Ok(receipt),
        Err(failure) => bail!("{name} does not hold; {failure}"),
    }
}

async fn verify_log(arguments: &VerifyLog) -> anyhow::Result<()> {
    let policy = load_policy(&arguments.keys.policy)?;
    let source = open_source(&arguments.place).await?;
    let is_present_asked = matches!(source, Source::Server(_)) && !arguments.any_age;
    let terms = Terms {
        policy: &policy,
        clock: clock(is_present_asked.then_some(CURRENT_SECONDS_MAX)),
    };
    let kept = match &arguments.since {
        Some(path) => Some(Kept::load(path, &terms).await?),
        None => None,
    };
    let bar = bar("entries", 0)?;
    let served = check(&source, &terms, kept.as_ref(), &mut show(&bar)).await;
    bar.finish_and_clear();
    print_whole(&served?);
    if let Some(path) = &arguments.since {
        match kept.as_ref().and_then(Kept::checkpoint) {
            Some(old) => println!(
                "consistency: it begins with the {} entries seen before",
                old.size
            ),
            None => println!("consistency: nothing was seen before"),
        }
        println!("{} keeps the checkpoint for the next time", path.display());
    }
    println!("the log holds");
    Ok(())
}

fn print_signed(checkpoint: &Checkpoint) {
    println!(
        "log signature: {} signed a tree of {} entries",
        checkpoint.origin, checkpoint.size
    );
    println!("root: {}", checkpoint.root);
    let names: Vec<&str> = checkpoint
        .cosigned
        .iter()
        .map(|one| one.witness.as_str())
        .collect();
    match names[..] {
        [] => println!("quorum: the policy asks for no witness"),
        _ => println!("quorum: cosigned by {}, which is enough", names.join(", ")),
    }
}

fn print_whole(served: &Served) {
    print_signed(&served.checkpoint);
    println!("files: every tile and every entry belongs to this root");
    println!("leaves: numbered from 0 without a gap");
}

/// Shows how far the reading is; on a terminal alone.
fn show(bar: &ProgressBar) -> impl FnMut(u64, u64) + Send {
    |leaves, size| {
        bar.set_length(size);
        bar.set_position(leaves);
    }
}

fn clock(age_seconds_max: Option<u64>) -> Clock {
    let seconds = SystemClock.now().0.div_euclid(1000);
    Clock {
        now: u64::try_from(seconds).unwrap_or(0),
        age_seconds_max,
    }
}

fn load_policy(path: &Path) -> anyhow::Result<Policy> {
    let bytes = load(path, POLICY_BYTES_MAX)?;
    let text = String::from_utf8(bytes);
    let text = text.with_context(|| format!("{} is no text", path.display()))?;
    match Policy::parse(&text) {
        Ok(policy) => Ok(policy),
        Err(failure) => bail!("{}: {failure}", path.display()),
    }
}

fn load(path: &Path, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let name = path.display();
    let cannot = || format!("cannot read {name}");
    let length = std::fs::metadata(path).with_context(cannot)?.len();
    if bytes_max < length {
        bail!("{name} has {length} bytes, and no such file has more than {bytes_max}");
    }
    std::fs::read(path).with_context(cannot)
}
