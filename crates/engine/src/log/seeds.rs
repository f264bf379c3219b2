//! Seeds of leaves: drawn with each batch, or later for entries that came without.

use std::sync::Arc;

use ids::command::Sequence;
use leaves::secret::{self, Secret, Seed};
use store::failure::Failure;
use store::seeds::{SealedSeeds, SeedRun};
use vault::vault::{SealPurpose, Vault};

use crate::limits::BATCH_SIZE_MAX;
use crate::log::Ports;
use crate::log::failure::{LogError, StopCause};

/// How often entries are asked for their seeds while another node adds some.
const TRIES_MAX: u32 = 16;

/// Fresh seeds for so many entries.
pub fn draw(vault: &Vault, count: usize) -> Vec<Seed> {
    let seeds = vault.draw_seeds(count);
    seeds.into_iter().map(Seed::new).collect()
}

/// The secrets of entries that follow one another, as they are stored. Where the entries stand is no part of it, because
/// that is known only when they are placed.
pub fn seal(vault: &Vault, secrets: &[Secret]) -> SealedSeeds {
    let plain = zeroize::Zeroizing::new(secret::encode(secrets));
    Arc::from(vault.seal(SealPurpose::LeafSeeds, b"", &plain))
}

/// The secrets of a run, in the order of its entries.
pub fn open(vault: &Vault, run: &SeedRun) -> Result<Vec<Secret>, StopCause> {
    let first = run.first;
    let plain = vault
        .open_sealed(SealPurpose::LeafSeeds, b"", &run.sealed)
        .map_err(|source| StopCause::Sealed { first, source })?;
    let count = usize::try_from(run.count).expect("a run is short");
    secret::decode(&plain, count).map_err(|_| StopCause::Seeds { first })
}

/// Whether entries that have no seed get one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Added,
    /// They are in a tree that was signed, so they had one.
    Lost,
}

impl Ports {
    /// The secrets of the entries behind `after` and up to `upto`.
    pub(crate) async fn secrets(
        &self,
        after: Sequence,
        upto: Sequence,
        missing: Missing,
    ) -> Result<Vec<Secret>, LogError> {
        for _ in 0..TRIES_MAX {
            let runs = self.seeds.seed_runs(after, upto).await?;
            match gap_in(&runs, after, upto) {
                None => return Ok(self.opened(&runs, after, upto)?),
                Some((entry, _)) if missing == Missing::Lost => {
                    return Err(StopCause::SeedMissing { entry }.into());
                }
                Some((entry, count)) => self.add(entry, count).await?,
            }
        }
        Err(StopCause::SeedMissing {
            entry: after.next(),
        }
        .into())
    }

    /// The run that holds an entry's secret; none while the entry has none.
    pub(crate) async fn run_of(&self, entry: Sequence) -> Result<Option<SeedRun>, Failure> {
        let Some(behind) = entry.0.checked_sub(1).map(Sequence) else {
            return Ok(None);
        };
        let runs = self.seeds.seed_runs(behind, entry).await?;
        Ok(runs.into_iter().find(|run| run.holds(entry)))
    }

    /// Fills the whole gap; of two nodes that do so the first one's seeds stay.
    async fn add(&self, first: Sequence, count: u64) -> Result<(), LogError> {
        let mut first = first;
        let end = first.0 + count;
        while first.0 < end {
            let count = (end - first.0).min(BATCH_SIZE_MAX as u64);
            let drawn = draw(
                &self.vault,
                usize::try_from(count).expect("a batch is short"),
            );
            let secrets: Vec<Secret> = drawn.into_iter().map(Secret::Seed).collect();
            let run = SeedRun {
                first,
                count: u32::try_from(count).expect("a batch is short"),
                sealed: seal(&self.vault, &secrets),
            };
            if !self.seeds.add_seeds(run).await? {
                break;
            }
            first = Sequence(first.0 + count);
        }
        Ok(())
    }

    fn opened(
        &self,
        runs: &[SeedRun],
        after: Sequence,
        upto: Sequence,
    ) -> Result<Vec<Secret>, StopCause> {
        let mut secrets = Vec::new();
        for run in runs {
            let opened = (run.first.0..).zip(open(&self.vault, run)?);
            let wanted = opened.filter(|(entry, _)| after.0 < *entry && *entry <= upto.0);
            secrets.extend(wanted.map(|(_, secret)| secret));
        }
        Ok(secrets)
    }
}

/// The first entry without a seed, and how many follow one another from there.
fn gap_in(runs: &[SeedRun], after: Sequence, upto: Sequence) -> Option<(Sequence, u64)> {
    let mut expected = after.next();
    for run in runs {
        if expected < run.first {
            return Some((expected, run.first.0 - expected.0));
        }
        expected = expected.max(run.last().next());
    }
    (expected <= upto).then(|| (expected, upto.0 + 1 - expected.0))
}
