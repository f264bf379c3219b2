//! Every row of the table of answers.

use tlog::hash::{TreeHash, TreeHead};
use tlog::note::Note;
use tlog::witness::REQUEST_BYTES_MAX;

use crate::forger::{History, LogKey, request};
use crate::support::{Hosted, ORIGIN, cosigned_at, log_key};

struct Case {
    what: &'static str,
    body: String,
    code: u16,
}

fn case(what: &'static str, body: String, code: u16) -> Case {
    Case { what, body, code }
}

/// A witness that has cosigned the tree of five leaves answers each with the code, and cosigns nothing else.
async fn check(cases: Vec<Case>) {
    let (honest, key) = (History::honest(16), log_key());
    let hosted = Hosted::fresh();
    assert_eq!(hosted.add(honest.request(&key, 0, 5)).await.code, 200);
    let before = hosted.shown().await.body;
    for case in cases {
        let answer = hosted.add(case.body).await;
        assert_eq!(answer.code, case.code, "{}: {}", case.what, answer.body);
        assert!(answer.body.ends_with('\n'), "{}", case.what);
        assert_eq!(hosted.shown().await.body, before, "{}", case.what);
        let media_type = match case.code {
            409 => {
                assert_eq!(answer.body, "5\n", "{}", case.what);
                "text/x.tlog.size"
            }
            _ => "text/plain; charset=utf-8",
        };
        assert_eq!(answer.headers["content-type"], media_type, "{}", case.what);
    }
}

#[tokio::test]
async fn what_is_malformed_is_answered_with_400_before_anything_else_is_looked_at() {
    let (honest, key) = (History::honest(16), log_key());
    let good = honest.request(&key, 5, 9);
    let note = key.note(honest.head(9));
    let stranger = LogKey::new("stranger.example/log", 9);
    let hashes = |count| vec![TreeHash::of_nothing(); count];
    check(vec![
        case("nothing", String::new(), 400),
        case("no size", good.replacen("old 5", "old", 1), 400),
        case("a sign", good.replacen("old 5", "old +5", 1), 400),
        case("a zero in front", good.replacen("old 5", "old 05", 1), 400),
        case("CR LF", good.replace('\n', "\r\n"), 400),
        case("no empty line", good.replacen("\n\n", "\n", 1), 400),
        case("half a hash", good.replacen("=\n", "\n", 1), 400),
        case("no signature", format!("old 5\n\n{}\n", note.text()), 400),
        case("64 hashes", request(5, &hashes(64), &note), 400),
        case(
            "64 hashes of a stranger",
            request(5, &hashes(64), &stranger.note(honest.head(9))),
            400,
        ),
        case(
            "old above new",
            honest.request(&key, 5, 9).replacen("old 5", "old 10", 1),
            400,
        ),
        case("too long", good + &"x".repeat(REQUEST_BYTES_MAX), 400),
    ])
    .await;
}

#[tokio::test]
async fn an_unknown_log_is_answered_with_404_and_a_checkpoint_without_a_good_signature_with_403() {
    let (honest, key) = (History::honest(16), log_key());
    let head = honest.head(9);
    let stranger = LogKey::new("stranger.example/log", 9);
    let impostor = LogKey::new(ORIGIN, 9);
    let text = key.text(head);
    let wrong = Note::new(text.clone(), key.line("something else\n")).unwrap();
    let mut twice = key.note(head);
    twice.add(key.line(&text));
    let proof = honest.consistency(5, 9);
    check(vec![
        case("unknown", request(5, &proof, &stranger.note(head)), 404),
        case(
            "unknown, and another size",
            request(3, &[], &stranger.note(head)),
            404,
        ),
        case(
            "another key of the name",
            request(5, &proof, &impostor.note(head)),
            403,
        ),
        case("a signature that fails", request(5, &proof, &wrong), 403),
        case(
            "a signature that fails, and another size",
            request(3, &proof, &wrong),
            403,
        ),
        case("two signatures of one key", request(5, &proof, &twice), 403),
    ])
    .await;
}

