//! A log with keys that everybody knows, in a directory, and a server of static files that can be made to misbehave.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use ed25519_dalek::{Signer, SigningKey};
use tempfile::TempDir;
use tlog::bundle::LogEntry;
use tlog::checkpoint::SignedCheckpoint;
use tlog::cosignature::{CosignedAt, cosign};
use tlog::edge::RightEdge;
use tlog::hash::TreeHead;
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::leaf::{Commitment, Leaf, LeafKind};
use tlog::note::{Note, SignatureLine};
use tlog_reader::check::{Served, Terms, check};
use tlog_reader::error::ReadError;
use tlog_reader::kept::Kept;
use tlog_reader::mirror::{Mirror, Mirrored};
use tlog_reader::source::{Patience, Source};
use tokio::sync::watch;
use verifier::checkpoint::Clock;
use verifier::policy::Policy;

pub const NOW: u64 = 1_790_000_000;
/// Fails soon, but not before a busy machine answers.
pub const PATIENCE: Patience = Patience {
    attempts: 3,
    first_pause: Duration::from_millis(1),
    file_timeout: Duration::from_secs(20),
};

/// A log in a directory of its own.
pub struct Log {
    pub directory: TempDir,
    edge: RightEdge,
    marked: u64,
}

impl Log {
    /// Of so many leaves; those before `marked` are as in every other log.
    pub fn of(size: u64, marked: u64) -> Self {
        let mut log = Self {
            directory: TempDir::new().expect("a directory"),
            edge: RightEdge::of_nothing(),
            marked,
        };
        log.grow_to(size);
        log
    }

    pub fn honest(size: u64) -> Self {
        Self::of(size, u64::MAX)
    }

    pub fn grow_to(&mut self, size: u64) {
        let marked = self.marked;
        let entries = (self.edge.head().size..size).map(|index| leaf(index, marked <= index));
        let growth = self.edge.append(entries);
        for file in growth.tiles.into_iter().chain(growth.bundles) {
            write(
                &self.directory.path().join(file.path.to_string()),
                &file.bytes,
            );
        }
        self.publish(self.edge.head());
    }

    /// Signs any head, as a forger with the real keys can.
    pub fn publish(&self, head: TreeHead) {
        let checkpoint = signed(head, NOW).to_string();
        write(&self.path("checkpoint"), checkpoint.as_bytes());
    }

    pub fn head(&self) -> TreeHead {
        self.edge.head()
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    pub fn place(&self) -> &str {
        self.directory.path().to_str().expect("a plain path")
    }
}

pub fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("it can be made");
    std::fs::write(path, bytes).expect("it can be written");
}

/// Changes one byte of a file, and gives the bytes from before.
pub fn flip(path: &Path, position: usize) -> Vec<u8> {
    let good = std::fs::read(path).expect("the file is there");
    let mut bad = good.clone();
    bad[position] ^= 1;
    write(path, &bad);
    good
}

/// All files with their bytes, but for locks and the rests of unfinished writes.
pub fn files_of(directory: &Path) -> BTreeSet<(String, Vec<u8>)> {
    let mut files = BTreeSet::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        for entry in std::fs::read_dir(next).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let name = path.strip_prefix(directory).expect("it is below");
            let name = name.to_str().expect("a plain path").to_owned();
            if name != ".lock" && !name.ends_with(".part") {
                files.insert((name, std::fs::read(path).expect("a file")));
            }
        }
    }
    files
}

pub fn leaf(index: u64, is_marked: bool) -> LogEntry {
    let commitment = Commitment::new([u8::from(is_marked); 32]);
    let leaf = Leaf::new(LeafKind::ENTRY, index, vec![commitment]);
    leaf.expect("one commitment is few").encode()
}

fn key(name: &str, kind: KeyKind, seed: u8) -> (PublicKey, SigningKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let name = KeyName::parse(name).expect("the name is good");
    let public = PublicKey::new(name, kind, secret.verifying_key().as_bytes());
    (public.expect("a fresh key is not weak"), secret)
}

fn log_key() -> (PublicKey, SigningKey) {
    key("voucher.example/log1", KeyKind::Note, 7)
}

fn witness_key() -> (PublicKey, SigningKey) {
    key("w.example", KeyKind::Cosignature, 9)
}

fn sign(secret: &SigningKey, message: &[u8]) -> Result<[u8; 64], Infallible> {
    Ok(secret.sign(message).to_bytes())
}

pub fn signed(head: TreeHead, at: u64) -> SignedCheckpoint {
    let (log, secret) = log_key();
    let text = format!("{}\n{}\n{}\n", log.name(), head.size, head.root);
    let Ok(line) = SignatureLine::sign(&log, &text, |text| sign(&secret, text));
    let note = Note::new(text, line).expect("the text is good");
    let mut checkpoint =
        SignedCheckpoint::parse(note.to_string().as_bytes()).expect("a checkpoint");
    let (witness, secret) = witness_key();
    let at = CosignedAt::new(at).expect("the time is in range");
    let text = checkpoint.note().text().to_owned();
    let Ok(line) = cosign(&text, &witness, at, |message| sign(&secret, message));
    checkpoint.add(line);
    checkpoint
}

