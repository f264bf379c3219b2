//! Points in time and spans, in whole milliseconds.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub i64);

impl Span {
    pub const SECOND: Span = Span(1_000);
    pub const MINUTE: Span = Span(60_000);
    pub const HOUR: Span = Span(3_600_000);
    pub const DAY: Span = Span(86_400_000);

    /// Whole seconds, rounded up.
    pub const fn seconds(self) -> i64 {
        self.0.saturating_add(999) / 1_000
    }

    pub const fn times(self, count: i64) -> Span {
        Span(self.0.saturating_mul(count))
    }
}

impl Timestamp {
    /// Later than any time that occurs: the due time of what never falls due.
    pub const NEVER: Timestamp = Timestamp(i64::MAX);

    pub const fn plus(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }

    pub const fn minus(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }
}
