//! The journal entry.

use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::party::{DistributorId, MerchantId, OperatorId};
use ids::time::Timestamp;
use ledger::postings::Postings;

use crate::fact::Fact;
use crate::rules;

/// One record of the journal. What was wrong is put right by a later entry, never by a change of this one; only the payer can
/// be erased from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    sequence: Sequence,
    at: Timestamp,
    actor: Actor,
    idempotency: Option<Idempotency>,
    fact: Fact,
    postings: Postings,
}

/// Who asked for what an entry states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Merchant(MerchantId),
    Distributor(DistributorId),
    Payer,
    /// Whoever may run commands on the issuer's machine.
    Operator,
    /// The platform itself, because a time was reached.
    Timer,
    /// One of the issuer's people, by a key of their own.
    Person(OperatorId),
}

/// The key of a command and the fingerprint of what it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency {
    pub key: IdempotencyKey,
    pub fingerprint: Fingerprint,
}

/// The circumstances of an entry: all of it but the fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    pub sequence: Sequence,
    pub at: Timestamp,
    pub actor: Actor,
    pub idempotency: Option<Idempotency>,
}

/// A stored entry whose postings are not those that its fact demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the postings of journal entry {} do not follow from its fact", .0.0)]
pub struct PostingsDoNotFollow(pub Sequence);

impl Entry {
    /// An entry for a fact that the rules decided.
    ///
    /// # Panics
    ///
    /// If the amounts of the fact exceed 64 bits together; the limits on every amount keep decisions far from it.
    pub fn new(circumstances: Circumstances, fact: Fact) -> Entry {
        let postings = rules::postings(&fact).expect("decided amounts are within their limits");
        Entry::assemble(circumstances, fact, postings)
    }

    /// An entry as it was stored; its postings must be those of its fact.
    pub fn restore(
        circumstances: Circumstances,
        fact: Fact,
        postings: Postings,
    ) -> Result<Entry, PostingsDoNotFollow> {
        if rules::postings(&fact) == Ok(postings.clone()) {
            Ok(Entry::assemble(circumstances, fact, postings))
        } else {
            Err(PostingsDoNotFollow(circumstances.sequence))
        }
    }

    /// The same entry in another place of the journal.
    #[must_use]
    pub fn moved_to(&self, sequence: Sequence) -> Entry {
        Entry {
            sequence,
            ..self.clone()
        }
    }

    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub fn actor(&self) -> Actor {
        self.actor
    }

    pub fn idempotency(&self) -> Option<Idempotency> {
        self.idempotency
    }

    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    pub fn postings(&self) -> &Postings {
        &self.postings
    }

    fn assemble(circumstances: Circumstances, fact: Fact, postings: Postings) -> Entry {
        let Circumstances {
            sequence,
            at,
            actor,
            idempotency,
        } = circumstances;
        Entry {
            sequence,
            at,
            actor,
            idempotency,
            fact,
            postings,
        }
    }
}
