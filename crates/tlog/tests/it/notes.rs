//! Notes, keys, checkpoints and cosignatures that are not as they should be.

use proptest::prelude::*;
use tlog::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use tlog::cosignature::{CosignatureError, CosignedAt};
use tlog::hash::{TreeHash, TreeHead};
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::note::{Note, NoteError, parse_lines};
use tlog::proof_file::ProofFile;
use verifier::checkpoint::{Checkpoint as Verified, Clock};
use verifier::failure::{
    ConsistencyFailure, Failure, PolicyFailure, QuorumFailure, SignatureFailure,
};
use verifier::policy::Policy;

use crate::support::{CLOCK, Key, Log, NOW, entry, for_verifier, policy};

fn head() -> TreeHead {
    Log::grown_to([9], |index| entry(&index.to_be_bytes())).heads[&9]
}

fn cosigned(witnesses: u8) -> SignedCheckpoint {
    let mut checkpoint = Key::log().checkpoint(head());
    for number in 0..witnesses {
        Key::witness(number).cosign(&mut checkpoint, NOW);
    }
    checkpoint
}

fn verify(checkpoint: &str, policy: &Policy) -> Result<Verified, Failure> {
    Verified::verify(checkpoint.as_bytes(), policy, CLOCK)
}

#[test]
fn keys_that_are_mistyped_or_weak_are_refused() {
    let good = Key::log().public.to_string();
    assert!(PublicKey::parse(&good).is_ok());
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let name = KeyName::parse("weak").unwrap();
    let weak = PublicKey::new(name, KeyKind::Note, &neutral);
    assert!(weak.is_err(), "anybody can sign for the neutral element");
    for text in [
        "",
        "name",
        "name+1a8b9e92",
        "voucher.example/log1+1A8B9E92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
        "voucher.example/log1+1a8b9e93+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
        "voucher.example/log2+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
        "voucher example+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
        "voucher.example/log1+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtI",
        "voucher.example/log1+1a8b9e92+AupKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
        "voucher.example/log1+1a8b9e92+",
    ] {
        assert!(PublicKey::parse(text).is_err(), "{text}");
        let policy = format!("log {text}\nquorum none\n");
        assert!(Policy::parse(&policy).is_err(), "{text}");
    }
}

