//! A log asks four witnesses, of which one is not ours: they cosign what it is, and refuse what it was rewritten to.

use std::path::Path;

use cosigners::gathering::{Cosigners, Gathered, Patience};
use cosigners::peer::{PeerError, Prover};
use cosigners::quorum::Quorum;
use engine::clock::{Clock, SystemClock};
use tempfile::TempDir;
use tlog::hash::TreeHash;
use tlog::key::PublicKey;

use super::forger::History;
use super::hosted::Hosted;
use super::peer::start_peer;
use super::{checkpoint, log_key};
use crate::program::run_well;

impl Prover for History {
    async fn prove(&self, old: u64, new: u64) -> Result<Vec<TreeHash>, String> {
        Ok(self.consistency(old, new))
    }
}

fn start(directory: &Path, name: &str, log: &PublicKey) -> (Hosted, PublicKey) {
    let data = directory.to_str().expect("UTF-8");
    let public = run_well(&["witness", "--data", data, "--name", name, "--print-key"]);
    let public = PublicKey::parse(public.trim_end()).expect("a public key");
    (Hosted::start(directory, log), public)
}

/// Four witnesses of one log, the last of which is not ours; three of them are enough.
pub struct Four {
    pub witnesses: [Hosted; 4],
    pub policy: String,
    _directories: [TempDir; 4],
}

impl Four {
    pub fn start(log: &PublicKey) -> Four {
        let directories = [(); 4].map(|()| tempfile::tempdir().expect("a directory"));
        let [first, second, third, fourth] = directories.each_ref().map(|it| it.path());
        let started = [
            start(first, "w.example/1", log),
            start(second, "w.example/2", log),
            start(third, "w.example/3", log),
            start_peer(fourth, log),
        ];
        let mut policy = format!("log {log}\n");
        for (number, (hosted, key)) in started.iter().enumerate() {
            let url = hosted.base_url();
            policy.push_str(&format!("witness w{number} {key} {url}\n"));
        }
        policy.push_str("group four 3 w0 w1 w2 w3\nquorum four\n");
        Four {
            witnesses: started.map(|(hosted, _)| hosted),
            policy,
            _directories: directories,
        }
    }
}

async fn gather(cosigners: &Cosigners, history: &History, size: u64) -> Gathered {
    let note = log_key().note(history.head(size)).to_string();
    let now = u64::try_from(SystemClock.now().0 / 1_000).expect("a time after 1970");
    cosigners.gather(checkpoint(&note), history, now).await
}

#[tokio::test]
async fn four_witnesses_of_two_makers_cosign_a_log_and_refuse_its_forgeries() {
    let log = log_key().public;
    let four = Four::start(&log);
    let quorum = Quorum::parse(&four.policy, &log).expect("the policy is good");
    let patient = Patience {
        rest: Patience::USUAL.all * 5,
        all: Patience::USUAL.all * 10,
        answer: Patience::USUAL.answer * 10,
    };
    let cosigners = Cosigners::new(log, quorum, patient).expect("an HTTP client");
    let (honest, forged) = (History::honest(300), History::rewritten(300, 2));
    for size in [1, 5, 256, 257] {
        let gathered = gather(&cosigners, &honest, size).await;
        assert!(gathered.is_enough);
        assert_eq!(gathered.cosigned.len(), 4, "{:?}", gathered.missing);
    }
    // Rewritten at the same size, and rewritten and extended.
    for size in [257, 300] {
        let gathered = gather(&cosigners, &forged, size).await;
        assert!(!gathered.is_enough);
        assert_eq!(gathered.missing.len(), 4);
        for (name, why) in &gathered.missing {
            assert!(matches!(why, PeerError::Inconsistent), "{name}: {why}");
        }
    }
    // One of them stops: three are enough.
    let [stopped, ..] = four.witnesses;
    stopped.stop();
    let gathered = gather(&cosigners, &honest, 300).await;
    assert!(gathered.is_enough);
    assert_eq!(gathered.cosigned, ["w1", "w2", "w3"]);
}