#[tokio::test]
async fn another_size_is_answered_with_409_and_what_does_not_belong_together_with_422() {
    let (honest, key) = (History::honest(16), log_key());
    let forged = History::rewritten(16, 2);
    let proof = honest.consistency(5, 9);
    let hashes = vec![TreeHash::of_nothing(); 63];
    let forged_note = |size| key.note(forged.head(size));
    let empty_with_root = TreeHead {
        size: 0,
        root: honest.head(1).root,
    };
    check(vec![
        case("from nothing", honest.request(&key, 0, 9), 409),
        case("from an earlier size", honest.request(&key, 3, 9), 409),
        case("from a later size", honest.request(&key, 9, 16), 409),
        case(
            "a bad proof, from another size",
            request(3, &hashes, &key.note(honest.head(9))),
            409,
        ),
        case(
            "an empty tree with a root",
            request(0, &[], &key.note(empty_with_root)),
            409,
        ),
        case("no proof", request(5, &[], &key.note(honest.head(9))), 422),
        case(
            "a proof cut short",
            request(5, &proof[1..], &key.note(honest.head(9))),
            422,
        ),
        case(
            "63 hashes",
            request(5, &hashes, &key.note(honest.head(9))),
            422,
        ),
        case(
            "a proof for the same size",
            request(5, &proof, &key.note(honest.head(5))),
            422,
        ),
        case(
            "another root for the same size",
            forged.request(&key, 5, 5),
            422,
        ),
        case(
            "an extended history that was rewritten",
            forged.request(&key, 5, 9),
            422,
        ),
        case(
            "the same with the honest proof",
            request(5, &proof, &forged_note(9)),
            422,
        ),
    ])
    .await;
}

#[tokio::test]
async fn before_the_first_checkpoint_a_proof_and_an_empty_tree_with_a_root_are_answered_with_422() {
    let (honest, key) = (History::honest(16), log_key());
    let hosted = Hosted::fresh();
    assert_eq!(hosted.shown().await.code, 404);
    let root = honest.head(1).root;
    let rooted = key.note(TreeHead { size: 0, root });
    let proved = request(0, &[root], &key.note(honest.head(9)));
    assert_eq!(hosted.add(request(0, &[], &rooted)).await.code, 422);
    assert_eq!(hosted.add(proved).await.code, 422);
    assert_eq!(hosted.shown().await.code, 404);
    let answer = hosted.add(honest.request(&key, 3, 9)).await;
    assert_eq!((answer.code, answer.body.as_str()), (409, "0\n"));
}

#[tokio::test]
async fn what_grew_is_cosigned_and_shown_with_the_lines_of_log_and_witness_alone() {
    let (honest, key) = (History::honest(16), log_key());
    let stranger = LogKey::new("stranger.example/log", 9);
    let mut hosted = Hosted::fresh();
    for (old, new) in [(0, 0), (0, 0), (0, 3), (3, 5), (5, 5), (5, 8), (8, 16)] {
        let mut note = key.note(honest.head(new));
        note.add(stranger.line(note.text()));
        let answer = hosted
            .add(request(old, &honest.consistency(old, new), &note))
            .await;
        assert_eq!(answer.code, 200, "{old} to {new}: {}", answer.body);
        let shown = hosted.shown().await;
        let expected = format!("{}{}", key.note(honest.head(new)), answer.body);
        assert_eq!((shown.code, shown.body.as_str()), (200, expected.as_str()));
        assert_eq!(
            cosigned_at(&expected, hosted.witness.public_key()),
            1_790_000_000
        );
        hosted = hosted.again();
        assert_eq!(hosted.shown().await.body, expected);
    }
}

#[tokio::test]
async fn a_cosignature_satisfies_the_verifier_that_shares_no_code_with_the_witness() {
    use verifier::checkpoint::{Checkpoint, Clock};
    use verifier::policy::Policy;
    let (honest, key) = (History::honest(16), log_key());
    let hosted = Hosted::fresh();
    assert_eq!(hosted.add(honest.request(&key, 0, 9)).await.code, 200);
    let witness = hosted.witness.public_key();
    let policy = format!("log {}\nwitness w {witness}\nquorum w\n", key.public);
    let policy = Policy::parse(&policy).unwrap();
    let clock = Clock {
        now: 1_790_000_000,
        age_seconds_max: Some(60),
    };
    let shown = hosted.shown().await.body;
    Checkpoint::verify(shown.as_bytes(), &policy, clock).unwrap();
    let unsigned = key.note(honest.head(9)).to_string();
    Checkpoint::verify(unsigned.as_bytes(), &policy, clock).unwrap_err();
}
