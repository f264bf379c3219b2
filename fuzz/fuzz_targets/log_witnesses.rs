//! Bodies of `add-checkpoint` from strangers: what reads is written back byte for byte, and nothing unsigned is accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::hash::TreeHead;
use tlog::key::PublicKey;
use tlog::witness::{AddCheckpoint, KnownLog, judge};

const LOG: &str = "voucher.example/log1+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
    }
    let log = PublicKey::parse(LOG).expect("the key is good");
    let judged = judge(bytes, |_| {
        Some(KnownLog {
            keys: vec![log.clone()],
            last: TreeHead::of_nothing(),
        })
    });
    if let Ok(accepted) = judged {
        assert!(accepted.checkpoint.note().verify(&log).is_ok());
    }
});
