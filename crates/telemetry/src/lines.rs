//! Lines of the program's own log, counted by how bad they are.

use engine::figures::tally::Tally;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// What of it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warn,
}

/// Of this process, as the log itself is.
static LINES: Tally<Severity> = Tally::new();

impl Severity {
    pub const ALL: [Severity; 2] = [Severity::Error, Severity::Warn];

    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warn => "warn",
        }
    }

    /// How many lines there were.
    pub fn lines(self) -> u64 {
        LINES.of(&self)
    }

    fn of(level: Level) -> Option<Severity> {
        match level {
            Level::ERROR => Some(Severity::Error),
            Level::WARN => Some(Severity::Warn),
            _ => None,
        }
    }
}

/// Beside the layer that writes the lines.
#[derive(Debug)]
pub struct CountLines;

impl<S: Subscriber> Layer<S> for CountLines {
    fn on_event(&self, event: &Event<'_>, _ctx: Context<'_, S>) {
        if let Some(severity) = Severity::of(*event.metadata().level()) {
            LINES.add(severity);
        }
    }
}

#[cfg(test)]
mod tests;
