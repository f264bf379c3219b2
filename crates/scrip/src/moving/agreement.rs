//! Whether the two ends fit each other, before anything is changed.

use std::sync::Arc;

use anyhow::bail;
use ids::command::Sequence;
use store::moving::{Extent, MoveId, Source, Standing};

use crate::backend::Backend;
use crate::moving::Ends;
use crate::moving::erased::is_same;
use crate::moving::standing::{moved, require_served};

/// What the two standings mean for each other.
pub enum Beginning {
    New,
    Resumed(MoveId),
    Finished,
}

/// Whether the one may move to the other, and whether it began to already.
pub async fn agree(
    ends: &Ends,
    source: &Arc<dyn Source>,
    target: &Backend,
) -> anyhow::Result<Beginning> {
    let (from, to) = (ends.from.text(), ends.to.text());
    let at_target = target.movable().standing().await?;
    match (source.standing().await?, at_target) {
        (Standing::Moved { by, .. }, Standing::Serving { came_by }) if came_by == Some(by) => {
            Ok(Beginning::Finished)
        }
        (Standing::Moved { by, .. }, Standing::Receiving { by: same, .. }) if by == same => {
            Ok(Beginning::Resumed(by))
        }
        (Standing::Moved { to, .. }, _) => bail!("{}", moved(&from, &to)),
        (receiving @ Standing::Receiving { .. }, _) => {
            require_served(receiving, &from)?;
            bail!("{from} is not complete")
        }
        (Standing::Serving { .. }, Standing::Receiving { by, .. }) => Ok(Beginning::Resumed(by)),
        // It once moved away and comes back: its journal has to be the beginning of what comes.
        (Standing::Serving { .. }, Standing::Moved { .. }) => Ok(Beginning::New),
        (Standing::Serving { .. }, Standing::Serving { .. }) => {
            if target.movable().extent().await? != Extent::default() {
                bail!("{to} holds data of its own; nothing was changed. Choose an empty place");
            }
            Ok(Beginning::New)
        }
    }
}

/// What the target has must be the beginning of what the source has. Every entry is compared at the end; here the first
/// and the last tell journals apart. Answers how far the target is.
pub async fn require_same_history(
    source: &Arc<dyn Source>,
    target: &Backend,
    ends: &Ends,
) -> anyhow::Result<Extent> {
    let target = target.movable();
    let extent = target.extent().await?;
    let head = extent.head;
    if source.extent().await?.head < head {
        bail!(
            "{} has more entries than {}; nothing was changed. It belongs to something else, or the two are the wrong way round",
            ends.to.text(),
            ends.from.text()
        );
    }
    for sequence in [1, head.0]
        .into_iter()
        .filter(|sequence| 0 < *sequence && *sequence <= head.0)
    {
        let before = Sequence(sequence - 1);
        let ours = source.read_entries(before, 1).await?;
        let theirs = target.read_entries(before, 1).await?;
        let same = match (ours.first(), theirs.first()) {
            (Some(ours), Some(theirs)) => is_same(ours, theirs),
            (ours, theirs) => ours.is_none() && theirs.is_none(),
        };
        if !same {
            bail!(
                "{} holds another journal than {}: entry {sequence} differs; nothing was changed",
                ends.to.text(),
                ends.from.text()
            );
        }
    }
    Ok(extent)
}
