//! The backend for several machines: one PostgreSQL, any number of nodes over it.
//!
//! Invariants: every commit is one call of one function, so no client is waited for while a lock is held; a commit whose
//! answer was lost is looked up, never guessed; loads go to the primary and are never stale; what a statement says is in
//! `statements`, and a test prepares each of them against the real schema.

pub mod audit;
pub mod connections;
pub mod limits;
pub mod statements;
pub mod store;
pub mod target;

mod balances;
mod commit;
mod database;
mod debts;
mod failure;
mod journal;
mod leases;
mod liabilities;
mod lists;
mod load;
mod log;
mod maintenance;
mod migrations;
mod moving;
mod outbox;
mod row;
mod servers;
mod tls;
