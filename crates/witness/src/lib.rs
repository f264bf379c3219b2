//! A witness of transparency logs (C2SP tlog-witness) that anybody can host: it cosigns what only grew, and keeps what
//! shows that a log rewrote its history.
//!
//! What always holds:
//! - For one log the cosigned size never goes back, and no two roots are cosigned for one size: neither at once, nor
//!   after a crash between any two steps.
//! - A cosignature leaves the witness only after the checkpoint that it is for is on stable storage.
//! - The time of a cosignature is never zero and never before that of the one before, whatever the clock says.
//! - One program works in one directory, and the directory is all that it needs.
//!
//! There is no list of clients and no password in here: a request counts for what the log's key signed. Nothing else of
//! the platform is used but the formats of `tlog`, so whoever hosts a witness need not trust the rest of it.

pub mod witness;

pub mod key;

pub mod routes;

mod durable;
mod evidence;
mod followed;