#[test]
fn texts_that_are_no_notes_are_refused() {
    let line = "\u{2014} a AAAAAAA=\n";
    assert!(Note::parse(format!("text\n\n{line}").as_bytes()).is_ok());
    for text in [
        String::new(),
        "\n".to_owned(),
        "text\n\n".to_owned(),
        format!("text\n{line}"),
        format!("text\n\n{}", line.trim_end()),
        format!("text\n\n{line}\n"),
        format!("text\n\n{line}behind\n"),
        format!("text\n\n{}", line.replace('\u{2014}', "-")),
        format!("text\n\n{}", line.replace("\u{2014} ", "\u{2014}")),
        format!("text\n\n{}", line.replace(" a ", " a+b ")),
        format!("text\n\n{}", line.replace(" a ", "  ")),
        format!("text\n\n{}", line.replace("AAAAAAA=", "AAAAAA==")),
        format!("text\n\n{}", line.replace("AAAAAAA=", "AAAAAAA")),
        format!("te\u{7}xt\n\n{line}"),
        format!("text\r\n\r\n{line}"),
    ] {
        assert!(Note::parse(text.as_bytes()).is_err(), "{text:?}");
    }
    assert!(Note::parse(b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n").is_err());
    let long = format!("{}\n\n{line}", "a".repeat(64 * 1024));
    assert!(matches!(
        Note::parse(long.as_bytes()),
        Err(NoteError::TooLong { .. })
    ));
}

#[test]
fn a_note_may_have_many_signatures() {
    let checkpoint = cosigned(40);
    let text = checkpoint.to_string();
    let read = SignedCheckpoint::parse(text.as_bytes()).unwrap();
    assert_eq!(read, checkpoint);
    for number in 0..40 {
        let at = read.cosigned_by(&Key::witness(number).public);
        assert_eq!(at, Ok(CosignedAt::new(NOW)));
    }
    assert_eq!(
        verify(&text, &policy("all", 32)).unwrap().cosigned.len(),
        32
    );
}

#[test]
fn checkpoints_have_three_lines_and_no_more() {
    let root = TreeHash::of_nothing();
    let good = format!("origin\n0\n{root}\n");
    assert_eq!(Checkpoint::parse(&good).unwrap().to_string(), good);
    for text in [
        format!("origin\n0\n{root}"),
        format!("origin\n0\n{root}\nextension\n"),
        format!("origin\n0\n{root}\n\n"),
        format!("\n0\n{root}\n"),
        format!("origin\n00\n{root}\n"),
        format!("origin\n+1\n{root}\n"),
        format!("origin\n\n{root}\n"),
        format!("origin\n18446744073709551616\n{root}\n"),
        "origin\n0\nAAAA\n".to_owned(),
        "origin\n0\n".to_owned(),
        String::new(),
    ] {
        assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
    }
}

#[test]
fn another_logs_checkpoint_is_refused() {
    let other = Key::new("voucher.example/log2", KeyKind::Note, 7);
    let checkpoint = other.checkpoint(head());
    assert!(matches!(
        checkpoint.verify(&Key::log().public),
        Err(CheckpointError::OtherOrigin { .. })
    ));
    assert_eq!(
        verify(&checkpoint.to_string(), &policy("all", 1)).unwrap_err(),
        Failure::LogSignature(SignatureFailure::UnknownLog {
            origin: "voucher.example/log2".to_owned()
        })
    );
}

#[test]
fn a_signature_by_another_key_under_the_logs_name_does_not_count() {
    let impostor = Key::new("voucher.example/log1", KeyKind::Note, 8);
    let checkpoint = impostor.checkpoint(head());
    assert!(checkpoint.verify(&Key::log().public).is_err());
    assert_eq!(
        verify(&checkpoint.to_string(), &policy("all", 1)).unwrap_err(),
        Failure::LogSignature(SignatureFailure::NotSigned {
            name: "voucher.example/log1".to_owned()
        })
    );
}

#[test]
fn two_lines_of_one_key_are_refused() {
    let policy = policy("all", 2);
    let twice = |key: &Key| {
        let mut checkpoint = cosigned(2);
        let mut lines = checkpoint.note().lines().iter();
        let line = lines.find(|line| line.name() == key.public.name());
        let line = line.expect("the key has signed").clone();
        checkpoint.add(line);
        checkpoint
    };
    let log = twice(&Key::log());
    assert!(log.verify(&Key::log().public).is_err());
    assert!(matches!(
        verify(&log.to_string(), &policy),
        Err(Failure::LogSignature(SignatureFailure::SignedTwice { .. }))
    ));
    let witness = twice(&Key::witness(1));
    assert!(witness.cosigned_by(&Key::witness(1).public).is_err());
    assert_eq!(
        verify(&witness.to_string(), &policy).unwrap_err(),
        Failure::Quorum(QuorumFailure::CosignedTwice {
            witness: "w1".to_owned()
        })
    );
}

#[test]
fn one_key_under_two_names_counts_once() {
    let alias = Key::new("another.example", KeyKind::Cosignature, 20);
    let mut checkpoint = cosigned(1);
    alias.cosign(&mut checkpoint, NOW);
    let text = checkpoint.to_string();
    // The policy that would count it twice cannot be written, and under the one name it is one cosignature.
    let double = format!(
        "log {}\nwitness a {}\nwitness b {}\ngroup g 2 a b\nquorum g\n",
        Key::log().public,
        Key::witness(0).public,
        alias.public
    );
    assert!(matches!(
        Policy::parse(&double),
        Err(Failure::Policy(PolicyFailure::Line { number: 3, .. }))
    ));
    assert_eq!(
        verify(&text, &policy("2", 3)).unwrap_err(),
        Failure::Quorum(QuorumFailure::TooFew {
            quorum: "all-of-them".to_owned(),
            counted: 1
        })
    );
}

#[test]
fn a_quorum_counts_good_cosignatures_of_known_witnesses() {
    for (threshold, signed, is_enough) in [
        ("3", 2, false),
        ("3", 3, true),
        ("3", 4, true),
        ("any", 0, false),
        ("any", 1, true),
        ("all", 3, false),
        ("all", 4, true),
    ] {
        let text = cosigned(signed).to_string();
        let result = verify(&text, &policy(threshold, 4));
        assert_eq!(
            result.is_ok(),
            is_enough,
            "{threshold} of 4, {signed} signed"
        );
    }
    let stranger = Key::new("stranger.example", KeyKind::Cosignature, 90);
    let mut checkpoint = cosigned(2);
    stranger.cosign(&mut checkpoint, NOW);
    assert!(verify(&checkpoint.to_string(), &policy("3", 4)).is_err());
}

/// Verified as a consumer does who kept the older checkpoint.
#[test]
fn a_consumer_sees_that_history_was_rewritten() {
    let policy = policy("all", 1);
    let honest = Log::grown_to([5, 9], |index| entry(&index.to_be_bytes()));
    let forged = Log::grown_to([5, 9], |index| match index {
        2 => entry(b"nothing happened"),
        _ => entry(&index.to_be_bytes()),
    });
    let seen = |key: &Key, head| {
        let mut checkpoint = key.checkpoint(head);
        Key::witness(0).cosign(&mut checkpoint, NOW);
        verify(&checkpoint.to_string(), &policy).unwrap()
    };
    let kept = seen(&Key::log(), honest.heads[&5]);
    let proof = for_verifier(&honest.consistency(5, 9));
    let grown = seen(&Key::log(), honest.heads[&9]);
    assert_eq!(grown.check_grown_from(&kept, &proof), Ok(()));

    let extended = seen(&Key::log(), forged.heads[&9]);
    for proof in [proof, for_verifier(&forged.consistency(5, 9))] {
        assert_eq!(
            extended.check_grown_from(&kept, &proof),
            Err(Failure::Consistency(ConsistencyFailure::Rewritten {
                old: 5,
                new: 9
            }))
        );
    }
    let same_size = seen(&Key::log(), forged.heads[&5]);
    assert_eq!(
        same_size.check_grown_from(&kept, &[]),
        Err(Failure::Consistency(ConsistencyFailure::SameSize {
            size: 5
        }))
    );
    assert_eq!(
        kept.check_grown_from(&grown, &[]),
        Err(Failure::Consistency(ConsistencyFailure::Shrunk {
            old: 9,
            new: 5
        }))
    );
    let other = verifier::checkpoint::Checkpoint {
        origin: "voucher.example/log2".to_owned(),
        ..kept.clone()
    };
    assert!(matches!(
        grown.check_grown_from(&other, &[]),
        Err(Failure::LogSignature(SignatureFailure::OtherLog { .. }))
    ));
}

#[test]
fn cosignatures_count_for_a_time() {
    let policy = policy("all", 1);
    for (at, age_seconds_max, counts) in [
        (NOW, None, true),
        (1, None, true),
        (NOW + 30, None, true),
        (NOW + 31, None, false),
        (NOW - 3600, Some(3600), true),
        (NOW - 3601, Some(3600), false),
    ] {
        let mut checkpoint = Key::log().checkpoint(head());
        Key::witness(0).cosign(&mut checkpoint, at);
        let clock = Clock {
            now: NOW,
            age_seconds_max,
        };
        let result = Verified::verify(checkpoint.to_string().as_bytes(), &policy, clock);
        assert_eq!(result.is_ok(), counts, "{at}");
    }
}

#[test]
fn a_cosignature_without_a_time_is_refused() {
    let mut checkpoint = Key::log().checkpoint(head());
    Key::witness(0).cosign(&mut checkpoint, 0);
    assert_eq!(
        verify(&checkpoint.to_string(), &policy("all", 1)).unwrap_err(),
        Failure::Quorum(QuorumFailure::Wrong {
            witness: "w0".to_owned()
        })
    );
    assert_eq!(CosignedAt::new(1 << 63), None);
    assert!(matches!(
        Key::log()
            .checkpoint(head())
            .cosigned_by(&Key::log().public),
        Err(CosignatureError::Note(NoteError::OtherKind { .. }))
    ));
}

#[test]
fn policies_that_are_not_clear_are_refused() {
    let [log, one, two] = [
        Key::log().public,
        Key::witness(1).public,
        Key::witness(2).public,
    ];
    let start = format!(
        "log {log} https://example\n# a comment\n\t\n witness a\t{one}\nwitness b {two} url\n"
    );
    for good in [
        "quorum a",
        "quorum none\n",
        "group g any a b\nquorum g",
        "group g 2 a b\ngroup h all g\nquorum h",
    ] {
        assert!(Policy::parse(&format!("{start}{good}")).is_ok(), "{good}");
    }
    for bad in [
        "",
        "quorum",
        "quorum c",
        "quorum a\nquorum b",
        "quorum a b",
        "quorum g\ngroup g any a b",
        "group g 0 a b\nquorum g",
        "group g 3 a b\nquorum g",
        "group g 02 a b\nquorum g",
        "group g any\nquorum g",
        "group g any a a\nquorum g",
        "group g any a none\nquorum g",
        "group g any a\ngroup h any a\nquorum h",
        "group a any b\nquorum a",
        "group none any a\nquorum none",
        "group g any g\nquorum g",
        &format!("witness a {}\nquorum a", Key::witness(3).public),
        &format!("witness c {one}\nquorum a"),
        &format!("witness c {log}\nquorum a"),
        &format!("log {}\nquorum a", Key::witness(3).public),
        "quorum a\r\n",
        "quorum a\u{0}",
        "word\nquorum a",
    ] {
        assert!(Policy::parse(&format!("{start}{bad}")).is_err(), "{bad}");
    }
    assert!(Policy::parse("quorum none").is_err(), "no log");
}

#[test]
fn lines_of_a_witness_are_read_alone() {
    let checkpoint = cosigned(2);
    let lines: String = checkpoint.note().lines()[1..]
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(parse_lines(&lines).unwrap(), checkpoint.note().lines()[1..]);
    for bad in ["", "\n", lines.trim_end(), &format!("{lines}\n")] {
        assert!(parse_lines(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn proof_files_that_are_not_whole_are_refused() {
    let log = Log::grown_to([9], |index| entry(&index.to_be_bytes()));
    let file = ProofFile {
        extra: Some(b"extra".to_vec()),
        index: 4,
        proof: log.inclusion(4, 9),
        checkpoint: cosigned(1),
    };
    let text = file.to_string();
    assert_eq!(ProofFile::parse(text.as_bytes()), Ok(file));
    let hash = TreeHash::of_nothing();
    for bad in [
        text.replace("@v1", "@v2"),
        text.replace("index 4", "index 04"),
        text.replace("index 4\n", ""),
        text.replace("extra ZXh0cmE=", "extra ZXh0cmE"),
        text.replace("extra ZXh0cmE=\n", "extra ZXh0cmE=\nextra ZXh0cmE=\n"),
        text.replace("index 4\n", "index 4\nno hash\n"),
        text.replace(
            "index 4\n",
            &format!("index 4\n{}", format!("{hash}\n").repeat(64)),
        ),
        text.replace("\n\nvoucher", "\nvoucher"),
        text.trim_end().to_owned(),
        String::new(),
    ] {
        assert!(ProofFile::parse(bad.as_bytes()).is_err(), "{bad}");
        let verified = verifier::proof_file::ProofFile::parse(bad.as_bytes()).and_then(|file| {
            let leaf = verifier::merkle::leaf_hash(&4_u64.to_be_bytes());
            file.verify(leaf, &policy("all", 1), CLOCK)
        });
        assert!(verified.is_err(), "{bad}");
    }
}

proptest! {
    /// Whatever parses is the one spelling of what it says.
    #[test]
    fn random_changes_of_a_file_are_refused_or_read_back(
        position in any::<usize>(),
        byte in any::<u8>(),
        kind in 0..3,
    ) {
        let log = Log::grown_to([9], |index| entry(&index.to_be_bytes()));
        let file = ProofFile { extra: None, index: 4, proof: log.inclusion(4, 9), checkpoint: cosigned(1) };
        let mut bytes = file.to_string().into_bytes();
        let position = position % bytes.len();
        match kind {
            0 => bytes[position] = byte,
            1 => bytes.insert(position, byte),
            _ => { bytes.remove(position); }
        }
        if let Ok(read) = ProofFile::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
        }
    }
}
