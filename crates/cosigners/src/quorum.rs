//! Whom a policy names as witnesses of a log, and where they are.

use thiserror::Error;
use tlog::key::{KeyKind, PublicKey};
use url::Url;
use verifier::failure::Failure;
use verifier::policy::Policy;

/// The most witnesses that are asked.
pub const WITNESSES_MAX: usize = 32;

/// A policy with all that is needed to ask its witnesses.
#[derive(Clone, Debug)]
pub struct Quorum {
    policy: Policy,
    witnesses: Vec<Named>,
}

/// A witness as the policy names it.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub key: PublicKey,
    /// Ends with a slash.
    pub url: Url,
}

/// Why a log cannot be cosigned by this policy. Each says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuorumError {
    #[error("the policy cannot be read: {0}")]
    Policy(Failure),
    #[error("the policy does not name this log; add the line: log {log}")]
    OtherLog { log: String },
    #[error(
        "the witness {name} has no address; write: witness {name} KEY https://... as whoever hosts it says"
    )]
    NoUrl { name: String },
    #[error("the address {url} of the witness {name} does not begin with https:// or http://")]
    Url { name: String, url: String },
    #[error("the key of the witness {name} is none that cosigns")]
    Key { name: String },
    #[error("the policy names {found} witnesses, and {WITNESSES_MAX} are the most that are asked")]
    TooMany { found: usize },
}

impl Quorum {
    /// Reads the policy of the log with this key.
    pub fn parse(text: &str, log: &PublicKey) -> Result<Quorum, QuorumError> {
        let policy = Policy::parse(text).map_err(QuorumError::Policy)?;
        if !policy.believes(&log.to_string()) {
            return Err(QuorumError::OtherLog {
                log: log.to_string(),
            });
        }
        let found = policy.witnesses().len();
        if WITNESSES_MAX < found {
            return Err(QuorumError::TooMany { found });
        }
        let witnesses = policy.witnesses().iter().map(|witness| {
            let name = witness.name.clone();
            let Some(url) = &witness.url else {
                return Err(QuorumError::NoUrl { name });
            };
            let key = PublicKey::parse(&witness.spelled).ok();
            let key = key.filter(|key| key.kind() == KeyKind::Cosignature);
            Ok(Named {
                url: prefix(url).ok_or_else(|| QuorumError::Url {
                    name: name.clone(),
                    url: url.clone(),
                })?,
                key: key.ok_or_else(|| QuorumError::Key { name: name.clone() })?,
                name,
            })
        });
        let witnesses = witnesses.collect::<Result<_, _>>()?;
        Ok(Quorum { policy, witnesses })
    }

    pub fn witnesses(&self) -> &[Named] {
        &self.witnesses
    }

    /// Whether these witnesses, by the policy's names, are enough.
    pub fn is_enough(&self, cosigned: &[&str]) -> bool {
        self.policy.is_enough(cosigned)
    }
}

fn prefix(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    if !["http", "https"].contains(&url.scheme()) {
        return None;
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Some(url)
}
