//! Proof files, views and leaves from strangers. Both readers take the same files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::leaf::Leaf;
use tlog::proof_file::ProofFile;
use tlog::receipt::View;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = ProofFile::parse(bytes) {
        assert_eq!(file.to_string().as_bytes(), bytes);
        let theirs = verifier::proof_file::ProofFile::parse(bytes).expect("both read the same");
        assert_eq!((theirs.index, &theirs.extra), (file.index, &file.extra));
        let _ = View::of_receipt(&file);
    }
    if let Ok(view) = View::parse(bytes) {
        assert_eq!(view.encode(), bytes);
    }
    let theirs = verifier::leaf::Leaf::parse(bytes);
    match Leaf::parse(bytes) {
        Ok(leaf) => {
            assert_eq!(leaf.encode().as_bytes(), bytes);
            assert_eq!(theirs.expect("both read the same").index, leaf.index);
        }
        Err(_) => assert!(theirs.is_err()),
    }
    let _ = verifier::report::receipt(bytes, bytes, 1_790_000_000);
});
