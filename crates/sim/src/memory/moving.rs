//! Moving a store that is in memory.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use store::failure::Failure;
use store::log::NamedLog;
use store::moving::{Extent, MessageSpan, Movable, RunId, Source, Standing};
use store::outbox::{Delivery, MessageId};
use store::port::{Answer, Store};
use store::seeds::SeedRun;

use crate::memory::{MemoryStore, PLACE};

impl MemoryStore {
    fn ends_at(&self) -> Extent {
        let head = self.tables.lock().head();
        self.messages.lock().extent(head)
    }
}

impl Source for MemoryStore {
    fn extent(&self) -> Answer<'_, Result<Extent, Failure>> {
        Box::pin(async move { Ok(self.ends_at()) })
    }

    fn read_entries(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        self.entries_after(after, count)
    }

    fn read_deliveries(
        &self,
        after: MessageId,
        count: usize,
    ) -> Answer<'_, Result<Vec<Delivery>, Failure>> {
        Box::pin(async move { Ok(self.messages.lock().deliveries(after, count)) })
    }

    fn read_seed_runs(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            let runs = tables.seeds.range(after.next()..);
            Ok(runs.take(count).map(|(_, run)| run.clone()).collect())
        })
    }

    fn read_logs(&self) -> Answer<'_, Result<Vec<NamedLog>, Failure>> {
        Box::pin(async move {
            let log = self.log.lock();
            let logs = log.logs.iter().map(|(origin, state)| NamedLog {
                origin: origin.clone(),
                state: state.clone(),
            });
            Ok(logs.collect())
        })
    }

    fn standing(&self) -> Answer<'_, Result<Standing, Failure>> {
        Box::pin(async move {
            let standing = self.standing.lock().clone();
            Ok(standing.unwrap_or(Standing::UNMOVED))
        })
    }
}

impl Movable for MemoryStore {
    fn begin_run(&self, run: RunId) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.run.begin(run);
            Ok(())
        })
    }

    fn restore<'a>(
        &'a self,
        run: RunId,
        span: MessageSpan,
        deliveries: &'a [Delivery],
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.run.require(run, PLACE)?;
            self.messages.lock().restore(span, deliveries);
            Ok(())
        })
    }

    fn settle(&self, run: RunId, cursor: Sequence) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.run.require(run, PLACE)?;
            self.messages.lock().settle(cursor);
            Ok(())
        })
    }

    fn restore_seeds<'a>(
        &'a self,
        run: RunId,
        runs: &'a [SeedRun],
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.run.require(run, PLACE)?;
            let seeds = &mut self.tables.lock().seeds;
            seeds.extend(runs.iter().map(|run| (run.first, run.clone())));
            Ok(())
        })
    }

    fn restore_logs<'a>(
        &'a self,
        run: RunId,
        logs: &'a [NamedLog],
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.run.require(run, PLACE)?;
            let known = &mut self.log.lock().logs;
            let logs = logs.iter().cloned();
            known.extend(logs.map(|log| (log.origin, log.state)));
            Ok(())
        })
    }

    fn set_standing(
        &self,
        run: RunId,
        standing: Standing,
        only_at: Option<Extent>,
    ) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move {
            let _turn = self.run.require(run, PLACE)?;
            let noted = only_at.is_none_or(|extent| extent == self.ends_at());
            if noted {
                *self.standing.lock() = Some(standing);
            }
            Ok(noted)
        })
    }
}
