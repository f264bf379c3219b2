//! Seeds of leaves and the heads of logs, made the same. The files of a log follow from the journal and the seeds, and are
//! made again by the first node that serves the target.

use anyhow::bail;
use ids::command::Sequence;
use store::moving::{Movable, RunId, Source};
use tokio_util::sync::CancellationToken;

use crate::moving::stopped;

/// Runs of seeds, each of one commit, that are compared at a time.
const PAGE: usize = 1_000;

/// Makes the seeds behind `after` those of the source; answers where the last run of them begins.
pub async fn copy(
    source: &dyn Source,
    (target, run): (&dyn Movable, RunId),
    after: Sequence,
    stop: &CancellationToken,
) -> anyhow::Result<Sequence> {
    let mut after = after;
    loop {
        if stop.is_cancelled() {
            return Err(stopped());
        }
        let ours = source.read_seed_runs(after, PAGE).await?;
        let Some(last) = ours.last().map(|run| run.first) else {
            return Ok(after);
        };
        if target.read_seed_runs(after, PAGE).await? != ours {
            target.restore_seeds(run, &ours).await?;
        }
        after = last;
    }
}

/// Writes the heads and checkpoints of the source's logs. The source must not go on: the two would sign side by side.
pub async fn copy_logs(
    source: &dyn Source,
    (target, run): (&dyn Movable, RunId),
) -> anyhow::Result<()> {
    let logs = source.read_logs().await?;
    Ok(target.restore_logs(run, &logs).await?)
}

/// Every seed and every log of the one side must be on the other as it is.
pub async fn require_equal(source: &dyn Source, target: &dyn Source) -> anyhow::Result<()> {
    let mut after = Sequence(0);
    loop {
        let ours = source.read_seed_runs(after, PAGE).await?;
        if target.read_seed_runs(after, PAGE).await? != ours {
            bail!(
                "the seeds of leaves differ behind entry {}; nothing was switched over",
                after.0
            );
        }
        match ours.last() {
            Some(last) => after = last.first,
            None => break,
        }
    }
    if source.read_logs().await? != target.read_logs().await? {
        bail!("the transparency logs differ; nothing was switched over");
    }
    Ok(())
}
