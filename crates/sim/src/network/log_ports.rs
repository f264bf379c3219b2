//! The ports of the transparency log and of statements of liabilities, each call on its way to the storage and back.

use std::sync::Arc;

use ids::command::Sequence;
use liabilities::part::Place;
use store::failure::Failure;
use store::liabilities::{PartStorage, SealedPart};
use store::log::{LogState, LogStorage, Published, Standing, Stored};
use store::port::Answer;
use store::seeds::{Erasure, SeedRun, Seeds};
use tlog::edge::LogFile;
use tlog::hash::TreeHead;
use tlog::tile::TilePath;

use crate::network::Link;

impl Seeds for Link {
    fn seed_runs(
        &self,
        after: Sequence,
        upto: Sequence,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        Box::pin(self.ask("seeds", self.network.store.seed_runs(after, upto)))
    }

    fn add_seeds(&self, run: SeedRun) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(self.write("add seeds", move |network| {
            let run = run.clone();
            Box::pin(async move { network.store.add_seeds(run).await })
        }))
    }

    fn erase(&self, erasure: Arc<Erasure>) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(self.write("erase", move |network| {
            let erasure = Arc::clone(&erasure);
            Box::pin(async move { network.store.erase(erasure).await })
        }))
    }
}

impl LogStorage for Link {
    fn read_files<'a>(
        &'a self,
        paths: &'a [TilePath],
    ) -> Answer<'a, Result<Vec<LogFile>, Failure>> {
        Box::pin(self.ask("log files", self.network.store.read_files(paths)))
    }

    fn store_files(&self, files: Arc<[LogFile]>) -> Answer<'_, Result<Stored, Failure>> {
        Box::pin(self.write("store log files", move |network| {
            let files = Arc::clone(&files);
            Box::pin(async move { network.store.store_files(files).await })
        }))
    }

    fn log_state<'a>(&'a self, origin: &'a str) -> Answer<'a, Result<LogState, Failure>> {
        Box::pin(self.ask("log state", self.network.store.log_state(origin)))
    }

    fn replace_head<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        head: TreeHead,
    ) -> Answer<'a, Result<bool, Failure>> {
        let origin: Arc<str> = Arc::from(origin);
        Box::pin(self.write("replace log head", move |network| {
            let origin = Arc::clone(&origin);
            Box::pin(async move { network.store.replace_head(&origin, last, head).await })
        }))
    }

    fn note_standing<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        standing: Standing,
    ) -> Answer<'a, Result<bool, Failure>> {
        let origin: Arc<str> = Arc::from(origin);
        Box::pin(self.write("note log standing", move |network| {
            let origin = Arc::clone(&origin);
            Box::pin(async move { network.store.note_standing(&origin, last, standing).await })
        }))
    }

    fn publish<'a>(
        &'a self,
        origin: &'a str,
        published: Published,
    ) -> Answer<'a, Result<(), Failure>> {
        let origin: Arc<str> = Arc::from(origin);
        Box::pin(self.write("publish", move |network| {
            let (origin, published) = (Arc::clone(&origin), published.clone());
            Box::pin(async move {
                network.note_checkpoint(&published.checkpoint);
                network.store.publish(&origin, published).await
            })
        }))
    }
}

impl PartStorage for Link {
    fn store_parts(
        &self,
        statement: Sequence,
        parts: Arc<[SealedPart]>,
    ) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.write("store parts", move |network| {
            let parts = Arc::clone(&parts);
            Box::pin(async move { network.store.store_parts(statement, parts).await })
        }))
    }

    fn read_parts<'a>(
        &'a self,
        statement: Sequence,
        places: &'a [Place],
    ) -> Answer<'a, Result<Vec<SealedPart>, Failure>> {
        Box::pin(self.ask("parts", self.network.store.read_parts(statement, places)))
    }

    fn statements(&self) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        Box::pin(self.ask("statements", self.network.store.statements()))
    }

    fn forget_parts(&self, statement: Sequence) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.write("forget parts", move |network| {
            Box::pin(async move { network.store.forget_parts(statement).await })
        }))
    }
}
