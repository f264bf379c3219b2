//! Millions of live vouchers to measure with, and the PINs to pay with.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use accounting::fact::Party;
use anyhow::Context;
use api::webhook::address::TargetPolicy;
use engine::service::operator::{BatchPart, PART_SIZE_MAX};
use ids::command::Sequence;
use ids::party::{DistributorId, MerchantId};
use ids::time::{Span, Timestamp};
use ids::voucher::BatchId;
use indicatif::ProgressBar;
use money::amount::Amount;
use money::currency::Currency;
use payment::merchant::{Merchant, Standing};
use payment::state::CaptureMode;
use scrip::platform::{Background, Platform, RiskSetup};
use secrecy::ExposeSecret;
use vault::pin::Pin;
use vault::pin_sequence::{PinSeed, PinSequence};
use voucher::distributor::{Distributor, LIMITS_DEFAULT};
use voucher::voucher::{Activation, NewVoucher};

use crate::figures::Figures;
use crate::proc;

pub const MERCHANT: MerchantId = MerchantId::FIRST;
/// Minor units; each voucher pays several times.
pub const FACE: i64 = 10_000;

/// How long snapshots of what was issued take at most.
const QUIET: Duration = Duration::from_secs(4);
const MEGABYTE: f64 = 1_000_000.0;

pub struct Sample {
    pub platform: Arc<Platform>,
    pub api_key: String,
    pub pins: Arc<Pins>,
    data: PathBuf,
    background: Background,
}

/// The PINs of the vouchers, in turn.
pub struct Pins {
    sequence: PinSequence,
    count: u64,
    next: AtomicU64,
}

impl Sample {
    /// Issues the vouchers, and starts the platform as `scrip serve` does.
    pub async fn prepare(
        data: &Path,
        count: u64,
        risk: RiskSetup,
        figures: &mut Figures,
    ) -> anyhow::Result<Sample> {
        let platform = Platform::connect_with(data, "", risk).await?;
        Sample::on(platform, data, count, figures).await
    }

    /// The same on a new platform that keeps its data there.
    pub async fn on(
        platform: Platform,
        data: &Path,
        count: u64,
        figures: &mut Figures,
    ) -> anyhow::Result<Sample> {
        let platform = Arc::new(platform);
        let operator = platform.operator();
        operator.save_merchant(merchant(MERCHANT)).await?;
        operator.save_distributor(distributor()).await?;
        let api_key = operator.issue_api_key(Party::Merchant(MERCHANT)).await?;
        let pins = Arc::new(Pins::new(count, 0)?);
        let parts = count.div_ceil(PART_SIZE_MAX as u64);
        let fifth = issue(&platform, &pins, 0..parts / 5).await?;
        let resident_at_fifth = quiet_resident().await;
        let rest = issue(&platform, &pins, parts / 5..parts).await?;
        let resident = quiet_resident().await;
        figures.put(
            "issue.rate",
            count as f64 / (fifth + rest).as_secs_f64(),
            "vouchers/s",
        );
        let grown = resident.saturating_sub(resident_at_fifth) as f64;
        let per_voucher = grown / (count - parts / 5 * PART_SIZE_MAX as u64) as f64;
        figures.put("memory.resident", resident as f64 / MEGABYTE, "MB");
        figures.put("memory.resident_per_voucher", per_voucher, "bytes");
        let background = platform
            .start_background(TargetPolicy::PublicOnly, None)
            .await?;
        let api_key = api_key.expose_secret().to_owned();
        Ok(Sample {
            platform,
            api_key,
            pins,
            data: data.to_owned(),
            background,
        })
    }

