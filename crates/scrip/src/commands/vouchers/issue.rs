//! `scrip vouchers issue`: a batch, from its secret seed to the encrypted file.
//!
//! The seed is sealed and kept beside the file until the file is complete. PINs and serials follow from
//! it, so a run that was interrupted goes on where it stopped: parts that are in the journal are not
//! issued again, and the file is written from the beginning. Then the seed is destroyed.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use engine::error::{CommandError, Refusal};
use engine::service::operator::{BatchPart, OperatorService, PART_SIZE_MAX};
use ids::party::DistributorId;
use ids::voucher::BatchId;
use money::amount::Amount;
use money::decimal;
use serde::{Deserialize, Serialize};
use vault::batch_file::{BatchWriter, Encoding, Recipient};
use vault::pin_sequence::{PinSeed, PinSequence};
use vault::random::random_bytes;
use vault::vault::{SealPurpose, Vault};
use voucher::product::{Product, ProductKey};
use voucher::voucher::{Activation, NewVoucher};

use crate::cli::{ActivationChoice, Issue};
use crate::platform::Platform;
use crate::progress;

/// How often a part is drawn anew because a serial or PIN in it is taken.
const DRAWS_MAX: u32 = 8;

/// What is kept between two runs.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Plan {
    batch: u64,
    /// The seed, encrypted under the vault's key and bound to the batch.
    sealed_seed: Vec<u8>,
    order: Order,
}

/// What the command asks for; a run goes on only with the same order.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Order {
    distributor: u64,
    product: String,
    country: String,
    amount_minor: i64,
    currency: String,
    count: u64,
    recipient: String,
    immediate: bool,
}

/// Everything that issuing one voucher after the other needs.
struct Run {
    operator: OperatorService,
    vault: Arc<Vault>,
    sequence: PinSequence,
    batch: BatchId,
    distributor: DistributorId,
    product: Arc<Product>,
    face: Amount,
    count: u64,
    immediate: bool,
}

pub async fn run(arguments: Issue) -> anyhow::Result<()> {
    let face = decimal::parse(&arguments.amount, arguments.currency).with_context(|| {
        format!(
            "--amount: `{}` is not an amount in {}",
            arguments.amount, arguments.currency
        )
    })?;
    let recipient = Recipient::parse(&arguments.recipient).context("--recipient")?;
    if arguments.count == 0 {
        bail!("--count must be at least 1");
    }
    if arguments.out.exists() {
        bail!(
            "{} exists already; choose another file",
            arguments.out.display()
        );
    }
    let platform = arguments.directory.open().await?;
    let run = prepare(&platform, &arguments, face).await?;
    let draws = run.issue().await?;
    run.write_file(&arguments.out, &recipient, &draws)?;
    destroy(&plan_path(&arguments.out))?;
    println!(
        "{} vouchers of {face} are in {}",
        run.count,
        arguments.out.display()
    );
    platform.close()
}

async fn prepare(platform: &Platform, arguments: &Issue, face: Amount) -> anyhow::Result<Run> {
    let operator = platform.operator();
    let distributor = DistributorId::new(arguments.distributor)
        .context("--distributor: a number of ten digits")?;
    if platform
        .distributors()
        .distributor(distributor)
        .await?
        .is_none()
    {
        bail!("there is no distributor {distributor}; `scrip distributor` adds one");
    }
    let key = ProductKey {
        product: arguments.product,
        country: arguments.country,
        currency: face.currency,
    };
    let product = operator.product(key).await?.with_context(|| {
        format!(
            "product {} is not sold in {} in {}; `scrip product` adds it",
            key.product, key.country, key.currency
        )
    })?;
    if !product.sells(face) {
        bail!("product {} is not sold at {face}", key.product);
    }
    let plan = resume_or_plan(&platform.vault, arguments, face)?;
    let seed = platform
        .vault
        .open_sealed(
            SealPurpose::BatchSeed,
            &plan.batch.to_be_bytes(),
            &plan.sealed_seed,
        )
        .context("the seed of the interrupted run cannot be opened with this key")?;
    Ok(Run {
        operator,
        vault: Arc::clone(&platform.vault),
        sequence: PinSequence::from_seed(&PinSeed::from_bytes(&seed)?),
        batch: BatchId(plan.batch),
        distributor,
        product,
        face,
        count: arguments.count,
        immediate: arguments.activation == ActivationChoice::Immediate,
    })
}

