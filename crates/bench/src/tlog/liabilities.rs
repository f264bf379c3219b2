//! What a statement of liabilities costs: the tree over all holders, and one holder's proof.

use std::time::{Duration, Instant};

use accounting::claim::Holder;
use anyhow::Context;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use liabilities::part::decode_bucket;
use liabilities::proof::prove;
use liabilities::secret::Secret;
use liabilities::statement::Statement;
use liabilities::tree::{Making, place, way};
use money::currency::Currency;
use verifier::liabilities::proof::{Bases, HolderProof};

use crate::figures::Figures;

/// Holders in the tree that is measured.
const HOLDERS: u64 = 100_000;
/// How long its buckets are made. What is left then is reckoned by those that were made: all are alike.
const MAKING: Duration = Duration::from_secs(8);
/// Holders in the tree of the proof, which is as long and takes as long whatever their number.
const FEW_HOLDERS: u64 = 500;
const PROOFS: u32 = 3;
/// How often each proof is verified.
const TIMES: u32 = 10;

const CURRENCY: Currency = Currency::EUR;
const SERIAL_FIRST: u64 = 5_000_000_000_000_000;

pub fn measure(figures: &mut Figures) -> anyhow::Result<()> {
    measure_tree(figures)?;
    measure_proofs(figures)
}

fn measure_tree(figures: &mut Figures) -> anyhow::Result<()> {
    let secret = Secret::new(&[7; 32], CURRENCY);
    let begun = Instant::now();
    let leaves = place(&secret, holders(HOLDERS)?.into_iter())?;
    let placing = begun.elapsed();
    let mut making = Making::new(&secret, &leaves);
    let begun = Instant::now();
    let mut made = 0;
    while begun.elapsed() < MAKING {
        let Some(bucket) = making.bucket() else {
            break;
        };
        made += decode_bucket(&bucket.bytes).map_or(0, |leaves| leaves.len());
    }
    let each = begun.elapsed().as_secs_f64() / made as f64 + placing.as_secs_f64() / HOLDERS as f64;
    figures.put("tlog.liabilities.tree.holders", HOLDERS, "holders");
    figures.put("tlog.liabilities.tree.made", made as u64, "holders");
    figures.put("tlog.liabilities.tree.per_holder", each * 1e6, "us");
    figures.put("tlog.liabilities.tree.all", each * HOLDERS as f64, "s");
    Ok(())
}

fn measure_proofs(figures: &mut Figures) -> anyhow::Result<()> {
    let secret = Secret::new(&[8; 32], CURRENCY);
    let leaves = place(&secret, holders(FEW_HOLDERS)?.into_iter())?;
    let root = Making::new(&secret, &leaves).root();
    let statement = Statement {
        counted: Sequence(1),
        at: Timestamp(0),
        before: Sequence(0),
        sums: vec![(CURRENCY, root.context("there are holders")?)],
    };
    let read = verifier::liabilities::Statement::parse(&statement.encode());
    let read = read.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let bases = Bases::default();
    let (mut making, mut verification, mut bytes) = (Duration::ZERO, Duration::ZERO, 0);
    for leaf in leaves.iter().take(PROOFS as usize) {
        let begun = Instant::now();
        let way = way(&secret, *leaf, &leaves, Vec::new())?;
        let proof = prove(&secret, statement.counted, &way);
        making += begun.elapsed();
        bytes += proof.len();
        let begun = Instant::now();
        for _ in 0..TIMES {
            let proof = HolderProof::parse(&proof);
            let proof = proof.map_err(|failure| anyhow::anyhow!("{failure}"))?;
            let checked = proof.check(&read, &bases);
            checked.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        }
        verification += begun.elapsed();
    }
    let count = f64::from(PROOFS);
    let making = making.as_secs_f64() * 1e3 / count;
    let verification = verification.as_secs_f64() * 1e6 / count / f64::from(TIMES);
    figures.put(
        "tlog.liabilities.proof.bytes",
        bytes as f64 / count,
        "bytes",
    );
    figures.put("tlog.liabilities.proof.making", making, "ms");
    figures.put("tlog.liabilities.proof.verification", verification, "us");
    Ok(())
}

/// Vouchers with value.
fn holders(count: u64) -> anyhow::Result<Vec<(Holder, u64)>> {
    let holders = (0..count).map(|number| {
        let serial = Serial::new(SERIAL_FIRST + number)?;
        Ok((Holder::Voucher(serial), 100 + number % 10_000))
    });
    holders.collect()
}