    /// Ends what runs, and closes the storage.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.background.stop(&self.platform).await;
        let platform = Arc::into_inner(self.platform);
        platform.context("the platform is still in use")?.close()
    }

    /// Measures how long a start takes: from what a kill would leave on the disk, and after a clean stop.
    pub async fn finish(self, figures: &mut Figures) -> anyhow::Result<()> {
        let Sample {
            platform,
            background,
            data,
            ..
        } = self;
        background.stop(&platform).await;
        let killed = data.with_file_name("killed");
        copy_files(&data, &killed)?;
        let platform = Arc::into_inner(platform).context("the platform is still in use")?;
        platform.close()?;
        figures.put("start.after_kill", start(&killed).await?.elapsed, "s");
        std::fs::remove_dir_all(&killed)?;
        let Started { elapsed, entries } = start(&data).await?;
        figures.put("start.after_clean_stop", elapsed, "s");
        figures.put("journal.entries", entries, "entries");
        Ok(())
    }
}

/// Issues these parts of the vouchers, and says how long that took.
async fn issue(platform: &Platform, pins: &Pins, parts: Range<u64>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let operator = platform.operator();
    let bar = ProgressBar::new(parts.end - parts.start);
    for part in parts {
        operator.issue(pins.part(platform, part)).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(start.elapsed())
}

/// Resident memory once snapshots are over, bytes.
async fn quiet_resident() -> u64 {
    tokio::time::sleep(QUIET).await;
    proc::resident()
}

impl Pins {
    /// The PINs of `count` vouchers, of which the one at `first` is the first in turn.
    pub fn new(count: u64, first: u64) -> anyhow::Result<Pins> {
        Ok(Pins {
            sequence: PinSequence::from_seed(&PinSeed::from_bytes(&[7; 32])?),
            count,
            next: AtomicU64::new(first),
        })
    }

    /// The PIN of the next voucher in turn.
    pub fn next(&self) -> Pin {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.count;
        self.sequence.pin_at(index, 0)
    }

    /// A part of the vouchers, to be issued.
    pub fn part(&self, platform: &Platform, part: u64) -> BatchPart {
        let from = part * PART_SIZE_MAX as u64;
        let until = self.count.min(from + PART_SIZE_MAX as u64);
        BatchPart {
            batch: BatchId(1),
            part,
            vouchers: (from..until)
                .map(|index| voucher(platform, &self.sequence, index))
                .collect(),
        }
    }
}

struct Started {
    /// Seconds.
    elapsed: f64,
    entries: u64,
}

async fn start(data: &Path) -> anyhow::Result<Started> {
    let begin = Instant::now();
    let platform = Platform::open(data)?;
    let elapsed = begin.elapsed().as_secs_f64();
    let entries = platform.store_head().await?.0;
    platform.close()?;
    Ok(Started { elapsed, entries })
}

fn copy_files(source: &Path, target: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(target)?;
    for entry in std::fs::read_dir(source)? {
        let entry = entry?;
        std::fs::copy(entry.path(), target.join(entry.file_name()))?;
    }
    Ok(())
}

pub fn merchant(id: MerchantId) -> Merchant {
    Merchant {
        id,
        name: "Bench".to_owned(),
        standing: Standing::Active,
        currencies: vec![Currency::EUR],
        capture_window: Span::MINUTE.times(10),
        capture: CaptureMode::Manual,
        fee_basis_points: 0,
        submerchants: Vec::new(),
        webhook: None,
        notification: payment::merchant::NotificationMode::Off,
        version: Sequence(0),
        duplicates: payment::duplicate::DuplicateTerms::default(),
    }
}

pub fn distributor() -> Distributor {
    Distributor {
        id: DistributorId::FIRST,
        name: "Bench".to_owned(),
        standing: voucher::distributor::Standing::Active,
        cancel_window: Span::MINUTE,
        terminal_limits: LIMITS_DEFAULT,
        confirmation_window: None,
    }
}

fn voucher(platform: &Platform, sequence: &PinSequence, index: u64) -> NewVoucher {
    NewVoucher {
        serial: sequence.serial_at(index, 0),
        pin: platform.vault.pin_index(&sequence.pin_at(index, 0)),
        distributor: DistributorId::FIRST,
        product: "00002".parse().expect("five digits"),
        country: "AT".parse().expect("two letters"),
        face: Amount::new(FACE, Currency::EUR),
        activation: Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: Timestamp::NEVER,
        },
    }
}
