//! The embedded backend: the journal in SQLite, the rows that matter in memory, everything else derived.
//!
//! Invariants: `journal.db` is the truth and is only appended to; a commit is answered after its sync;
//! `views.db` can be deleted at any time and comes back from the journal; a row is never invisible while
//! it moves from memory to the tables; what the views store is never ahead of their cursor.

pub mod audit;
pub mod backup;
pub mod moving;
pub mod options;
pub mod report;
pub mod store;

mod committed;
mod database;
mod directory;
mod filter;
mod hash;
mod journal;
mod liabilities;
mod lists;
mod load;
mod log;
mod log_files;
mod memory;
mod number;
mod outbox;
mod pending;
mod projector;
mod queue;
mod recovery;
mod slab;
mod views;
