//! Leases: of several nodes over one storage, one does a thing for a time.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::port::Answer;

/// Storage for leases. Whether a lease has ended is judged by the storage's clock alone.
///
/// At any moment of that clock a lease has at most one holder. A holder measures its time with a clock that never
/// jumps, from before it asked, and stops work before the lease ends: then two nodes never work at once, whatever
/// becomes of the connection between them and the storage.
pub trait Leases: Send + Sync + 'static {
    /// Takes the lease for a time if nobody has it; none if somebody does.
    fn acquire(
        &self,
        name: LeaseName,
        holder: Holder,
        span: Duration,
    ) -> Answer<'_, Result<Option<FencingToken>, Failure>>;

    /// Prolongs the lease from now on. Answers whether it was still held under this token.
    fn renew(&self, held: Held, span: Duration) -> Answer<'_, Result<Renewal, Failure>>;

    /// Lets others have the lease at once, if it is still held under this token.
    fn release(&self, held: Held) -> Answer<'_, Result<(), Failure>>;
}

/// What is done by one node at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseName {
    Timers,
    /// Reading the journal for messages to merchants.
    MessageReader,
    MessageDelivery,
    /// Raising the guard where decisions ask for it.
    Countermeasures,
    /// Turning entries into leaves of the transparency log.
    Sequencer,
    /// Bringing checkpoints of the transparency log to a chain.
    Anchoring,
    /// Training models and promoting them by rule.
    Training,
    /// Stating what the issuer owes.
    Liabilities,
}

/// A random name that a node gives itself at its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holder(pub [u8; 16]);

/// Grows each time that the lease is acquired: of two tokens the greater one is the later holder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FencingToken(pub u64);

/// A lease as its holder knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub name: LeaseName,
    pub holder: Holder,
    pub token: FencingToken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    Prolonged,
    /// It had ended, and somebody else may have it.
    Lost,
}

impl LeaseName {
    /// Every one that there is: a move has to hold them all.
    pub const ALL: [LeaseName; 8] = [
        LeaseName::Timers,
        LeaseName::MessageReader,
        LeaseName::MessageDelivery,
        LeaseName::Countermeasures,
        LeaseName::Sequencer,
        LeaseName::Anchoring,
        LeaseName::Training,
        LeaseName::Liabilities,
    ];

    /// The name as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            LeaseName::Timers => "timers",
            LeaseName::MessageReader => "message-reader",
            LeaseName::MessageDelivery => "message-delivery",
            LeaseName::Countermeasures => "countermeasures",
            LeaseName::Sequencer => "sequencer",
            LeaseName::Anchoring => "anchoring",
            LeaseName::Training => "training",
            LeaseName::Liabilities => "liabilities",
        }
    }
}

/// Leases within one process, for storage that no other process can open.
#[derive(Debug, Default)]
pub struct LocalLeases(Mutex<HashMap<LeaseName, Local>>);

#[derive(Clone, Copy, Debug)]
struct Local {
    holder: Holder,
    token: FencingToken,
    ends_at: Instant,
}

/// Each method is told the time, `now`, by a clock that never jumps.
impl LocalLeases {
    pub fn acquire(
        &self,
        name: LeaseName,
        holder: Holder,
        span: Duration,
        now: Instant,
    ) -> Option<FencingToken> {
        let mut leases = self.lock();
        let last = leases.get(&name);
        if last.is_some_and(|last| now < last.ends_at) {
            return None;
        }
        let token = FencingToken(last.map_or(0, |last| last.token.0) + 1);
        let ends_at = now + span;
        leases.insert(
            name,
            Local {
                holder,
                token,
                ends_at,
            },
        );
        Some(token)
    }

    pub fn renew(&self, held: Held, span: Duration, now: Instant) -> Renewal {
        match self.lock().get_mut(&held.name) {
            Some(lease) if lease.is_held_by(held, now) => {
                lease.ends_at = now + span;
                Renewal::Prolonged
            }
            Some(_) | None => Renewal::Lost,
        }
    }

    pub fn release(&self, held: Held, now: Instant) {
        if let Some(lease) = self.lock().get_mut(&held.name)
            && lease.is_held_by(held, now)
        {
            lease.ends_at = now;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<LeaseName, Local>> {
        // Nothing under the lock can stop half way.
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Local {
    fn is_held_by(&self, held: Held, now: Instant) -> bool {
        self.holder == held.holder && self.token == held.token && now < self.ends_at
    }
}
