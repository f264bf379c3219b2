//! A witness in a directory that goes when the test is over.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tlog::checkpoint::SignedCheckpoint;
use tlog::key::{KeyName, PublicKey};
use tlog::witness::monitoring_path;
use tower::ServiceExt;
use witness::routes::{Served, router};
use witness::witness::{KeyChoice, OpenError, Setup, Witness};

use crate::forger::LogKey;

pub const ORIGIN: &str = "voucher.example/log1";

pub fn log_key() -> LogKey {
    LogKey::new(ORIGIN, 7)
}

pub fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_790_000_000)
}

pub struct Hosted {
    pub directory: TempDir,
    pub witness: Arc<Witness>,
    router: Router,
}

pub struct Answered {
    pub code: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Hosted {
    pub fn fresh() -> Self {
        Self::over(TempDir::new().expect("there is room for a directory"))
    }

    pub fn over(directory: TempDir) -> Self {
        let witness = open(directory.path(), vec![log_key().public]).expect("the witness starts");
        let witness = Arc::new(witness);
        let served = Served {
            witness: Arc::clone(&witness),
            now: noon,
        };
        Self {
            directory,
            witness,
            router: router(served),
        }
    }

    /// As after a crash: what is in memory is lost.
    pub fn again(self) -> Self {
        Self::over(self.into_directory())
    }

    pub fn into_directory(self) -> TempDir {
        let Self { directory, .. } = self;
        directory
    }

    pub async fn add(&self, body: impl Into<Body>) -> Answered {
        let request = Request::post("/add-checkpoint").body(body.into());
        self.send(request.expect("a request")).await
    }

    pub async fn shown(&self) -> Answered {
        let path = format!("/{}", monitoring_path(ORIGIN));
        let request = Request::get(path).body(Body::empty());
        self.send(request.expect("a request")).await
    }

    async fn send(&self, request: Request<Body>) -> Answered {
        let answer = self.router.clone().oneshot(request).await;
        let (parts, body) = answer.expect("routes do not fail").into_parts();
        let bytes = body.collect().await.expect("the body is whole").to_bytes();
        Answered {
            code: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).expect("the body is text"),
        }
    }

    /// The names of what is kept against the log, without the roots in them.
    pub fn evidence(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.evidence_directory())
            .expect("the directory is there")
            .map(|file| file.expect("a file").file_name())
            .map(|name| name.into_string().expect("a name"))
            .map(|name| {
                let (kind, rest) = name.split_once('-').expect("a kind");
                let (size, rest) = rest.split_once('-').expect("a size");
                let (_, end) = rest.split_once('.').expect("an end");
                format!("{kind}-{size}.{end}")
            })
            .collect();
        names.sort();
        names
    }

    pub fn evidence_directory(&self) -> PathBuf {
        self.log_directory().join("evidence")
    }

    pub fn log_directory(&self) -> PathBuf {
        let file = self.directory.path().join("logs");
        let file = file.join(monitoring_path(ORIGIN));
        file.parent().expect("a directory").to_owned()
    }
}

pub fn open(directory: &Path, logs: Vec<PublicKey>) -> Result<Witness, OpenError> {
    let name = KeyName::parse("witness.example/1").expect("the name is good");
    Witness::open(Setup {
        directory: directory.to_owned(),
        key: KeyChoice::Own { name: Some(name) },
        logs,
    })
}

/// When a cosignature in this checkpoint was made, checked with the other library.
pub fn cosigned_at(checkpoint: &str, witness: &PublicKey) -> u64 {
    let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes()).expect("it is a checkpoint");
    let at = checkpoint.cosigned_by(witness).expect("it holds");
    at.expect("it is cosigned").seconds()
}
