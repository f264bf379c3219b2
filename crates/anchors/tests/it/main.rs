//! The contract on a real node of a chain, and nodes that lie.

mod anchoring;
mod chain;
mod lies;
