//! Risk: what the journal says about whoever pays, and what rules and models make of the next attempt.
//!
//! A reader of the journal keeps profiles in memory, on every node for itself; they trail the journal by at most
//! [`reader::FOLLOW_EVERY`] and the time that the newest entries take to be read. What must be exact, such as the limits on
//! guesses, is not left to them. The judge takes its facts from the profiles inside the payment's own command, and writes
//! them into the entry with what it decided, so that the decision can be made again from the journal alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use ::risk::decision::values::Schema;
use ::risk::feature;
use ::risk::profile::store::ProfileSettings;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::{Span, Timestamp};
use parking_lot::{Mutex, RwLock};
use vault::vault::Vault;

use crate::risk::bench::Bench;
use crate::risk::figures::Figures;
use crate::risk::judging::Allowance;
use crate::risk::memory::{Mark, Memory, MemoryError};
use crate::risk::monitor::Monitor;
use crate::risk::translation::Translation;

pub mod bench;
pub mod countermeasures;
pub mod events;
pub mod figures;
pub mod in_force;
pub mod judging;
pub mod learning;
pub mod memory;
pub mod monitor;
pub mod reader;
pub mod replaying;
pub mod sold;
pub mod training;
pub mod translation;

/// Profiles that a platform remembers unless it is set up otherwise.
pub const ENTITIES_DEFAULT: usize = 1_000_000;

/// One node's risk engine.
pub struct Risk {
    memory: RwLock<Memory>,
    /// Held by whoever writes to the memory, or reads all of it: one that waits to write would hold up the judge.
    turn: Mutex<()>,
    bench: RwLock<Arc<Bench>>,
    /// Whether the bench is the one that the journal names, as far as the journal was read.
    seated: AtomicBool,
    schema: Schema,
    translation: Translation,
    vault: Arc<Vault>,
    allowance: Allowance,
    /// What is known of the models in force.
    pub monitor: RwLock<Monitor>,
    /// When the journal had last been read to its end, in milliseconds since 1970.
    followed_at: AtomicI64,
    pub figures: Figures,
}

impl Risk {
    /// An engine that remembers nothing yet and judges by the rules that ship with this version.
    pub fn new(vault: Arc<Vault>, entities_max: usize) -> Risk {
        let schema = Schema::new(feature::catalogue()).expect("the catalogue is within its bound");
        Risk {
            memory: RwLock::new(Memory::new(profile_settings(entities_max))),
            turn: Mutex::new(()),
            bench: RwLock::new(Arc::new(Bench::shipped(&schema))),
            seated: AtomicBool::new(false),
            translation: Translation::new(vault.scatter_seed()),
            schema,
            vault,
            allowance: Allowance::default(),
            monitor: RwLock::new(Monitor::default()),
            followed_at: AtomicI64::new(i64::MIN / 2),
            figures: Figures::default(),
        }
    }

    /// Goes on from a snapshot; one of another kind, of another platform or with other settings is refused, and the
    /// journal is read again.
    pub fn restore(&self, snapshot: &[u8]) -> Result<(), MemoryError> {
        let settings = self.memory.read().profiles.settings();
        let restored = Memory::restore(snapshot, self.mark(), settings)?;
        *self.memory.write() = restored;
        Ok(())
    }

    /// What is remembered, to go on from after a restart. Nothing is learnt meanwhile, and judging goes on.
    pub fn snapshot(&self) -> Vec<u8> {
        let _turn = self.turn.lock();
        self.memory.read().snapshot(self.mark())
    }

    fn mark(&self) -> Mark {
        self.vault.lot(b"risk memory")
    }

    /// The payments that wait for a person, each with since when.
    pub fn reviews(&self) -> Vec<(PaymentId, Timestamp)> {
        let memory = self.memory.read();
        memory.reviews.iter().map(|(id, at)| (*id, *at)).collect()
    }

    /// The last entry that the memory knows of.
    pub fn read(&self) -> Sequence {
        self.memory.read().read
    }

    pub fn bench(&self) -> Arc<Bench> {
        Arc::clone(&self.bench.read())
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    fn seat(&self, bench: Bench) {
        *self.bench.write() = Arc::new(bench);
    }
}

fn profile_settings(entities_max: usize) -> ProfileSettings {
    ProfileSettings {
        entities_max,
        ahead_of_utc: Span::HOUR,
    }
}