pub fn policy() -> Policy {
    let (log, witness) = (log_key().0, witness_key().0);
    let text = format!("log {log}\nwitness w {witness}\nquorum w\n");
    Policy::parse(&text).expect("the policy is good")
}

pub const CLOCK: Clock = Clock {
    now: NOW,
    age_seconds_max: Some(3600),
};

pub async fn check_at(place: &str, since: Option<&Path>) -> Result<Served, ReadError> {
    let policy = policy();
    let terms = Terms {
        policy: &policy,
        clock: CLOCK,
    };
    let source = Source::open(place, PATIENCE)?;
    let kept = match since {
        Some(path) => Some(Kept::load(path, &terms).await?),
        None => None,
    };
    check(&source, &terms, kept.as_ref(), &mut |_, _| ()).await
}

pub async fn mirror_to(directory: &Path, place: &str) -> Result<Mirrored, ReadError> {
    let policy = policy();
    let terms = Terms {
        policy: &policy,
        clock: CLOCK,
    };
    let source = Source::open(place, PATIENCE)?;
    let mirror = Mirror::open(directory)?;
    mirror.update(&source, &terms, &mut |_, _| ()).await
}

/// What the server does instead of answering with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    NotFound,
    Garbage,
    Stalls,
    Redirects,
    Endless,
    BreaksDown,
    Compresses,
    /// Once; then it is good.
    FailsOnce,
}

/// A server of static files on a port of its own.
pub struct Server {
    pub place: String,
    served: Arc<Files>,
}

struct Files {
    directory: PathBuf,
    moods: Mutex<Vec<(String, Mood)>>,
    asked: Mutex<Vec<String>>,
    held: Mutex<Vec<(String, watch::Receiver<()>)>>,
}

impl Server {
    pub async fn start(directory: &Path) -> Self {
        let served = Arc::new(Files {
            directory: directory.to_owned(),
            moods: Mutex::default(),
            asked: Mutex::default(),
            held: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let app = Router::new().fallback(answer).with_state(served.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            place: format!("http://{address}/log"),
            served,
        }
    }

    /// From now on for this path.
    pub fn set(&self, path: &str, mood: Mood) {
        self.served
            .moods
            .lock()
            .expect("nobody panics with it")
            .push((path.to_owned(), mood));
    }

    pub fn behave(&self) {
        self.served
            .moods
            .lock()
            .expect("nobody panics with it")
            .clear();
    }

    /// Answers for this path only when what it returns is dropped.
    pub fn hold(&self, path: &str) -> watch::Sender<()> {
        let (release, released) = watch::channel(());
        let mut held = self.served.held.lock().expect("nobody panics with it");
        held.push((path.to_owned(), released));
        release
    }

    pub async fn wait_for(&self, path: &str) {
        let is_asked = || {
            let asked = self.served.asked.lock().expect("nobody panics with it");
            asked.iter().any(|asked| asked == path)
        };
        while !is_asked() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The paths that were asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.served.asked.lock().expect("nobody panics with it"))
    }
}

async fn answer(State(served): State<Arc<Files>>, request: Request) -> Response<Body> {
    let path = request.uri().path().trim_start_matches("/log/").to_owned();
    served
        .asked
        .lock()
        .expect("nobody panics with it")
        .push(path.clone());
    let held = {
        let held = served.held.lock().expect("nobody panics with it");
        let held = held.iter().find(|(of, _)| *of == path);
        held.map(|(_, released)| released.clone())
    };
    if let Some(mut released) = held {
        // It changes only by ending.
        let _ = released.changed().await;
    }
    let mood = {
        let mut moods = served.moods.lock().expect("nobody panics with it");
        let position = moods.iter().position(|(of, _)| *of == path);
        let mood = position.map(|position| moods[position].1);
        if mood == Some(Mood::FailsOnce) {
            moods.remove(position.expect("there is a mood"));
        }
        mood
    };
    let with = |status: StatusCode, body: Body| {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response
    };
    match mood {
        None => match std::fs::read(served.directory.join(&path)) {
            Ok(bytes) => with(StatusCode::OK, bytes.into()),
            Err(_) => with(StatusCode::NOT_FOUND, Body::empty()),
        },
        Some(Mood::NotFound) => with(StatusCode::NOT_FOUND, "<html>no</html>".into()),
        Some(Mood::Garbage) => with(StatusCode::OK, "<html>welcome</html>".into()),
        Some(Mood::Stalls) => std::future::pending().await,
        Some(Mood::Redirects) => {
            let mut response = with(StatusCode::FOUND, Body::empty());
            let to = "http://127.0.0.1:1/elsewhere".parse().expect("a header");
            response.headers_mut().insert("location", to);
            response
        }
        Some(Mood::Endless) => {
            let chunks = futures_util::stream::repeat_with(|| Ok::<_, Infallible>(vec![0; 4096]));
            with(StatusCode::OK, Body::from_stream(chunks))
        }
        Some(Mood::BreaksDown | Mood::FailsOnce) => with(StatusCode::BAD_GATEWAY, Body::empty()),
        Some(Mood::Compresses) => {
            let mut response = with(StatusCode::OK, "x".into());
            let gzip = "gzip".parse().expect("a header");
            response.headers_mut().insert("content-encoding", gzip);
            response
        }
    }
}
