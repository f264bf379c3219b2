//! Deterministic vectors, which five foreign verifiers accepted.

use tlog::checkpoint::SignedCheckpoint;
use tlog::cosignature::CosignedAt;
use tlog::hash::TreeHash;
use tlog::key::{KeyKind, PublicKey};
use tlog::note::{Note, SignatureLine};
use tlog::proof_file::ProofFile;
use verifier::merkle::leaf_hash;
use verifier::policy::Policy;

use crate::support::{CLOCK, Key, Log, NOW, vector_entry};

const LOG: &str = "voucher.example/log1+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
const COSIGNER: &str = "w.example/self+b32b86f1+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";

const PROOF_FILE: &str = "\
c2sp.org/tlog-proof@v1
index 3
zDKuoNmKT8YC+HFlWzP7DXvY33z6JeuO8dvhgcc2ybQ=
/gQUi4sjjI+9xLZPutKRtm7rtRxAJHIjOcBFa+iGVSg=
dDk8tSpvYQoj0KxQW9mIhZ2V6EwdM9ZePdghj9a9uSs=

voucher.example/log1
7
HWQGvIDFMcX8BN1g4G+gAsH7KwWLyFqa/1BNgOF/06s=

\u{2014} voucher.example/log1 Gouekhc5JI4GRkyUW6T/dRibwCGwMq40JJeNlZsOYSVSF3lR6QbH7XW/n6azKXyZLzwj5fcv3mVbbWIhTgQYoSIVMgE=
\u{2014} w.example/self syuG8QAAAABqsTuAsl1C5rAMRJi1GvwCxk9jETtYIVPmKhnb97E89GBOYcLQ5Of+lRpjYTSCl81/NvhiNrZ8Tcjm//1Fw0weFVBLCw==
";

fn cosigner() -> Key {
    Key::new("w.example/self", KeyKind::Cosignature, 9)
}

#[test]
fn keys_have_the_vectors_names_and_ids() {
    assert_eq!(Key::log().public.to_string(), LOG);
    assert_eq!(cosigner().public.to_string(), COSIGNER);
    assert_eq!(PublicKey::parse(LOG), Ok(Key::log().public));
    assert_eq!(PublicKey::parse(COSIGNER), Ok(cosigner().public));
}

#[test]
fn roots_are_the_vectors() {
    let roots = [
        (1, "W4h7FIX/QCNI2m44+/C1GoqNBmPPLbnQ/NovnYTnE3E="),
        (2, "/gQUi4sjjI+9xLZPutKRtm7rtRxAJHIjOcBFa+iGVSg="),
        (3, "r5My1FvlKPhDusZUFCfZK2BCai3u6FDVP0bYmBlhs3M="),
        (7, "HWQGvIDFMcX8BN1g4G+gAsH7KwWLyFqa/1BNgOF/06s="),
        (8, "bR57+OBVOtIvCtXcp7fF+Uc9IlMPmy1DgNIrJdhVQ1Q="),
        (256, "QT6NRaMmKScSK/mWhmmjerWQj/9Yvo32WspZoU6lOo4="),
        (257, "r5lsmLThKjsV8fXIJoAxzeEZgbJsuKqroReZy8x04x0="),
        (70_000, "AtvEkwpAlrtf17lWvt3TWEd7xpV45Nzd4fx/9bx8Hes="),
    ];
    let log = Log::grown_to(roots.map(|(size, _)| size), vector_entry);
    for (size, root) in roots {
        assert_eq!(log.heads[&size].root.to_string(), root, "size {size}");
    }
    assert_eq!(
        log.leaves[0],
        TreeHash::parse("W4h7FIX/QCNI2m44+/C1GoqNBmPPLbnQ/NovnYTnE3E=").unwrap()
    );
}

#[test]
fn proof_file_is_the_vector_byte_for_byte() {
    let log = Log::grown_to([7], vector_entry);
    let mut checkpoint = Key::log().checkpoint(log.heads[&7]);
    cosigner().cosign(&mut checkpoint, NOW);
    let file = ProofFile {
        extra: None,
        index: 3,
        proof: log.inclusion(3, 7),
        checkpoint,
    };
    assert_eq!(file.to_string(), PROOF_FILE);
    assert_eq!(ProofFile::parse(PROOF_FILE.as_bytes()), Ok(file));
}

#[test]
fn the_verifier_accepts_the_vectors_proof_file() {
    let policy = format!("log {LOG}\nwitness self {COSIGNER}\nquorum self\n");
    let policy = Policy::parse(&policy).unwrap();
    let file = verifier::proof_file::ProofFile::parse(PROOF_FILE.as_bytes()).unwrap();
    let leaf = leaf_hash(vector_entry(3).as_bytes());
    let checkpoint = file.verify(leaf, &policy, CLOCK).unwrap();
    assert_eq!((checkpoint.size, checkpoint.cosigned[0].at), (7, NOW));
    let other = leaf_hash(vector_entry(4).as_bytes());
    assert!(file.verify(other, &policy, CLOCK).is_err());
}

#[test]
fn cosignature_tells_the_vectors_time() {
    let file = ProofFile::parse(PROOF_FILE.as_bytes()).unwrap();
    let checkpoint = file.checkpoint;
    assert_eq!(
        checkpoint.cosigned_by(&cosigner().public),
        Ok(CosignedAt::new(NOW))
    );
    assert_eq!(checkpoint.cosigned_by(&Key::witness(1).public), Ok(None));
}

#[test]
fn consistency_from_seven_to_eight_is_the_vector() {
    let log = Log::grown_to([7, 8], vector_entry);
    let proof = log.consistency(7, 8);
    let proof: Vec<String> = proof.iter().map(ToString::to_string).collect();
    assert_eq!(
        proof,
        [
            "3XprAq2ycmqKPZ43Z29LIMEcyNhoeM67yYDOltotS4Q=",
            "nJH9Ul5sfvQquavQXhiBPCwRuAooTicZte1h75WS24o=",
            "fJIXz9C57Xe3D1yjtBW8bMH0pAAeEByebusOjY0foek=",
            "+S8RXE87cVYtvbgPTi/BJd+zqOjAIUAuBH+JOxIyagY=",
        ]
    );
}

#[test]
fn the_specifications_own_note_holds() {
    let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let note = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let key = PublicKey::parse(key).unwrap();
    let parsed = Note::parse(note.as_bytes()).unwrap();
    assert_eq!(parsed.verify(&key), Ok(()));
    assert_eq!(parsed.to_string(), note);
    assert!(SignedCheckpoint::parse(note.as_bytes()).is_err());
    let changed = note.replace("example message", "other message");
    assert!(
        Note::parse(changed.as_bytes())
            .unwrap()
            .verify(&key)
            .is_err()
    );
}

#[test]
fn what_a_key_signs_is_the_text_alone() {
    let key = Key::log();
    let Ok(line) = SignatureLine::sign(&key.public, "a\n\nb\n", |text| {
        assert_eq!(text, b"a\n\nb\n");
        key.sign(text)
    });
    let note = Note::new("a\n\nb\n".to_owned(), line).unwrap();
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read.text(), "a\n\nb\n");
    assert_eq!(read.verify(&key.public), Ok(()));
}
