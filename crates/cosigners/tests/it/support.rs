//! Witnesses behind real sockets: ours, and such that answer what a test tells them to.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{get, post};
use cosigners::gathering::{Cosigners, Gathered, Patience};
use cosigners::peer::Prover;
use cosigners::quorum::Quorum;
use ed25519_dalek::{Signer, SigningKey};
use tempfile::TempDir;
use tlog::checkpoint::SignedCheckpoint;
use tlog::cosignature::{CosignedAt, cosign};
use tlog::hash::TreeHash;
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::witness::AddCheckpoint;
use tokio::net::TcpListener;
use witness::routes::{Served, router};
use witness::witness::{KeyChoice, Setup, Witness};

use crate::forger::{History, LogKey};

pub const ORIGIN: &str = "voucher.example/log1";

pub fn log_key() -> LogKey {
    LogKey::new(ORIGIN, 7)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the witnesses are programs that read the clock"
)]
fn clock() -> SystemTime {
    SystemTime::now()
}

pub fn now() -> u64 {
    let since = clock().duration_since(UNIX_EPOCH);
    since.expect("a time after 1970").as_secs()
}

impl Prover for History {
    async fn prove(&self, old: u64, new: u64) -> Result<Vec<TreeHash>, String> {
        Ok(self.consistency(old, new))
    }
}

pub fn checkpoint(history: &History, size: u64) -> SignedCheckpoint {
    let note = log_key().note(history.head(size)).to_string();
    SignedCheckpoint::parse(note.as_bytes()).expect("a checkpoint of our own")
}

/// Where a witness is, and its key.
#[derive(Clone)]
pub struct Hosted {
    pub name: &'static str,
    pub url: String,
    pub key: PublicKey,
}

async fn serve(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

/// A witness of ours; the directory is its state.
pub async fn ours(name: &'static str, directory: &TempDir) -> Hosted {
    let key_name = KeyName::parse(&format!("{name}.example/w")).expect("the name is good");
    let witness = Witness::open(Setup {
        directory: directory.path().to_owned(),
        key: KeyChoice::Own {
            name: Some(key_name),
        },
        logs: vec![log_key().public],
    });
    let witness = Arc::new(witness.expect("the witness starts"));
    let key = witness.public_key().clone();
    let served = Served {
        witness,
        now: clock,
    };
    let url = serve(router(served)).await;
    Hosted { name, url, key }
}

/// How a witness that a test makes up behaves.
#[derive(Clone)]
pub enum Behaviour {
    Silent,
    /// Answers with this.
    Says(u16, String),
    /// Cosigns with a clock that is so many seconds behind.
    Behind(u64),
    /// Cosigns another tree than it was asked for.
    SignsOther,
    /// Says that it knows a larger tree, and shows this for it.
    Shows(u64, String),
}

pub async fn made_up(name: &'static str, behaviour: Behaviour) -> Hosted {
    let secret = SigningKey::from_bytes(&[name.len() as u8; 32]);
    let key_name = KeyName::parse(&format!("{name}.example/w")).expect("the name is good");
    let public = secret.verifying_key();
    let key = PublicKey::new(key_name, KeyKind::Cosignature, public.as_bytes());
    let key = key.expect("the key is good");
    let shown = match &behaviour {
        Behaviour::Shows(_, shown) => shown.clone(),
        _ => String::new(),
    };
    let signer = key.clone();
    let add = move |body: Bytes| {
        let (behaviour, secret, signer) = (behaviour.clone(), secret.clone(), signer.clone());
        async move { answer(&behaviour, &secret, &signer, &body).await }
    };
    let routes = Router::new()
        .route("/add-checkpoint", post(add))
        .route("/{log}/checkpoint", get(|| async move { shown }));
    let url = serve(routes).await;
    Hosted { name, url, key }
}

async fn answer(
    behaviour: &Behaviour,
    secret: &SigningKey,
    key: &PublicKey,
    body: &[u8],
) -> (StatusCode, String) {
    let line = |text: &str, seconds: u64| {
        let at = CosignedAt::new(seconds).expect("a time");
        let sign = |message: &[u8]| Ok::<_, Infallible>(secret.sign(message).to_bytes());
        let Ok(line) = cosign(text, key, at, sign);
        line.to_string()
    };
    let asked = AddCheckpoint::parse(body).expect("the log asks well");
    let text = asked.checkpoint.note().text().to_owned();
    match behaviour {
        Behaviour::Silent => pending().await,
        Behaviour::Says(code, said) => {
            let code = StatusCode::from_u16(*code).expect("a status");
            (code, said.clone())
        }
        Behaviour::Behind(seconds) => (StatusCode::OK, line(&text, now() - seconds)),
        Behaviour::SignsOther => {
            let other = text.replacen('\n', "\n1", 1);
            (StatusCode::OK, line(&other, now()))
        }
        Behaviour::Shows(size, _) => (StatusCode::CONFLICT, format!("{size}\n")),
    }
}

/// So short that a test of a silent witness is over soon, and long enough for a busy machine.
pub const PATIENCE: Patience = Patience {
    answer: Duration::from_secs(5),
    all: Duration::from_secs(6),
    rest: Duration::from_secs(3),
};

/// The log's witnesses, of which so many are enough.
pub fn gatherer(enough: usize, witnesses: &[&Hosted]) -> Cosigners {
    let log = log_key().public;
    let quorum = Quorum::parse(&policy(enough, witnesses), &log).expect("the policy is good");
    Cosigners::new(log, quorum, PATIENCE).expect("an HTTP client")
}

pub fn policy(enough: usize, witnesses: &[&Hosted]) -> String {
    let mut text = format!("log {}\n", log_key().public);
    let mut group = format!("group all-of-them {enough}");
    for Hosted { name, url, key } in witnesses {
        text.push_str(&format!("witness {name} {key} {url}\n"));
        group.push_str(&format!(" {name}"));
    }
    format!("{text}{group}\nquorum all-of-them\n")
}

pub async fn gather(cosigners: &Cosigners, history: &History, size: u64) -> Gathered {
    let checkpoint = checkpoint(history, size);
    cosigners.gather(checkpoint, history, now()).await
}
