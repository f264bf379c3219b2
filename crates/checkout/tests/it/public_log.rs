//! A transparency log over a platform's storage, with a witness.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use ed25519_dalek::{Signer, SigningKey};
use engine::log::receipts::Receipts;
use engine::log::sequencer::{Round, Sequencer};
use engine::log::witnessing::{Asked, Witnessed, Witnesses};
use engine::log::{Log, Ports};
use explorer::PublishedLog;
use sim::memory::MemoryStore;
use tlog::checkpoint::SignedCheckpoint;
use tlog::cosignature::{CosignedAt, cosign};
use tlog::key::{KeyKind, KeyName, PublicKey};
use vault::vault::Vault;
use verifier::policy::Policy;

pub struct PublicLog {
    pub store: Arc<MemoryStore>,
    pub receipts: Arc<Receipts>,
    pub log: Arc<Log>,
    sequencer: Sequencer,
    policy: String,
}

/// Cosigns all that it is shown.
struct Witness {
    secret: SigningKey,
    public: PublicKey,
}

impl PublicLog {
    pub fn named(origin: &str, store: &Arc<MemoryStore>, vault: &Arc<Vault>) -> PublicLog {
        let ports = Ports {
            store: Arc::clone(store) as _,
            seeds: Arc::clone(store) as _,
            log: Arc::clone(store) as _,
            vault: Arc::clone(vault),
        };
        let log = Arc::new(Log::named(origin, vault).unwrap());
        let witness = Witness::new("north.example");
        let policy = format!(
            "log {}\nwitness north {}\nquorum north\n",
            log.public_key(),
            witness.public
        );
        let sequencer = Sequencer::new(ports.clone(), Arc::clone(&log));
        PublicLog {
            store: Arc::clone(store),
            receipts: Arc::new(Receipts::new(ports, Arc::clone(&log))),
            sequencer: sequencer.witnessed(Some(Arc::new(witness))),
            policy,
            log,
        }
    }

    pub async fn grow(&self) {
        while self.sequencer.round().await.unwrap() != Round::CaughtUp {}
    }

    /// What a sequencer does to it that finds what contradicts it.
    pub fn stop(&self) {
        self.store.stop_log(self.log.origin());
    }

    /// What a restored backup does to it.
    pub fn close(&self) {
        self.store.close_log(self.log.origin());
    }

    /// Whom the platform tells everybody to believe.
    pub fn policy(&self) -> Policy {
        Policy::parse(&self.policy).unwrap()
    }

    pub fn explorer(&self, base_url: &str) -> Router {
        let log = PublishedLog {
            storage: Arc::clone(&self.store) as _,
            origin: self.log.origin().into(),
            policy: self.policy.as_str().into(),
        };
        explorer::router(log, base_url)
    }
}

impl Witness {
    fn new(name: &str) -> Witness {
        let secret = SigningKey::from_bytes(&[9; 32]);
        let public = secret.verifying_key().to_bytes();
        let name = KeyName::parse(name).unwrap();
        Witness {
            public: PublicKey::new(name, KeyKind::Cosignature, &public).unwrap(),
            secret,
        }
    }
}

impl Witnesses for Witness {
    fn ask(&self, mut checkpoint: SignedCheckpoint) -> Asked<'_> {
        let sign = |message: &[u8]| Ok::<_, Infallible>(self.secret.sign(message).to_bytes());
        let text = checkpoint.note().text();
        let at = CosignedAt::new(now()).unwrap();
        let Ok(line) = cosign(text, &self.public, at, sign);
        checkpoint.add(line);
        Box::pin(async move { Witnessed::Enough(checkpoint) })
    }
}

/// Seconds since 1970. The page checks by the browser's clock whether a cosignature is of the present.
#[expect(
    clippy::disallowed_methods,
    reason = "a browser has no clock that could be set"
)]
pub fn now() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since_1970.as_secs()
}
