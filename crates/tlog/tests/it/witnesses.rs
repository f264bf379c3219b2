//! The witness protocol: bodies, answers, and logs that rewrite history with their real keys.

use proptest::prelude::*;
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::{TreeHash, TreeHead};
use tlog::key::KeyKind;
use tlog::note::NoteError;
use tlog::witness::{
    AddCheckpoint, Answer, AnswerError, KnownLog, REQUEST_HASHES_MAX, Refusal, RequestError,
    Status, judge, monitoring_path,
};

use crate::support::{Key, Log, entry};

fn honest() -> Log {
    Log::grown_to([0, 3, 5, 9, 14], |index| entry(&index.to_be_bytes()))
}

/// The same until leaf 2, which never happened.
fn forged() -> Log {
    Log::grown_to([0, 3, 5, 9, 14], |index| match index {
        2 => entry(b"this is what happened"),
        _ => entry(&index.to_be_bytes()),
    })
}

fn request(log: &Log, old: u64, new: u64) -> AddCheckpoint {
    AddCheckpoint {
        old,
        proof: log.consistency(old, new),
        checkpoint: Key::log().checkpoint(log.heads[&new]),
    }
}

/// A witness that follows the usual log, and stores what it accepts.
struct Witness {
    last: TreeHead,
}

impl Witness {
    fn ask(&mut self, request: &AddCheckpoint) -> Result<SignedCheckpoint, Refusal> {
        self.ask_bytes(request.to_string().as_bytes())
    }

    fn ask_bytes(&mut self, body: &[u8]) -> Result<SignedCheckpoint, Refusal> {
        let log = Key::log().public;
        let accepted = judge(body, |origin| {
            (origin == log.name().as_str()).then(|| KnownLog {
                keys: vec![log.clone()],
                last: self.last,
            })
        })?;
        assert_eq!(accepted.grown_from, self.last);
        self.last = accepted.checkpoint.unverified().head;
        Ok(accepted.checkpoint)
    }
}

fn fresh() -> Witness {
    Witness {
        last: TreeHead::of_nothing(),
    }
}

#[test]
fn a_request_is_spelled_as_the_protocol_says() {
    let request = request(&honest(), 3, 5);
    let proof: String = request
        .proof
        .iter()
        .map(|hash| format!("{hash}\n"))
        .collect();
    let text = request.to_string();
    assert_eq!(text, format!("old 3\n{proof}\n{}", request.checkpoint));
    assert_eq!(AddCheckpoint::parse(text.as_bytes()), Ok(request));
}

#[test]
fn growing_checkpoints_are_cosigned_one_after_the_other() {
    let log = honest();
    let mut witness = fresh();
    for (old, new) in [(0, 0), (0, 3), (3, 5), (5, 5), (5, 14)] {
        let accepted = witness.ask(&request(&log, old, new)).unwrap();
        assert_eq!(accepted.unverified().head, log.heads[&new]);
    }
}

#[test]
fn a_lost_answer_is_made_up_for_by_asking_again_from_the_size_that_the_witness_names() {
    let log = honest();
    let mut witness = fresh();
    witness.ask(&request(&log, 0, 5)).unwrap();
    // The log did not hear of it and asks as before.
    let refusal = witness.ask(&request(&log, 0, 9)).unwrap_err();
    assert_eq!(
        (refusal.status(), refusal.is_evidence()),
        (Status::OtherSize, false)
    );
    let answer = Answer::parse(refusal.status().code(), refusal.body().as_bytes()).unwrap();
    let Answer::OtherSize { size } = answer else {
        panic!("{answer:?} tells no size");
    };
    assert_eq!(size, 5);
    witness.ask(&request(&log, size, 9)).unwrap();
}

