//! Payers that the source has erased since their entries were copied.

use std::sync::Arc;

use accounting::entry::Entry;
use anyhow::Context;
use ids::command::Sequence;
use leaves::erased::without_payer;
use store::moving::Movable;
use store::seeds::Erasure;

/// Whether the source's entry is the target's, perhaps without its payer.
pub fn is_same(ours: &Entry, theirs: &Entry) -> bool {
    ours == theirs || without_payer(theirs).as_ref() == Some(ours)
}

/// Erases in the target what the source has erased; the seeds are those of the source already.
pub async fn erase(target: &dyn Movable, ours: &Arc<Entry>) -> anyhow::Result<()> {
    let sequence = ours.sequence();
    let behind = Sequence(sequence.0 - 1);
    let runs = target.seed_runs(behind, sequence).await?;
    let run = runs.into_iter().find(|run| run.holds(sequence));
    let run = run.with_context(|| format!("entry {} has lost its seed", sequence.0))?;
    let erasure = Erasure {
        entry: Arc::clone(ours),
        after: Arc::clone(&run.sealed),
        before: run,
    };
    let erased = target.erase(Arc::new(erasure)).await?;
    anyhow::ensure!(erased, "somebody else works on the target");
    Ok(())
}
