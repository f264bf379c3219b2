//! Debts for wrong tries, which all nodes over one storage count together.

use ids::time::Span;

use crate::failure::Failure;
use crate::port::Answer;

/// Storage for debts. Time is the storage's own: what it says and is told are spans from the moment of the call.
pub trait Debts: Send + Sync + 'static {
    /// After how long each debtor owes nothing, in their order; zero for one that owes nothing now.
    fn owed<'a>(&'a self, debtors: &'a [Debtor]) -> Answer<'a, Result<Vec<Span>, Failure>>;

    /// Adds to what debtors owe, in the order given. After a lost answer it may be done twice: who guessed pays.
    fn charge<'a>(&'a self, charges: &'a [Charge]) -> Answer<'a, Result<(), Failure>>;
}

/// Who owes: a keyed digest, which tells nobody an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Debtor(pub [u8; 16]);

/// A wrong try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    pub debtor: Debtor,
    /// The time in which it is forgiven, once everything before it is.
    pub span: Span,
    /// The debt up to which it counts; what is owed beyond stays owed.
    pub most: Span,
}
