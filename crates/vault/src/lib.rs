//! Everything that touches a secret: PINs, keys, sealed fields and encrypted batch files.
//!
//! What always holds:
//! - Key bytes never leave. Each key is derived for one purpose and can do nothing else: the key that indexes PINs
//!   cannot open a sealed field, and a field sealed for one purpose does not open for another.
//! - A secret has its own type without `Display`, with a redacted `Debug`, and is wiped when it is dropped.
//!   What is wiped is the last place it stood: moving a value may leave a copy on the stack, and `age` keeps the
//!   last 64 KiB of a batch in memory that it does not wipe. Hosts that issue vouchers should run without swap
//!   and without core dumps.
//! - No error and no log line of this crate holds any part of a secret.
//! - A batch file is encrypted before its first byte reaches the disk.
//!
//! There is no network and no clock in here, and nothing is asynchronous.

pub mod pin;
pub mod pin_sequence;

pub mod serial;

pub mod vault;

pub mod key_file;
mod key_material;

pub mod log_key;
pub mod submitter_key;

pub mod api_key;
pub mod webhook_secret;

pub mod batch_file;

pub mod random;

mod damm;
mod durable;
