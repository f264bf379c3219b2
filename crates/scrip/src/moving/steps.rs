//! The steps of a move, from the first entry to the two marks.

use std::sync::Arc;
use std::time::Duration;

use ids::command::Sequence;
use store::moving::{MoveId, RunId, Source, Standing};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::moving::held::AllLeases;
use crate::moving::{Ends, entries, lost, messages, proof, seeds, stopped};

/// How often a source that nodes work on is looked at.
const FOLLOW_EVERY: Duration = Duration::from_millis(300);

/// A move whose target is open and held.
pub struct Move<'a> {
    pub ends: &'a Ends,
    pub by: MoveId,
    /// This run of it, the only one that may still change the target.
    pub run: RunId,
    pub target: Backend,
    pub stop: &'a CancellationToken,
}

/// What became of an attempt to finish.
pub enum Ending {
    Moved,
    /// Nodes have written meanwhile.
    Overtaken,
}

/// A source that nobody else works on.
pub struct Taken {
    backend: Backend,
    held: AllLeases,
}

impl Move<'_> {
    /// Copies until the source is this program's alone.
    pub async fn follow_until_alone(&self, source: &Arc<dyn Source>) -> anyhow::Result<Taken> {
        let target = self.target.movable();
        println!(
            "copying {} to {}",
            self.ends.from.text(),
            self.ends.to.text()
        );
        entries::copy(source, &target, self.stop).await?;
        let all = messages::Extent::All;
        let mut copied = messages::copy(&**source, (&*target, self.run), all, self.stop).await?;
        let own = (&*target, self.run);
        let mut seeds_copied = seeds::copy(&**source, own, Sequence(0), self.stop).await?;
        let mut told = false;
        loop {
            if let Some(taken) = self.take_source().await? {
                return Ok(taken);
            }
            if !told {
                told = true;
                let head = target.head().await?;
                println!(
                    "{} entries are copied; what is added is followed. Stop every `scrip serve` on {} to finish",
                    head.0,
                    self.ends.from.text()
                );
            }
            tokio::select! {
                () = sleep(FOLLOW_EVERY) => {}
                () = self.stop.cancelled() => return Err(stopped()),
            }
            entries::follow(&**source, &*target, self.stop).await?;
            copied = messages::copy(
                &**source,
                (&*target, self.run),
                messages::Extent::Behind(copied),
                self.stop,
            )
            .await?;
            seeds_copied = seeds::copy(&**source, own, seeds_copied, self.stop).await?;
        }
    }

    async fn take_source(&self) -> anyhow::Result<Option<Taken>> {
        let Some(backend) = self.ends.from.open_existing().await? else {
            return Ok(None);
        };
        match AllLeases::take(backend.leases()).await? {
            Some(held) => Ok(Some(Taken { backend, held })),
            None => {
                backend.close();
                Ok(None)
            }
        }
    }

    pub async fn finish(&self, taken: Taken) -> anyhow::Result<Ending> {
        let outcome = tokio::select! {
            outcome = self.finish_from(&taken.backend) => outcome,
            () = taken.held.lost() => Err(lost(&self.ends.from)),
        };
        taken.held.release().await;
        taken.backend.close();
        outcome
    }

    async fn finish_from(&self, source: &Backend) -> anyhow::Result<Ending> {
        let (from, target) = (source.movable(), self.target.movable());
        from.begin_run(self.run).await?;
        let end = from.extent().await?;
        let reader: Arc<dyn Source> = Arc::clone(&from) as Arc<dyn Source>;
        entries::copy(&reader, &target, self.stop).await?;
        let all = messages::Extent::All;
        messages::copy(&*reader, (&*target, self.run), all, self.stop).await?;
        // From the first on: what was erased meanwhile is erased here as well.
        let own = (&*target, self.run);
        seeds::copy(&*reader, own, Sequence(0), self.stop).await?;
        seeds::copy_logs(&*reader, own).await?;
        target.settle(self.run, end.cursor).await?;
        if from.extent().await? != end {
            return Ok(Ending::Overtaken);
        }
        tokio::select! {
            proof = proof::require_equal(self.ends, source, &self.target) => proof?,
            () = self.stop.cancelled() => return Err(stopped()),
        }
        let moved = Standing::Moved {
            by: self.by,
            to: self.ends.to.text(),
        };
        let already = from.standing().await? == moved;
        if !already && !from.set_standing(self.run, moved, Some(end)).await? {
            return Ok(Ending::Overtaken);
        }
        let serving = Standing::Serving {
            came_by: Some(self.by),
        };
        target.set_standing(self.run, serving, None).await?;
        println!(
            "{} has moved to {}",
            self.ends.from.text(),
            self.ends.to.text()
        );
        Ok(Ending::Moved)
    }
}
