//! `scrip serve`: TLS, and stopping when asked, whoever is connected.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{run_well, scrip};

/// A running server; it is killed when this is dropped.
struct Server {
    child: Child,
    address: String,
    base_url: String,
}

impl Server {
    /// Starts the server from a configuration and waits for the log line that says where it listens.
    fn start(directory: &Path, configuration: &str) -> Server {
        let file = directory.join("scrip.toml");
        let data = directory.join("data");
        let text = format!(
            "data = {data:?}\nlisten = '127.0.0.1:0'\n{configuration}\n[log]\nformat = 'json'\n"
        );
        std::fs::write(&file, text).expect("the configuration can be written");
        let mut child = scrip()
            .args(["serve", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let ready = lines
            .map_while(Result::ok)
            .find(|line| line.contains("scrip is ready"))
            .expect("it gets ready");
        let fields =
            serde_json::from_str::<Value>(&ready).expect("the log is JSON")["fields"].clone();
        let text = |name: &str| fields[name].as_str().expect(name).to_owned();
        Server {
            child,
            address: text("address"),
            base_url: text("base_url"),
        }
    }

    fn terminate(&self) {
        self.signal("TERM");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Whether the process ends within the time.
    fn ends_within(&mut self, time: Duration) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if self
                .child
                .try_wait()
                .expect("it can be waited for")
                .is_some()
            {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_whose_connections_are_all_taken_still_stops_when_asked() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = Server::start(directory.path(), "connections_max = 2");
    let silent: Vec<TcpStream> = (0..4)
        .map(|_| TcpStream::connect(&server.address).expect("a connection"))
        .collect();
    server.terminate();
    assert!(
        server.ends_within(Duration::from_secs(30)),
        "SIGTERM was ignored"
    );
    drop(silent);
}

#[tokio::test]
async fn payers_and_shops_reach_the_server_over_tls() {
    let directory = tempfile::tempdir().expect("a directory");
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| directory.path().join(name));
    let made =
        rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    std::fs::write(&certificate, made.cert.pem()).expect("the certificate can be written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("the key can be written");
    let data = directory.path().join("data");
    let added = run_well(&[
        "merchant",
        "--data",
        data.to_str().expect("UTF-8"),
        "--name",
        "Shop",
        "--currency",
        "EUR",
    ]);
    let api_key = added
        .lines()
        .find_map(|line| line.strip_prefix("API key (shown once): "))
        .expect("a key");

    let server = Server::start(
        directory.path(),
        &format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}"),
    );
    assert!(server.base_url.starts_with("https://"));
    let pem = std::fs::read(&certificate).expect("the certificate");
    let http = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).expect("a certificate")])
        .no_proxy()
        .build()
        .expect("a client");
    let answer = http
        .get(format!("{}/v1/merchant", server.base_url))
        .bearer_auth(api_key)
        .send()
        .await;
    assert!(answer.expect("an answer").status().is_success());
    let page = http
        .get(format!("{}/", server.base_url))
        .send()
        .await
        .expect("an answer");
    assert!(page.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a_second_signal_ends_what_the_first_one_lets_drain() {
    let directory = tempfile::tempdir().expect("a directory");
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    for (second, code) in [("TERM", 143), ("INT", 130)] {
        let mut server = Server::start(directory.path(), "drain_seconds = 600");
        let readiness = async || {
            let asked = http.get(format!("{}/readyz", server.base_url)).send().await;
            asked
                .expect("it still answers")
                .text()
                .await
                .expect("words")
        };
        assert_eq!(readiness().await, "ready\n");
        server.terminate();
        while readiness().await != "stopping\n" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server.signal(second);
        assert!(server.ends_within(Duration::from_secs(60)));
        let status = server.child.wait().expect("it has ended");
        assert_eq!(status.code(), Some(code));
        // Nothing is lost or locked by it.
        let data = directory.path().join("data");
        run_well(&["audit", "--data", data.to_str().expect("UTF-8")]);
    }
}