#[test]
fn history_that_was_rewritten_is_refused_and_kept_as_evidence() {
    let mut witness = fresh();
    witness.ask(&request(&honest(), 0, 5)).unwrap();
    for new in [5, 9, 14] {
        for mut forgery in [request(&forged(), 5, new), request(&honest(), 5, new)] {
            forgery.checkpoint = Key::log().checkpoint(forged().heads[&new]);
            let refusal = witness.ask(&forgery).unwrap_err();
            assert_eq!(refusal.status(), Status::Inconsistent, "to {new}");
            assert!(refusal.is_evidence());
        }
    }
    // A smaller tree cannot even be asked for.
    let back = AddCheckpoint {
        old: 3,
        proof: Vec::new(),
        checkpoint: Key::log().checkpoint(honest().heads[&3]),
    };
    assert_eq!(witness.ask(&back), Err(Refusal::OtherSize { size: 5 }));
    assert_eq!(witness.last, honest().heads[&5]);
}

#[test]
fn requests_that_are_wrong_are_refused_with_their_status() {
    let log = honest();
    let good = request(&log, 3, 9);
    let text = good.to_string();
    let hash = TreeHash::of_nothing();
    let many = format!(
        "old 3\n{}",
        format!("{hash}\n").repeat(REQUEST_HASHES_MAX + 1)
    );
    let first = text.find("\n\n").expect("there is an empty line");
    for body in [
        String::new(),
        text.replace("old 3", "old 03"),
        text.replace("old 3", "old"),
        text.replace("old 3", "new 3"),
        text.replace("old 3", "old 10"),
        text.replace("old 3\n", "old 3\nno hash\n"),
        format!("{many}{}", &text[first + 1..]),
        text[..text.len() - 1].to_owned(),
        text.replace("\n\nvoucher", "\nvoucher"),
        "a".repeat(70_000),
    ] {
        let refusal = Witness {
            last: log.heads[&3],
        }
        .ask_bytes(body.as_bytes());
        assert_eq!(refusal.unwrap_err().status(), Status::Malformed, "{body}");
    }
    assert_eq!(
        AddCheckpoint::parse(format!("{many}{}", &text[first + 1..]).as_bytes()),
        Err(RequestError::TooManyHashes)
    );
}

#[test]
fn a_proof_of_63_lines_is_read_and_one_of_64_is_not() {
    let log = honest();
    for (count, status) in [(63, Status::Inconsistent), (64, Status::Malformed)] {
        let mut request = request(&log, 3, 9);
        request.proof = vec![TreeHash::of_nothing(); count];
        let mut witness = Witness {
            last: log.heads[&3],
        };
        let refusal = witness.ask(&request).unwrap_err();
        assert_eq!(refusal.status(), status, "{count} lines");
    }
}

#[test]
fn strangers_are_refused_with_their_status() {
    let log = honest();
    let head = log.heads[&9];
    for (key, status) in [
        (
            Key::new("voucher.example/log2", KeyKind::Note, 7),
            Status::UnknownLog,
        ),
        (
            Key::new("voucher.example/log1", KeyKind::Note, 8),
            Status::Unsigned,
        ),
    ] {
        let request = AddCheckpoint {
            checkpoint: key.checkpoint(head),
            ..request(&log, 3, 9)
        };
        let refusal = Witness {
            last: log.heads[&3],
        }
        .ask(&request)
        .unwrap_err();
        assert_eq!(refusal.status(), status);
        assert!(!refusal.is_evidence());
    }
    let changed = request(&log, 3, 9).to_string().replace("\n9\n", "\n8\n");
    let refusal = Witness {
        last: log.heads[&3],
    }
    .ask_bytes(changed.as_bytes());
    assert!(matches!(
        refusal,
        Err(Refusal::Unsigned(Some(NoteError::WrongSignature { .. })))
    ));
}

#[test]
fn proofs_where_none_belongs_are_refused() {
    let log = honest();
    let hash = TreeHash::of_nothing();
    for (last, old, new) in [(0, 0, 0), (0, 0, 5), (5, 5, 5)] {
        let mut request = request(&log, old, new);
        request.proof.push(hash);
        let refusal = Witness {
            last: log.heads[&last],
        }
        .ask(&request)
        .unwrap_err();
        assert_eq!(refusal.status(), Status::Inconsistent);
    }
    let empty = TreeHead {
        size: 0,
        root: log.heads[&5].root,
    };
    let request = AddCheckpoint {
        old: 0,
        proof: Vec::new(),
        checkpoint: Key::log().checkpoint(empty),
    };
    assert_eq!(fresh().ask(&request), Err(Refusal::EmptyWithRoot));
}

