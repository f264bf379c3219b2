//! The witnesses of the platform's log, as its policy names them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use cosigners::gathering::{Cosigners, Gathered, Patience};
use cosigners::peer::{PeerError, Prover};
use cosigners::quorum::Quorum;
use engine::clock::Clock;
use engine::log::Ports;
use engine::log::witnessing::{Asked, Witnessed, Witnesses};
use parking_lot::Mutex;
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::TreeHash;
use tlog::key::PublicKey;

/// Asks the witnesses of a policy, with proofs from the stored tiles.
pub struct AskedWitnesses {
    cosigners: Cosigners,
    ports: Ports,
    clock: Arc<dyn Clock>,
    shown_policy: String,
    /// Whose cosignature was missing the last time: a change is told, and what stays so is not.
    missing: Mutex<BTreeSet<String>>,
}

/// The log's own tiles.
struct Stored<'a>(&'a Ports);

impl AskedWitnesses {
    /// The witnesses that a policy file names for the log with this key.
    pub fn of_policy(
        path: &Path,
        log: &PublicKey,
        ports: Ports,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<AskedWitnesses> {
        let told = || format!("log.policy names {}, which cannot be used", path.display());
        let text = std::fs::read_to_string(path).with_context(told)?;
        let text = with_quorum(text);
        let quorum = Quorum::parse(&text, log).with_context(told)?;
        let cosigners = Cosigners::new(log.clone(), quorum, Patience::USUAL).with_context(told)?;
        Ok(AskedWitnesses {
            cosigners,
            ports,
            clock,
            shown_policy: without_addresses(&text),
            missing: Mutex::default(),
        })
    }

    /// The policy as everybody may read it.
    pub fn shown_policy(&self) -> &str {
        &self.shown_policy
    }

    async fn gather(&self, checkpoint: SignedCheckpoint) -> Witnessed {
        let now = u64::try_from(self.clock.now().0.div_euclid(1_000)).unwrap_or(0);
        let prover = Stored(&self.ports);
        let gathered = self.cosigners.gather(checkpoint, &prover, now).await;
        self.tell(&gathered);
        let ahead = gathered.missing.iter().find_map(|(_, why)| match why {
            PeerError::Ahead(shown) => Some(shown.unverified().head.size),
            _ => None,
        });
        match ahead {
            Some(size) => Witnessed::Ahead { size },
            None if gathered.is_enough => Witnessed::Enough(gathered.checkpoint),
            None => Witnessed::TooFew,
        }
    }

    fn tell(&self, gathered: &Gathered) {
        let names = gathered.missing.iter().map(|(name, _)| name.clone());
        let names: BTreeSet<String> = names.collect();
        let before = std::mem::replace(&mut *self.missing.lock(), names.clone());
        for (name, why) in &gathered.missing {
            if !before.contains(name) {
                tracing::warn!(witness = name, %why, source = ?std::error::Error::source(why), is_enough = gathered.is_enough, "a witness of the log gave no cosignature");
            }
        }
        for name in before.difference(&names) {
            tracing::info!(witness = name, "a witness of the log cosigns again");
        }
    }
}

impl Witnesses for AskedWitnesses {
    fn ask(&self, checkpoint: SignedCheckpoint) -> Asked<'_> {
        Box::pin(self.gather(checkpoint))
    }
}

impl Prover for Stored<'_> {
    async fn prove(&self, old: u64, new: u64) -> Result<Vec<TreeHash>, String> {
        let proof = self.0.consistency(old, new).await;
        proof.map_err(|error| format!("{:#}", anyhow::Error::new(error)))
    }
}

/// The policy of a log that nobody else vouches for.
pub fn policy_of_nobody(log: &PublicKey) -> String {
    format!("log {log}\nquorum none\n")
}

/// The name of the group that is every witness, where the policy names none.
const EVERYBODY: &str = "witnesses";

/// A policy that names witnesses, and neither groups nor a quorum, asks for as many that less than a third of them may be
/// missing or dishonest: 3 of 4.
fn with_quorum(policy: String) -> String {
    let lines = policy.lines().map(str::split_whitespace);
    let lines: Vec<Vec<&str>> = lines.map(Iterator::collect).collect();
    let begins = |word: &str| lines.iter().any(|line| line.first() == Some(&word));
    let witnesses = lines.iter().filter_map(|line| match line[..] {
        ["witness", name, ..] => Some(name),
        _ => None,
    });
    let witnesses: Vec<&str> = witnesses.collect();
    if witnesses.is_empty() || begins("group") || begins("quorum") {
        return policy;
    }
    let needed = witnesses.len() - (witnesses.len() - 1) / 3;
    let members = witnesses.join(" ");
    format!("{policy}\ngroup {EVERYBODY} {needed} {members}\nquorum {EVERYBODY}\n")
}

/// Where a witness takes checkpoints is the operator's business, and so are remarks.
fn without_addresses(policy: &str) -> String {
    let mut shown = String::with_capacity(policy.len());
    for line in policy.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let kept = match words[..] {
            [] => continue,
            [word, ..] if word.starts_with('#') => continue,
            ["log", key, ..] => format!("log {key}"),
            ["witness", name, key, ..] => format!("witness {name} {key}"),
            _ => words.join(" "),
        };
        shown.push_str(&kept);
        shown.push('\n');
    }
    shown
}

#[cfg(test)]
mod tests;
