//! What a node tells of itself and of the platform: the metrics that Prometheus and Datadog read.
//!
//! Invariants:
//! - What happens is counted where it happens ([`engine::figures`], [`http_figures`], [`lines`]) and read when somebody asks:
//!   nothing runs for metrics alone.
//! - No label holds anything of a payer, a voucher, a merchant or an address, and each has few values.
//! - A storage that does not answer takes away what it would have told, and nothing else.
//!
//! `docs/metrics.md` lists all of them; a test compares.

pub mod family;
pub mod http_figures;
pub mod lines;
pub mod node;
pub mod platform;
pub mod process;
pub mod routes;

mod look;
