//! What a holder is given: its own leaf, opened, what stands beside its way to the root, and a proof that none of that is
//! below zero.
//!
//! ```text
//! 0x01 | entry (8) | currency (2) | kind (1) | number (8) | value (8) | blinding (32) | salt (32) | position (4)
//!      | 32 times: commitment (32), hash (32) | range proof (992)
//! ```

use std::sync::LazyLock;

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::scalar::Scalar;
use ids::command::Sequence;
use merlin::Transcript;
use money::currency::Currency;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::bytes::{self, holder_kind, holder_number};
use crate::node::HEIGHT;
use crate::secret::Secret;
use crate::tree::Way;

const FORMAT: u8 = 0x01;
const TRANSCRIPT: &[u8] = b"scrip/liabilities/siblings/v1";
/// Each value beside a way is below two to the power of this.
const VALUE_BITS: usize = 64;
pub const PROOF_BYTES: usize = 96 + 64 * HEIGHT as usize + 992;

static BASES: LazyLock<BulletproofGens> =
    LazyLock::new(|| BulletproofGens::new(VALUE_BITS, usize::from(HEIGHT)));

/// The bytes of the proof for the leaf of this way, the same each time. It takes about a second.
///
/// # Panics
///
/// If the way is not one that [`crate::tree::way`] found.
pub fn prove(secret: &Secret, counted: Sequence, way: &Way) -> Vec<u8> {
    let mut transcript = Transcript::new(TRANSCRIPT);
    transcript.append_message(b"commitment", way.root.commitment.as_bytes());
    transcript.append_message(b"hash", &way.root.hash);
    let siblings = way.siblings.iter();
    let (values, blindings): (Vec<u64>, Vec<Scalar>) = siblings
        .map(|sibling| (sibling.value, sibling.blinding))
        .unzip();
    let mut draws = ChaCha20Rng::from_seed(secret.proof_seed(way.leaf.position));
    let bases = PedersenGens::default();
    let (range, _) = RangeProof::prove_multiple_with_rng(
        &BASES,
        &bases,
        &mut transcript,
        &values,
        &blindings,
        VALUE_BITS,
        &mut draws,
    )
    .expect("there are 32 values of 64 bits, for which there are bases");
    encode(secret.currency(), counted, way, &range)
}

fn encode(currency: Currency, counted: Sequence, way: &Way, range: &RangeProof) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PROOF_BYTES);
    bytes.push(FORMAT);
    bytes.extend(counted.0.to_be_bytes());
    bytes.extend(bytes::currency(currency));
    bytes.push(holder_kind(way.leaf.holder));
    bytes.extend(holder_number(way.leaf.holder).to_be_bytes());
    bytes.extend(way.leaf.value.to_be_bytes());
    bytes.extend(way.blinding.as_bytes());
    bytes.extend(way.salt);
    bytes.extend(way.leaf.position.to_be_bytes());
    for sibling in &way.siblings {
        bytes.extend(sibling.commitment.as_bytes());
        bytes.extend(sibling.hash);
    }
    bytes.extend(range.to_bytes());
    bytes
}
