//! Notes, checkpoints, promises and keys from strangers: what reads is written back byte for byte, and the verifier, which was
//! written apart, accepts no checkpoint that the log's own code refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::checkpoint::SignedCheckpoint;
use tlog::key::PublicKey;
use tlog::note::Note;
use tlog::promise::Promise;
use tlog::witness::Answer;
use verifier::checkpoint::{Checkpoint, Clock};
use verifier::policy::Policy;

const LOG: &str = "voucher.example/log1+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const CLOCK: Clock = Clock {
    now: 1_790_000_000,
    age_seconds_max: None,
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
    }
    let log = PublicKey::parse(LOG).expect("the key is good");
    let policy = Policy::parse(&format!("log {LOG}\nquorum none\n")).expect("the policy is good");
    let ours =
        SignedCheckpoint::parse(bytes).is_ok_and(|checkpoint| checkpoint.verify(&log).is_ok());
    assert_eq!(Checkpoint::verify(bytes, &policy, CLOCK).is_ok(), ours);
    let ours = Promise::verify(bytes, &log).is_ok();
    assert_eq!(
        verifier::promise::Promise::verify(bytes, &policy).is_ok(),
        ours
    );
    for code in [200, 409] {
        let _ = Answer::parse(code, bytes);
    }
    if let Ok(text) = str::from_utf8(bytes) {
        let _ = Policy::parse(text);
        if let Ok(key) = PublicKey::parse(text) {
            assert_eq!(key.to_string(), text);
        }
    }
});
