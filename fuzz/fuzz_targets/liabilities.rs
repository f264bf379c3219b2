//! Statements and holders' proofs from strangers, and parts of statements as they are kept. Both readers of statements take the
//! same ones, but that the verifier does not know which numbers are currencies.
#![no_main]

use std::sync::LazyLock;

use liabilities::part::{Head, Place, decode_bucket, decode_tier, tier_prefixes};
use liabilities::statement::Statement;
use libfuzzer_sys::fuzz_target;
use verifier::liabilities::proof::{Bases, HolderProof};

static BASES: LazyLock<Bases> = LazyLock::new(Bases::default);

fuzz_target!(|bytes: &[u8]| {
    let theirs = verifier::liabilities::Statement::parse(bytes);
    if let Some(ours) = Statement::decode(bytes) {
        assert_eq!(ours.encode(), bytes);
        if let Ok(theirs) = &theirs {
            assert_eq!(theirs.counted, ours.counted.0);
            assert_eq!(theirs.sums.len(), ours.sums.len());
        }
    }
    if let Ok(theirs) = &theirs {
        let _ = theirs.check_sums();
    }
    // The first half as a statement, the second as a proof for it.
    let (statement, proof) = bytes.split_at(bytes.len() / 2);
    let statement = verifier::liabilities::Statement::parse(statement);
    for proof in [bytes, proof] {
        if let (Ok(proof), Ok(statement)) = (HolderProof::parse(proof), &statement) {
            let _ = proof.check(statement, &BASES);
        }
    }
    let _ = Head::decode(bytes);
    let _ = decode_bucket(bytes);
    if let Some(nodes) = decode_tier(Place::HEAD, bytes) {
        let prefixes: Vec<u32> = nodes.iter().map(|(prefix, _)| *prefix).collect();
        assert_eq!(tier_prefixes(Place::HEAD, bytes), Some(prefixes));
    }
});
