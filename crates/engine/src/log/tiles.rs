//! Stored files of the log, and proofs from its tiles.

use tlog::bundle::encode_bundle;
use tlog::edge::LogFile;
use tlog::hash::TreeHash;
use tlog::plan::{ProofPlan, Tiles};
use tlog::signer::NotProved;
use tlog::tile::{TileKind, TilePath};

use crate::log::Ports;
use crate::log::failure::{LogError, StopCause};

impl Ports {
    /// The files with these paths; of a partial one that is gone, the beginning of the full one. What is not stored is left out.
    pub(super) async fn files(&self, paths: &[TilePath]) -> Result<Vec<LogFile>, LogError> {
        let wanted = paths.iter().flat_map(|path| [*path, path.full()]);
        let stored = self.log.read_files(&wanted.collect::<Vec<_>>()).await?;
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let of = |path: TilePath| stored.iter().find(|file| file.path == path);
            if let Some(file) = of(*path) {
                files.push(file.clone());
            } else if let Some(full) = of(path.full()) {
                files.push(cut(*path, full)?);
            }
        }
        Ok(files)
    }

    /// Tiles for a proof.
    pub(super) async fn tiles(
        &self,
        paths: impl IntoIterator<Item = TilePath>,
    ) -> Result<Tiles, LogError> {
        let paths: Vec<TilePath> = paths.into_iter().collect();
        let mut tiles = Tiles::default();
        for file in self.files(&paths).await? {
            let inserted = tiles.insert(file.path, &file.bytes);
            inserted.map_err(|error| StopCause::Files(error.into()))?;
        }
        Ok(tiles)
    }

    /// The consistency proof between two sizes of the log, from its stored tiles.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<TreeHash>, LogError> {
        let plan = ProofPlan::consistency(old, new).map_err(not_proved)?;
        let tiles = self.tiles(plan.tiles()).await?;
        Ok(plan.build(&tiles).map_err(not_proved)?)
    }
}

fn not_proved(why: impl Into<NotProved>) -> StopCause {
    StopCause::NotProved(why.into())
}

/// The partial file that became this full one.
fn cut(path: TilePath, full: &LogFile) -> Result<LogFile, StopCause> {
    let bytes = match path.kind() {
        // A reader of hashes cuts off what a full tile has besides.
        TileKind::Hashes { .. } => full.bytes.clone(),
        TileKind::Entries => {
            let whole = full.path.parse_entries(&full.bytes);
            let whole = whole.map_err(|error| StopCause::Files(error.into()))?;
            encode_bundle(&whole[..path.width()])
        }
    };
    Ok(LogFile { path, bytes })
}
