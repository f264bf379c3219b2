//! A witness that is not ours, `aics-witness`, answers the same requests in the same way.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tlog::hash::{TreeHash, TreeHead};
use tlog::key::PublicKey;

use super::forger::{History, LogKey, request};
use super::hosted::Hosted;
use super::{log_key, print_key};

#[expect(
    clippy::disallowed_methods,
    reason = "tests find their tools through variables"
)]
fn python() -> PathBuf {
    let name = "SCRIP_TEST_WITNESS_PYTHON";
    let place = std::env::var_os(name);
    PathBuf::from(
        place.unwrap_or_else(|| panic!("{name} is not set: run the tests with `cargo xtask test`")),
    )
}

fn peer(directory: &Path) -> Command {
    let mut command = Command::new(python());
    command.current_dir(directory).args(["-m", "aics_witness"]);
    command
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().expect("the interpreter starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// The other witness, and its public key.
pub fn start_peer(directory: &Path, log: &PublicKey) -> (Hosted, PublicKey) {
    let public = succeed(peer(directory).args(["init", "--name", "w.example/peer"]));
    let add = ["add-log", "--origin", log.name().as_str(), "--vkey"];
    succeed(peer(directory).args(add).arg(log.to_string()));
    let mut child = peer(directory)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the other witness starts");
    let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
    let ready = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("listening on ")?.1.to_owned()))
        .expect("it gets ready");
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    let base_url = ready.split(' ').next().expect("an address").to_owned();
    let public = PublicKey::parse(public.trim_end()).expect("its public key");
    (Hosted::of(child, base_url, log), public)
}

/// What both are asked, one after the other.
fn requests() -> Vec<String> {
    let (honest, forged, key) = (History::honest(16), History::rewritten(16, 2), log_key());
    let stranger = LogKey::new("stranger.example/log", 9);
    let impostor = LogKey::new(key.public.name().as_str(), 9);
    let none = TreeHash::of_nothing();
    let rooted = TreeHead {
        size: 0,
        root: honest.head(1).root,
    };
    let good = honest.request(&key, 5, 9);
    vec![
        request(0, &[], &key.note(rooted)),
        request(0, &[none], &key.note(honest.head(5))),
        honest.request(&key, 3, 5),
        honest.request(&key, 0, 5),
        honest.request(&key, 5, 5),
        honest.request(&key, 0, 9),
        forged.request(&key, 5, 5),
        forged.request(&key, 5, 9),
        request(5, &[], &key.note(honest.head(9))),
        request(5, &[none; 63], &key.note(honest.head(9))),
        request(5, &[none; 64], &key.note(honest.head(9))),
        honest.request(&stranger, 5, 9),
        honest.request(&impostor, 5, 9),
        good.replacen("old 5", "old 05", 1),
        good.replacen("old 5", "old 10", 1),
        good.replacen("\n\n", "\n", 1),
        "\n".to_owned(),
        good,
        honest.request(&key, 9, 16),
        forged.request(&key, 3, 16),
        forged.request(&key, 16, 16),
    ]
}

#[tokio::test]
async fn a_witness_of_others_gives_the_same_answers() {
    let [ours, theirs] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let key = log_key();
    let public = print_key(ours.path());
    let public = PublicKey::parse(public.trim_end()).expect("a public key");
    let witness = Hosted::start(ours.path(), &key.public);
    let (peer, peer_public) = start_peer(theirs.path(), &key.public);
    let mut codes = Vec::new();
    for (number, body) in requests().into_iter().enumerate() {
        let answer = witness.add(body.clone()).await.expect("an answer");
        let expected = peer.add(body.clone()).await.expect("an answer");
        assert_eq!(
            answer.0, expected.0,
            "{number}: {answer:?} {expected:?}\n{body}"
        );
        if answer.0 == 409 {
            assert_eq!(answer.1, expected.1, "{number}");
        }
        codes.push(answer.0);
    }
    let cosigned = codes.iter().filter(|code| **code == 200);
    assert_eq!(cosigned.count(), 4, "{codes:?}");
    // Both show the same tree, each under its own name.
    for (hosted, public) in [(&witness, public), (&peer, peer_public)] {
        let (_, shown) = hosted.shown().await.expect("an answer");
        let shown = super::checkpoint(&shown);
        assert_eq!(shown.unverified().head, History::honest(16).head(16));
        assert!(shown.cosigned_by(&public).expect("it holds").is_some());
    }
}
