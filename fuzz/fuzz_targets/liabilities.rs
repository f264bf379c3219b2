//! Statements and holders' proofs from strangers, and parts of statements as they are kept. What both readers of statements
//! take, they read alike; the verifier does not know which numbers are currencies, and wants them in order.
#![no_main]

use std::sync::LazyLock;

use liabilities::part::{Head, Place, decode_bucket, decode_tier, tier_prefixes};
use liabilities::statement::Statement;
use libfuzzer_sys::fuzz_target;
use verifier::liabilities::proof::{Bases, HolderProof};

static BASES: LazyLock<Bases> = LazyLock::new(Bases::default);

fuzz_target!(|bytes: &[u8]| {
    check_statement(bytes);
    check_parts(bytes);
    let _ = HolderProof::parse(bytes);
    // A statement behind its length, and then a proof for it.
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    if let Some((statement, proof)) = rest.split_at_checked(length) {
        check_statement(statement);
        check_proof(statement, proof);
    }
});

fn check_statement(bytes: &[u8]) {
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
}

fn check_proof(statement: &[u8], proof: &[u8]) {
    let statement = verifier::liabilities::Statement::parse(statement);
    if let (Ok(statement), Ok(proof)) = (&statement, HolderProof::parse(proof))
        && let Ok(sum) = proof.check(statement, &BASES)
    {
        assert!(proof.value <= sum.total);
    }
}

fn check_parts(bytes: &[u8]) {
    let _ = Head::decode(bytes);
    let _ = decode_bucket(bytes);
    if let Some(nodes) = decode_tier(Place::HEAD, bytes) {
        let prefixes: Vec<u32> = nodes.iter().map(|(prefix, _)| *prefix).collect();
        assert_eq!(tier_prefixes(Place::HEAD, bytes), Some(prefixes));
    }
}
