//! Figures about a store, for metrics, benchmarks and tests.

/// What the store holds in memory and has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryReport {
    pub live_vouchers: u64,
    /// Bytes allocated for vouchers and their indexes.
    pub voucher_bytes: u64,
    /// Payments that can still change without a refund.
    pub open_payments: u64,
    /// Entries that are durable and not yet in the tables that queries read.
    pub unprojected_entries: u64,
    /// Bytes of the filter that answers "never seen".
    pub filter_bytes: u64,
    /// Bytes of entries written to the journal's log since the start, with the page that each commit fills up.
    pub journal_bytes_written: u64,
}

impl MemoryReport {
    /// Bytes resident for each live voucher, rounded up; 0 where there is none.
    pub fn bytes_per_voucher(&self) -> u64 {
        match self.live_vouchers {
            0 => 0,
            vouchers => self.voucher_bytes.div_ceil(vouchers),
        }
    }
}

/// How a store was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Entries that were folded again because the views were behind the journal.
    pub replayed_entries: u64,
    pub views: ViewsAtStart,
}

/// What became of the views at a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewsAtStart {
    /// They fitted the journal.
    Kept,
    /// They were missing or damaged and were rebuilt from the journal.
    Rebuilt { why: String },
}
