//! An object store that is not ours: SeaweedFS, over HTTP on this machine.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::Client;
use reqwest::header::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;
use tlog_reader::objects::Access;

/// Everybody may read what is in it, as what a log publishes.
pub const BUCKET: &str = "copies";
const READY_TRIES: u32 = 400;
const DIRECTORY_MODE: u64 = 1 << 31;

/// Starts the store, and ends it when the test's process ends, however that comes: then its standard input closes.
const SCRIPT: &str = "\"$@\" & read -r _; kill -9 $!; wait $!; rm -rf \"$SCRATCH\"";

const IDENTITIES: &str = r#"{"identities": [
    {"name": "writer", "credentials": [{"accessKey": "WRITER", "secretKey": "of the writer"}], "actions": ["Read", "Write", "List"]},
    {"name": "reader", "credentials": [{"accessKey": "READER", "secretKey": "of the reader"}], "actions": ["Read", "List"]},
    {"name": "anonymous", "actions": ["Read:copies"]}
]}"#;

/// The only one of the process; the bucket is there.
pub async fn store() -> &'static Store {
    static STORE: OnceLock<Store> = OnceLock::new();
    let store = STORE.get_or_init(Store::start);
    store.wait_until_ready().await;
    store
}

pub struct Store {
    /// Where it speaks S3.
    pub address: String,
    files: String,
    client: Client,
    _process: Child,
}

/// An object as whoever reads it without credentials gets it.
pub struct Object {
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Store {
    fn start() -> Self {
        // Kept, for the test's process does not drop what is static; the script removes it.
        let directory = TempDir::new().expect("a directory").keep();
        std::fs::write(directory.join("identities"), IDENTITIES).expect("a file");
        let ports = free_ports();
        let process = command(&directory, &ports).spawn().expect("a shell starts");
        Self {
            address: format!("http://127.0.0.1:{}", ports[6]),
            files: format!("http://127.0.0.1:{}", ports[4]),
            // Each test has a runtime of its own, which takes its connections along.
            client: Client::builder()
                .pool_max_idle_per_host(0)
                .build()
                .expect("a client"),
            _process: process,
        }
    }

    async fn wait_until_ready(&self) {
        let marker = format!("{}/buckets/{BUCKET}/ready", self.files);
        for _ in 0..READY_TRIES {
            // A directory below `buckets` is a bucket, and S3 is the last to be there.
            let made = self.client.put(&marker).body("yes").send().await;
            let is_made = made.is_ok_and(|answer| answer.status().is_success());
            if is_made && self.object("ready").await.is_some() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("SeaweedFS does not get ready");
    }

    pub fn access(&self) -> Access {
        self.access_of("WRITER", "of the writer")
    }

    pub fn access_of(&self, key: &str, secret: &str) -> Access {
        access(&[
            ("AWS_ACCESS_KEY_ID", key),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_ENDPOINT_URL", &self.address),
        ])
    }

    /// The copy's address for everybody.
    pub fn public(&self, prefix: &str) -> String {
        format!("{}/{BUCKET}/{prefix}", self.address)
    }

    pub async fn object(&self, key: &str) -> Option<Object> {
        let answer = self.client.get(self.public(key)).send().await.ok()?;
        let headers = answer.headers().clone();
        let is_there = answer.status().is_success();
        let bytes = answer.bytes().await.ok()?.to_vec();
        is_there.then_some(Object { headers, bytes })
    }

    /// All objects below a prefix with their bytes, past S3.
    pub async fn files(&self, prefix: &str) -> BTreeSet<(String, Vec<u8>)> {
        let mut files = BTreeSet::new();
        let root = format!("/buckets/{BUCKET}/{prefix}");
        let mut directories = vec![root.clone()];
        while let Some(directory) = directories.pop() {
            for (path, is_directory) in self.list(&directory).await {
                if is_directory {
                    directories.push(path);
                    continue;
                }
                let answer = self
                    .client
                    .get(format!("{}{path}", self.files))
                    .send()
                    .await;
                let bytes = answer.expect("an answer").bytes().await.expect("all of it");
                let name = path[root.len()..].trim_start_matches('/');
                files.insert((name.to_owned(), bytes.to_vec()));
            }
        }
        files
    }

    async fn list(&self, directory: &str) -> Vec<(String, bool)> {
        let place = format!("{}{directory}/?limit=10000", self.files);
        let request = self.client.get(place).header("accept", "application/json");
        let listed = request.send().await.expect("an answer");
        if !listed.status().is_success() {
            return Vec::new();
        }
        let listed: Value = listed.json().await.expect("a list");
        let entries = listed["Entries"].as_array().cloned().unwrap_or_default();
        let entry = |entry: &Value| {
            let path = entry["FullPath"].as_str().expect("a path").to_owned();
            let mode = entry["Mode"].as_u64().expect("a mode");
            (path, mode & DIRECTORY_MODE != 0)
        };
        entries.iter().map(entry).collect()
    }

    /// Past S3, as a disk or a person would.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) {
        let place = format!("{}/buckets/{BUCKET}/{key}", self.files);
        let put = self.client.put(place).body(bytes).send().await;
        assert!(
            put.is_ok_and(|answer| answer.status().is_success()),
            "{key}"
        );
    }

    pub async fn delete(&self, key: &str) {
        let place = format!("{}/buckets/{BUCKET}/{key}", self.files);
        let deleted = self.client.delete(place).send().await;
        assert!(
            deleted.is_ok_and(|answer| answer.status().is_success()),
            "{key}"
        );
    }
}

pub fn access(variables: &[(&str, &str)]) -> Access {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Access::from_variables(variables.iter().map(owned))
}

/// Asked for together, so that they differ.
fn free_ports() -> Vec<u16> {
    let bind = || TcpListener::bind("127.0.0.1:0").expect("a free port");
    let listeners: Vec<TcpListener> = std::iter::repeat_with(bind).take(8).collect();
    let ports = listeners
        .iter()
        .map(|listener| listener.local_addr().expect("an address").port());
    ports.collect()
}

fn command(directory: &Path, ports: &[u16]) -> Command {
    let names = [
        "master.port",
        "master.port.grpc",
        "volume.port",
        "volume.port.grpc",
        "filer.port",
        "filer.port.grpc",
        "s3.port",
        "s3.port.grpc",
    ];
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "sh"])
        .arg(program())
        .args([
            "server",
            "-filer",
            "-s3",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
        ])
        .args([
            "-master.telemetry=false",
            "-volume.max=20",
            "-master.volumeSizeLimitMB=64",
        ])
        .args([
            "-s3.iam=false",
            "-s3.autoCreateBucket=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
        ])
        .args(
            names
                .iter()
                .zip(ports)
                .map(|(name, port)| format!("-{name}={port}")),
        )
        .args(
            ["filer.localSocket", "s3.localSocket"]
                .map(|name| format!("-{name}={}", directory.join(name).display())),
        )
        .arg(format!("-dir={}", directory.display()))
        .arg(format!(
            "-s3.config={}",
            directory.join("identities").display()
        ))
        .env("SCRATCH", directory)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find their tools through variables"
)]
fn program() -> PathBuf {
    let name = "SCRIP_TEST_OBJECT_STORE";
    let place = std::env::var_os(name);
    PathBuf::from(
        place.unwrap_or_else(|| panic!("{name} is not set: run the tests with `cargo xtask test`")),
    )
}
