//! Moving: how what one backend stores comes into another, and who has it meanwhile.
//!
//! Rows are a fold of the journal, so a move commits the entries of one storage to the other. What is no fold of it, the
//! outbox, the seeds of leaves and the heads of logs, is read and restored as it is. Keys and leases are not stored here: the former have a file of their own, and
//! the latter end by themselves.
//!
//! At any moment at most one of the two storages may be served. Each one's [`Standing`] says so, and survives whatever
//! happens to the program that moves.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use accounting::entry::Entry;
use ids::command::Sequence;

use crate::failure::Failure;
use crate::lease::Leases;
use crate::liabilities::PartStorage;
use crate::log::{LogStorage, NamedLog};
use crate::outbox::{Delivery, MessageId, Outbox};
use crate::port::{Answer, Store};
use crate::seeds::{SeedRun, Seeds};

/// Storage that can be read while others write to it.
pub trait Source: Send + Sync {
    /// How far it is. The parts may be of different moments where others write.
    fn extent(&self) -> Answer<'_, Result<Extent, Failure>>;

    /// At most `count` entries after `after`, in the order of the journal and without gaps.
    fn read_entries(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>>;

    /// At most `count` messages after `after` with their attempts, of all merchants, in the order of their ids.
    fn read_deliveries(
        &self,
        after: MessageId,
        count: usize,
    ) -> Answer<'_, Result<Vec<Delivery>, Failure>>;

    /// At most `count` runs of seeds that begin behind `after`, in their order.
    fn read_seed_runs(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>>;

    /// Every transparency log over the journal, by its head and checkpoint; its files can be made again.
    fn read_logs(&self) -> Answer<'_, Result<Vec<NamedLog>, Failure>>;

    fn standing(&self) -> Answer<'_, Result<Standing, Failure>>;
}

/// Storage that a move can end in, or begin from for good.
///
/// What changes here for a move is done in the name of one run of it. A run that stood still while another one began is
/// refused from then on, whatever it still believes or has sent.
pub trait Movable: Source + Store + Outbox + Leases + Seeds + LogStorage + PartStorage {
    /// Makes this run the one that may change anything. What an earlier one is about to change is waited for, and
    /// everything that it asks afterwards is refused, entries that it commits included.
    fn begin_run(&self, run: RunId) -> Answer<'_, Result<(), Failure>>;

    /// Makes the messages of a span exactly these, with their ids, numbers and attempts; others in the span are forgotten.
    /// The next message gets a number only after [`Movable::settle`].
    fn restore<'a>(
        &'a self,
        run: RunId,
        span: MessageSpan,
        deliveries: &'a [Delivery],
    ) -> Answer<'a, Result<(), Failure>>;

    /// Lets the outbox go on behind what was restored: the next ids and numbers follow the greatest ones that are there,
    /// and the reader of the journal begins behind `cursor`.
    fn settle(&self, run: RunId, cursor: Sequence) -> Answer<'_, Result<(), Failure>>;

    /// Writes runs of seeds as they are in the source, in the place of those that begin with the same entry.
    fn restore_seeds<'a>(
        &'a self,
        run: RunId,
        runs: &'a [SeedRun],
    ) -> Answer<'a, Result<(), Failure>>;

    /// Writes logs as they are in the source.
    fn restore_logs<'a>(
        &'a self,
        run: RunId,
        logs: &'a [NamedLog],
    ) -> Answer<'a, Result<(), Failure>>;

    /// Notes the standing, durably. With an extent it does so only if the storage is exactly as far as that at this
    /// moment; answers whether it did. Once it is noted that the storage has moved, nothing more is committed to it,
    /// by whichever program has it open.
    fn set_standing(
        &self,
        run: RunId,
        standing: Standing,
        only_at: Option<Extent>,
    ) -> Answer<'_, Result<bool, Failure>>;
}

/// How far a storage is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The last entry.
    pub head: Sequence,
    /// The last entry whose messages are in the outbox.
    pub cursor: Sequence,
    /// The last message; 0 where there is none.
    pub last_message: MessageId,
}

/// The messages behind `after`, up to `upto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageSpan {
    pub after: MessageId,
    pub upto: MessageId,
}

/// The name of one move, drawn at its beginning: both storages note it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MoveId(pub [u8; 16]);

/// One run of a move, from its start to its end or its death: a move that goes on does so in another run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RunId(pub [u8; 16]);

/// Whether a storage may be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may. The move by which its data came here, if one did.
    Serving { came_by: Option<MoveId> },
    /// Data is on its way here, and only part of it has arrived.
    Receiving { by: MoveId, from: String },
    /// Its data is elsewhere, and has gone on there.
    Moved { by: MoveId, to: String },
}

impl Standing {
    /// As a storage has it that nobody ever moved.
    pub const UNMOVED: Standing = Standing::Serving { came_by: None };
}

/// A stored standing that says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is noted about a move is damaged")]
pub struct UnknownStanding;

/// The form in which it is stored.
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Serving { came_by: None } => f.write_str("serving"),
            Standing::Serving { came_by: Some(by) } => write!(f, "serving {by:?}"),
            Standing::Receiving { by, from } => write!(f, "receiving {by:?} {from}"),
            Standing::Moved { by, to } => write!(f, "moved {by:?} {to}"),
        }
    }
}

impl FromStr for Standing {
    type Err = UnknownStanding;

    fn from_str(text: &str) -> Result<Standing, UnknownStanding> {
        let mut words = text.splitn(3, ' ');
        let (what, by, place) = (words.next(), words.next(), words.next());
        let by = by
            .map(|by| MoveId::parse(by).ok_or(UnknownStanding))
            .transpose()?;
        match (what, by, place.map(str::to_owned)) {
            (Some("serving"), came_by, None) => Ok(Standing::Serving { came_by }),
            (Some("receiving"), Some(by), Some(from)) => Ok(Standing::Receiving { by, from }),
            (Some("moved"), Some(by), Some(to)) => Ok(Standing::Moved { by, to }),
            _ => Err(UnknownStanding),
        }
    }
}

impl MoveId {
    fn parse(text: &str) -> Option<MoveId> {
        let number = u128::from_str_radix(text, 16).ok()?;
        (text.len() == 32).then_some(MoveId(number.to_be_bytes()))
    }
}

impl fmt::Debug for MoveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The run that may change anything, for storage that no other process can have open: its name need not be stored.
#[derive(Debug, Default)]
pub struct LocalRun(Mutex<Option<RunId>>);

/// The right to change something now; the next run waits until it is dropped.
pub struct Turn<'a> {
    _held: MutexGuard<'a, Option<RunId>>,
}

impl LocalRun {
    pub fn begin(&self, run: RunId) {
        *self.lock() = Some(run);
    }

    /// Refuses every run but the last that began.
    pub fn require(&self, run: RunId, place: &str) -> Result<Turn<'_>, Failure> {
        let held = self.lock();
        if *held == Some(run) {
            return Ok(Turn { _held: held });
        }
        Err(Failure::Unsuitable {
            place: place.to_owned(),
            why: ANOTHER_RUN.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<RunId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why nothing is added to data that is served elsewhere.
pub const MOVED_AWAY: &str = "it has moved and goes on elsewhere";
/// Why nothing is added to data that is on its way here.
pub const NOT_COMPLETE: &str = "it is on its way here, and not complete";
/// Why a run that stood still may not go on.
pub const ANOTHER_RUN: &str = "another run of a move has taken over since this one stood still";
