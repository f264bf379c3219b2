//! Moving a store that is in memory.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use store::failure::Failure;
use store::moving::{Extent, MessageSpan, Movable, RunId, Source, Standing};
use store::outbox::{Delivery, MessageId};
use store::port::{Answer, Store};

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