#[test]
fn answers_are_read_whatever_a_witness_sends() {
    let mut checkpoint = Key::log().checkpoint(honest().heads[&5]);
    Key::witness(1).cosign(&mut checkpoint, 1_790_000_000);
    let line = checkpoint.note().lines()[1].clone();
    assert_eq!(
        Answer::parse(200, line.to_string().as_bytes()),
        Ok(Answer::Cosigned(vec![line]))
    );
    assert_eq!(
        Answer::parse(409, b"17\n"),
        Ok(Answer::OtherSize { size: 17 })
    );
    for (code, status) in [
        (400, Status::Malformed),
        (403, Status::Unsigned),
        (404, Status::UnknownLog),
        (422, Status::Inconsistent),
    ] {
        let answer = Answer::parse(code, b"<html>whatever</html>");
        assert_eq!(answer, Ok(Answer::Refused(status)));
    }
    for (code, body) in [
        (200, &b""[..]),
        (200, b"<html>\n"),
        (200, b"\xff\n"),
        (409, b"17"),
        (409, b"017\n"),
        (409, b"\n"),
        (409, b"-1\n"),
        (409, b"17\n\n"),
    ] {
        assert!(Answer::parse(code, body).is_err(), "{code} {body:?}");
    }
    assert_eq!(
        Answer::parse(500, b""),
        Err(AnswerError::Status { code: 500 })
    );
    let long = vec![b'a'; 70_000];
    assert_eq!(
        Answer::parse(200, &long),
        Err(AnswerError::TooLong { found: 70_000 })
    );
}

#[test]
fn the_log_takes_over_only_cosignatures_that_hold() {
    let log = honest();
    let mut asked = Key::log().checkpoint(log.heads[&9]);
    let other = Key::log().checkpoint(log.heads[&5]);
    let witness = Key::witness(1);
    let lines_for = |checkpoint: &SignedCheckpoint, key: &Key, at| {
        let mut checkpoint = checkpoint.clone();
        key.cosign(&mut checkpoint, at);
        checkpoint.note().lines()[1..].to_vec()
    };
    let stranger = lines_for(&asked, &Key::witness(2), 1_790_000_000);
    let of_other = lines_for(&other, &witness, 1_790_000_000);
    let timeless = lines_for(&asked, &witness, 0);
    let good = lines_for(&asked, &witness, 1_790_000_000);
    for lines in [
        &stranger,
        &of_other,
        &timeless,
        &[good.clone(), good.clone()].concat(),
    ] {
        let before = asked.clone();
        assert!(asked.take_cosignature(lines, &witness.public).is_err());
        assert_eq!(asked, before);
    }
    let with_stranger = [stranger, good.clone()].concat();
    let at = asked.take_cosignature(&with_stranger, &witness.public);
    assert_eq!(at.map(|at| at.seconds()), Ok(1_790_000_000));
    assert_eq!(
        asked.note().lines().len(),
        2,
        "the stranger's line is left out"
    );
    assert!(
        asked.take_cosignature(&good, &witness.public).is_err(),
        "once is enough"
    );
}

#[test]
fn the_monitoring_path_is_the_digest_of_the_origin() {
    assert_eq!(
        monitoring_path(""),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/checkpoint"
    );
}

proptest! {
    #[test]
    fn whatever_is_read_as_a_request_is_written_alike(position in any::<usize>(), byte in any::<u8>()) {
        let mut bytes = request(&honest(), 3, 9).to_string().into_bytes();
        let position = position % bytes.len();
        bytes[position] = byte;
        if let Ok(read) = AddCheckpoint::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
        }
    }
}
