//! `scrip verify liabilities`: what the issuer states that it owes, and whether somebody is counted in it.

use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::liabilities::Ports;
use money::amount::Amount;
use money::currency::Currency;
use serde::{Deserialize, Deserializer};
use std::sync::Arc;
use tlog_reader::source::{Patience, Source};
use vault::vault::Vault;
use verifier::failure::Failure;
use verifier::liabilities::Statement;
use verifier::liabilities::proof::{Bases, Holder, HolderProof};
use verifier::policy::Policy;
use verifier::receipt::Receipt;

use super::{clock, load, load_policy, print_signed};
use crate::backend::Backend;
use crate::cli::log::VerifyLiabilities;
use crate::keys::KEY_FILE;

/// A statement has some hundred bytes for each currency; a receipt and a holder's proof some kilobytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A statement with its receipt, and perhaps a holder's proof. The rest of it is for people; nobody vouches for it.
#[derive(Deserialize)]
struct File {
    statement: String,
    proof: Option<String>,
    /// Absent where it is a statement alone; null where whoever asked is told that nothing of theirs is counted.
    #[serde(default, deserialize_with = "said")]
    holder_proof: Option<Option<String>>,
}

/// Tells null from what is not there.
fn said<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

pub async fn verify(arguments: &VerifyLiabilities) -> anyhow::Result<()> {
    let policy = load_policy(&arguments.keys.policy)?;
    let file = fetch(&arguments.place).await?;
    let statement = verified(&file, &policy)?;
    let proof = match &arguments.proof {
        Some(path) => {
            let given = parse(&load(path, FILE_BYTES_MAX)?, &path.display().to_string())?;
            let proof = given.holder_proof;
            Some(proof.with_context(|| format!("{} has no holder_proof", path.display()))?)
        }
        None => file.holder_proof.clone(),
    };
    match proof {
        None => {}
        Some(Some(proof)) => check_holder(&statement, &proof)?,
        Some(None) => bail!(
            "holder: the platform says that nothing is counted for whoever asked. If something was owed after entry {}, it was \
             left out, and this file shows it",
            statement.counted
        ),
    }
    if let Some(data) = &arguments.data {
        count_again(&file, data, &arguments.store).await?;
    }
    println!("the statement holds");
    Ok(())
}

async fn fetch(place: &str) -> anyhow::Result<File> {
    let path = Path::new(place);
    if path.is_file() {
        return parse(&load(path, FILE_BYTES_MAX)?, place);
    }
    let source = Source::open(place, Patience::USUAL)?;
    let bytes_max = usize::try_from(FILE_BYTES_MAX).expect("a mebibyte fits");
    let bytes = source.read("liabilities", bytes_max).await?;
    let bytes = bytes.with_context(|| {
        format!(
            "{place} states nothing: the address is not that of a log, or nothing was stated yet"
        )
    })?;
    parse(&bytes, place)
}

fn parse(bytes: &[u8], name: &str) -> anyhow::Result<File> {
    serde_json::from_slice(bytes).with_context(|| {
        format!("{name} is no statement of liabilities: JSON with `statement` and `proof`")
    })
}

fn verified(file: &File, policy: &Policy) -> anyhow::Result<Statement> {
    let receipt = file.proof.as_ref().context(
        "the statement has no receipt yet: no checkpoint that is shown reaches its entry; ask again in some seconds",
    )?;
    let bytes = decoded(&file.statement, "statement")?;
    let receipt = held(Receipt::verify(receipt.as_bytes(), policy, clock(None)))?;
    let statement = held(Statement::published(&bytes, &receipt))?;
    held(statement.check_sums())?;
    print_signed(&receipt.checkpoint);
    println!(
        "inclusion: the log has the statement as leaf {}",
        receipt.leaf.index
    );
    println!(
        "liabilities: counted are the entries up to {}, of {}",
        statement.counted,
        time_text(statement.at)
    );
    for sum in &statement.sums {
        println!(
            "liabilities: {} are owed, and the root opens to them",
            amount(sum.total, sum.currency)
        );
    }
    if statement.sums.is_empty() {
        println!("liabilities: nothing is owed");
    }
    Ok(statement)
}

fn check_holder(statement: &Statement, proof: &str) -> anyhow::Result<()> {
    let bytes = decoded(proof, "holder_proof")?;
    let proof = held(HolderProof::parse(&bytes))?;
    let sum = proof.check(statement, &Bases::default());
    let sum = held(sum.map_err(Failure::from))?;
    let whose = match proof.holder {
        Holder::Voucher(serial) => format!("voucher {serial}"),
        Holder::Merchant(number) => format!("merchant {number}"),
    };
    println!(
        "holder: {} of {whose} are part of these {}",
        amount(proof.value, proof.currency),
        amount(sum.total, sum.currency)
    );
    Ok(())
}

/// The issuer's side: journal and key file have to make the same totals and the same roots.
async fn count_again(file: &File, data: &Path, store: &str) -> anyhow::Result<()> {
    let bytes = decoded(&file.statement, "statement")?;
    let statement = liabilities::statement::Statement::decode(&bytes)
        .context("the statement is not of a version that this program counts")?;
    let vault = Vault::open(&data.join(KEY_FILE))?;
    let backend = Backend::existing(data, store).await?;
    let ports = Ports {
        store: backend.store(),
        parts: backend.parts(),
        vault: Arc::new(vault),
    };
    let checked = ports.check(&statement).await;
    backend.close();
    checked.context("the statement is not what the journal says")?;
    println!(
        "ledger: the accounts have the same totals after entry {}",
        statement.counted.0
    );
    println!("ledger: the trees come out the same when they are made again");
    Ok(())
}

fn held<T>(checked: Result<T, Failure>) -> anyhow::Result<T> {
    match checked {
        Ok(held) => Ok(held),
        Err(failure) => bail!("the statement does not hold; {failure}"),
    }
}

fn decoded(text: &str, name: &str) -> anyhow::Result<Vec<u8>> {
    STANDARD
        .decode(text)
        .with_context(|| format!("`{name}` is no base64"))
}

fn amount(minor: u64, currency: u16) -> String {
    match (i64::try_from(minor), Currency::from_numeric(currency)) {
        (Ok(minor), Ok(currency)) => Amount::new(minor, currency).to_string(),
        _ => format!("{minor} minor units of currency {currency}"),
    }
}

fn time_text(milliseconds: i64) -> String {
    match jiff::Timestamp::from_millisecond(milliseconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => format!("{milliseconds} ms since 1970"),
    }
}
