//! Storage for the parts of the sum trees of statements, by which holders' proofs are made.

use std::sync::Arc;

use ids::command::Sequence;
use liabilities::part::Place;

use crate::failure::Failure;
use crate::port::Answer;

/// A part as it is stored: sealed, because it says who is owed what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPart {
    pub place: Place,
    pub sealed: Arc<[u8]>,
}

/// Parts of statements, which are named by the last entry that they count.
///
/// They follow from the journal and can be made again, so neither moves nor backups carry them, and a loss of power may take
/// what was stored last. Of a statement whose head is there everything is there: it is stored last, and forgotten first.
pub trait PartStorage: Send + Sync + 'static {
    /// Stores parts of a statement, all of them or none, in the place of those that are there.
    fn store_parts(
        &self,
        statement: Sequence,
        parts: Arc<[SealedPart]>,
    ) -> Answer<'_, Result<(), Failure>>;

    /// The parts at these places; what is not stored is left out.
    fn read_parts<'a>(
        &'a self,
        statement: Sequence,
        places: &'a [Place],
    ) -> Answer<'a, Result<Vec<SealedPart>, Failure>>;

    /// The statements of which there is any part, oldest first.
    fn statements(&self) -> Answer<'_, Result<Vec<Sequence>, Failure>>;

    /// Forgets all parts of a statement.
    fn forget_parts(&self, statement: Sequence) -> Answer<'_, Result<(), Failure>>;
}
