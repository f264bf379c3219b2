//! What can be set about the embedded store. The defaults suit one machine with a few gigabytes.

use std::time::Duration;

/// How the store trades memory and disk writes against lag and start-up time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long queries may trail the journal on a quiet store.
    pub projection_interval: Duration,
    /// Entries that may wait in memory for their projection; a commit beyond that waits.
    pub unprojected_entries_max: usize,
    /// Entries after which live vouchers and the indexes by key are stored, so that a start replays
    /// no more than about twice as many. A store with many live vouchers takes a quarter of their number
    /// where that is more.
    pub snapshot_entries: u64,
    /// Keys of commands, payments, orders and vouchers that are gathered in memory; then they are stored, also between
    /// snapshots, which are far apart where many vouchers live.
    pub gathered_keys_max: usize,
    /// Bytes of the journal's write-ahead log after which it is copied into the journal beside the commits.
    pub checkpoint_bytes: u64,
    /// Bytes of the journal's write-ahead log after which a commit finishes that copying itself.
    pub log_bytes_max: u64,
    /// The largest size of `journal.db`; commits beyond it are refused as on a full disk.
    pub journal_bytes_max: Option<u64>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            projection_interval: Duration::from_millis(200),
            unprojected_entries_max: 100_000,
            snapshot_entries: 500_000,
            gathered_keys_max: 1_000_000,
            checkpoint_bytes: 8 << 20,
            log_bytes_max: 64 << 20,
            journal_bytes_max: None,
        }
    }
}
