//! The log against the vectors of its specifications, against three foreign libraries, and against its own verifier.

mod flips;
mod growth;
mod notes;
mod peers;
mod promised;
mod proofs;
mod receipts;
mod reports;
mod signing;
mod support;
mod vectors;
mod walks;
mod wasm;
mod witnesses;
