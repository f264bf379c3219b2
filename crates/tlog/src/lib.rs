//! The transparency log: its tree, its files, its signatures and its proofs, byte for byte after the specifications.
//!
//! What always holds:
//! - A tree only grows. A tile that is full never changes, and no head is signed that is not proved to have grown from
//!   the one before.
//! - What one signed text means, no other does: checkpoints, cosignatures and promises cannot be taken for each other.
//! - Whatever is read is written back byte for byte; a second spelling of the same value is refused.
//! - Leaves hold commitments. Nothing in them tells a payer, a merchant, an amount or a voucher.
//! - Every proof that is built here is accepted by `verifier`, which shares no code with this crate.
//!
//! There is no storage, no network and no secret key in here. Files are values with a path, and signing is a function
//! that the caller brings.

pub mod hash;

pub mod bundle;
pub mod edge;
pub mod tile;

pub mod plan;
pub mod proof;

pub mod checkpoint;
pub mod cosignature;
pub mod key;
pub mod note;
pub mod proof_file;
pub mod signer;

pub mod leaf;
pub mod promise;
pub mod receipt;

pub mod witness;

mod reading;
mod text;
