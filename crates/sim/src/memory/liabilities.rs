//! Parts of sum trees in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use ids::command::Sequence;
use liabilities::part::Place;
use store::failure::Failure;
use store::liabilities::{PartStorage, SealedPart};
use store::port::Answer;

use crate::memory::MemoryStore;

pub(super) type Parts = BTreeMap<(Sequence, Place), Arc<[u8]>>;

impl MemoryStore {
    /// Forgets the parts of all statements, as a move does.
    pub fn lose_parts(&self) {
        self.parts.lock().clear();
    }

    /// Has the parts of another storage instead of its own.
    pub fn take_parts_of(&self, other: &MemoryStore) {
        let others = other.parts.lock().clone();
        *self.parts.lock() = others;
    }
}

impl PartStorage for MemoryStore {
    fn store_parts(
        &self,
        statement: Sequence,
        parts: Arc<[SealedPart]>,
    ) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            let parts = parts.iter();
            let parts = parts.map(|part| ((statement, part.place), Arc::clone(&part.sealed)));
            self.parts.lock().extend(parts);
            Ok(())
        })
    }

    fn read_parts<'a>(
        &'a self,
        statement: Sequence,
        places: &'a [Place],
    ) -> Answer<'a, Result<Vec<SealedPart>, Failure>> {
        Box::pin(async move {
            let parts = self.parts.lock();
            let found = places.iter().filter_map(|place| {
                let sealed = Arc::clone(parts.get(&(statement, *place))?);
                let place = *place;
                Some(SealedPart { place, sealed })
            });
            Ok(found.collect())
        })
    }

    fn statements(&self) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        Box::pin(async move {
            let parts = self.parts.lock();
            let mut statements: Vec<Sequence> = parts.keys().map(|(it, _)| *it).collect();
            statements.dedup();
            Ok(statements)
        })
    }

    fn forget_parts(&self, statement: Sequence) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.parts
                .lock()
                .retain(|(other, _), _| *other != statement);
            Ok(())
        })
    }
}
