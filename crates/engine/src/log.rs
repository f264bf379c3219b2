//! The transparency log: seeds for its leaves, and the sequencer that makes one of every entry.
//!
//! Invariants: no payment waits for the log; a tree is signed only after it was stored and proved to have grown from the
//! last one; what two nodes write at once is the same.

pub mod failure;
pub mod promise;
pub mod receipts;
pub mod seeds;
pub mod sequencer;
pub mod standing;
pub mod witnessing;

mod edge;
mod remembered;
mod tiles;

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use store::log::LogStorage;
use store::port::Store;
use store::seeds::Seeds;
use tlog::bundle::LogEntry;
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::TreeHash;
use tlog::key::{KeyError, KeyKind, KeyName, PublicKey};
use tlog::promise::Promises;
use tlog::signer::Proved;
use vault::log_key::LogKey;
use vault::vault::Vault;

use crate::log::remembered::Remembered;
use crate::log::standing::Known;

/// A log by its name, with the key that signs for it.
pub struct Log {
    public: PublicKey,
    secret: LogKey,
    /// Whether it is known that the log goes on, so that promises will be kept.
    known: Known,
    remembered: Mutex<Remembered>,
}

/// What the log is made of and kept in.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub seeds: Arc<dyn Seeds>,
    pub log: Arc<dyn LogStorage>,
    pub vault: Arc<Vault>,
}

impl Log {
    /// The log of this name; its key follows from the installation's.
    ///
    /// # Errors
    ///
    /// If the name is none that a signer may have (C2SP signed-note): empty, or with a space, a `+` or a control
    /// character.
    pub fn named(origin: &str, vault: &Vault) -> Result<Log, KeyError> {
        let name = KeyName::parse(origin)?;
        let secret = vault.log_key(origin);
        let public = PublicKey::new(name, KeyKind::Note, secret.public())?;
        Ok(Log {
            public,
            secret,
            known: Known::default(),
            remembered: Mutex::default(),
        })
    }

    fn goes_on(&self) -> bool {
        self.known.goes_on()
    }

    pub fn origin(&self) -> &str {
        self.public.name().as_str()
    }

    /// The key by which everybody checks the log. A policy names it.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a head that may be signed; the same checkpoint each time.
    pub fn sign(&self, proved: Proved) -> SignedCheckpoint {
        let sign = |message: &[u8]| Ok::<_, std::convert::Infallible>(self.secret.sign(message));
        let Ok(checkpoint) = proved.sign(&self.public, sign);
        checkpoint
    }
}

impl Log {
    fn sign_promises(&self, first: u64, leaves: Vec<TreeHash>, deadline: u64) -> Promises {
        let sign = |message: &[u8]| Ok::<_, std::convert::Infallible>(self.secret.sign(message));
        let Ok(promises) = Promises::sign(self.public.clone(), first, leaves, deadline, sign);
        promises
    }

    /// Keeps leaves that were made, for the sequencer.
    fn remember(&self, first: u64, leaves: Vec<LogEntry>) {
        self.remembered.lock().add(first, leaves);
    }

    /// Leaves from `index` on that were made for promises, at most `count`, and the index of the next that was.
    fn take_remembered(&self, index: u64, count: usize) -> (Vec<LogEntry>, Option<u64>) {
        let mut remembered = self.remembered.lock();
        (remembered.take(index, count), remembered.next())
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({})", self.public)
    }
}
