//! The arguments of `scrip risk evaluate`.

use std::path::PathBuf;

use clap::Args;
use ids::time::{Span, Timestamp};

#[derive(Debug, Args)]
pub struct Evaluate {
    /// The stream: CSV with a header, or Parquet if its name ends in .parquet.
    #[arg(value_name = "EVENTS")]
    pub events: PathBuf,
    /// What the columns are, in TOML.
    #[arg(long, value_name = "FILE")]
    pub mapping: PathBuf,
    /// Payments from here on are trained from; 60 days before --train-until if left out.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub train_from: Option<Timestamp>,
    /// Payments from here on are not trained from.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub train_until: Timestamp,
    /// Payments from here on are scored, with a model trained from what was known by then.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub test_from: Timestamp,
    /// Payments from here on are not looked at; all are if left out.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub test_until: Option<Timestamp>,
    /// How long after a payment its label becomes known, as in 7d, 36h or 0s.
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub label_delay: Span,
    /// Where the scores go, one line for each payment that was scored.
    #[arg(long, value_name = "FILE")]
    pub scores: PathBuf,
    /// How many threads train.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub threads: u8,
    /// What decides where training draws by chance.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// A day, or a time of RFC 3339 with or without a zone; UTC where none is said.
fn parse_time(text: &str) -> Result<Timestamp, jiff::Error> {
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(timestamp.as_millisecond()));
    }
    let local: jiff::civil::DateTime = text.parse()?;
    let zoned = local.to_zoned(jiff::tz::TimeZone::UTC)?;
    Ok(Timestamp(zoned.timestamp().as_millisecond()))
}

/// Days of 24 hours, hours, minutes and seconds, as in 7d or 1h 30m.
fn parse_span(text: &str) -> Result<Span, jiff::Error> {
    let span: jiff::Span = text.parse()?;
    let days_of_24_hours = jiff::SpanRelativeTo::days_are_24_hours();
    let ms = span.total((jiff::Unit::Millisecond, days_of_24_hours))?;
    Ok(Span(ms as i64))
}