impl Run {
    /// Issues every part and answers which draw of each was taken.
    async fn issue(&self) -> anyhow::Result<Vec<u32>> {
        let bar = progress::bar("issuing", self.count)?;
        let mut draws = Vec::new();
        for part in 0..self.count.div_ceil(PART_SIZE_MAX as u64) {
            draws.push(self.issue_part(part).await?);
            bar.set_position(self.end_of(part));
        }
        bar.finish_and_clear();
        Ok(draws)
    }

    async fn issue_part(&self, part: u64) -> anyhow::Result<u32> {
        for draw in 0..DRAWS_MAX {
            let vouchers = (self.start_of(part)..self.end_of(part))
                .map(|index| self.voucher(index, draw))
                .collect();
            match self
                .operator
                .issue(BatchPart {
                    batch: self.batch,
                    part,
                    vouchers,
                })
                .await
            {
                Ok(()) => return Ok(draw),
                // Taken by an older voucher, or an earlier run took another draw of this part.
                Err(
                    CommandError::Refused(Refusal::VoucherTaken)
                    | CommandError::IdempotencyKeyReused,
                ) => {}
                Err(error) => {
                    return Err(error).context(
                        "the batch is not complete; give the same command again to go on",
                    );
                }
            }
        }
        bail!("no free serials and PINs were found for part {part}; give the same command again")
    }

    fn voucher(&self, index: u64, draw: u32) -> NewVoucher {
        let activation = if self.immediate {
            // The time of the sale is the time of the entry, which the product's terms are counted from.
            self.product.activation(self.operator.now())
        } else {
            Activation::Pending
        };
        NewVoucher {
            serial: self.sequence.serial_at(index, draw),
            pin: self.vault.pin_index(&self.sequence.pin_at(index, draw)),
            distributor: self.distributor,
            product: self.product.key.product,
            country: self.product.key.country,
            face: self.face,
            activation,
        }
    }

    fn write_file(&self, path: &Path, recipient: &Recipient, draws: &[u32]) -> anyhow::Result<()> {
        let mut writer = BatchWriter::create(path, recipient, Encoding::Binary)?;
        for (part, draw) in (0..).zip(draws) {
            for index in self.start_of(part)..self.end_of(part) {
                let pin = self.sequence.pin_at(index, *draw);
                writer.write_voucher(self.sequence.serial_at(index, *draw), &pin, self.face)?;
            }
        }
        writer.finish()?;
        Ok(())
    }

    fn start_of(&self, part: u64) -> u64 {
        part * PART_SIZE_MAX as u64
    }

    fn end_of(&self, part: u64) -> u64 {
        self.start_of(part + 1).min(self.count)
    }
}

fn plan_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".resume");
    PathBuf::from(name)
}

/// The plan of an interrupted run of the same order, or a new one that is on disk before anything is issued.
fn resume_or_plan(vault: &Vault, arguments: &Issue, face: Amount) -> anyhow::Result<Plan> {
    let order = Order {
        distributor: arguments.distributor,
        product: arguments.product.to_string(),
        country: arguments.country.to_string(),
        amount_minor: face.minor,
        currency: face.currency.to_string(),
        count: arguments.count,
        recipient: arguments.recipient.clone(),
        immediate: arguments.activation == ActivationChoice::Immediate,
    };
    let path = plan_path(&arguments.out);
    if let Ok(text) = fs::read_to_string(&path) {
        let plan: Plan = serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged", path.display()))?;
        if plan.order != order {
            bail!(
                "{} belongs to a run with other arguments; finish that run, or choose another --out",
                path.display()
            );
        }
        println!("going on with the run that was interrupted");
        return Ok(plan);
    }
    let batch = u64::from_be_bytes(random_bytes());
    let seed = PinSeed::generate();
    let sealed_seed = vault.seal(SealPurpose::BatchSeed, &batch.to_be_bytes(), seed.expose());
    let plan = Plan {
        batch,
        sealed_seed,
        order,
    };
    write_durably(&path, &serde_json::to_vec(&plan)?)?;
    Ok(plan)
}

fn write_durably(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Overwrites and removes the sealed seed: without it nobody can make the PINs again.
fn destroy(path: &Path) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let length = usize::try_from(fs::metadata(path)?.len()).unwrap_or(0);
        let mut file = fs::OpenOptions::new().write(true).open(path)?;
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        fs::remove_file(path)
    };
    write().with_context(|| format!("cannot remove {}", path.display()))
}
