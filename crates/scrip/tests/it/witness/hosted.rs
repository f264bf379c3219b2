//! A witness that runs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tlog::key::PublicKey;
use tlog::witness::monitoring_path;

use crate::program::scrip;

/// It is killed when this is dropped.
pub struct Hosted {
    child: Child,
    base_url: String,
    http: reqwest::Client,
    origin: String,
}

impl Hosted {
    pub fn start(directory: &Path, log: &PublicKey) -> Self {
        let mut child = scrip()
            .args(["witness", "--listen", "127.0.0.1:0", "--data"])
            .arg(directory)
            .args(["--log", &log.to_string()])
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(child.stderr.take().expect("its log"));
        let mut lines = output.lines().map_while(Result::ok);
        let ready = lines
            .find(|line| line.contains("the witness is ready"))
            .expect("it gets ready");
        // Whoever does not read on would stop the witness when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let address = ready.split("address=").nth(1).expect("an address");
        let address = address.split(' ').next().expect("an address");
        Self::of(child, format!("http://{address}"), log)
    }

    /// A witness that follows one log.
    pub fn of(child: Child, base_url: String, log: &PublicKey) -> Self {
        let http = reqwest::Client::builder().no_proxy();
        let http = http.timeout(Duration::from_secs(20)).build();
        Self {
            child,
            base_url,
            http: http.expect("an HTTP client"),
            origin: log.name().to_string(),
        }
    }

    /// An error means that no answer came.
    pub async fn add(&self, body: String) -> reqwest::Result<(u16, String)> {
        let url = format!("{}/add-checkpoint", self.base_url);
        let answer = self.http.post(url).body(body).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    pub async fn shown(&self) -> reqwest::Result<(u16, String)> {
        let url = format!("{}/{}", self.base_url, monitoring_path(&self.origin));
        let answer = self.http.get(url).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and the end that follows.
    pub fn stop(mut self) {
        signal(self.id(), "-TERM");
        let status = self.child.wait().expect("the witness can be waited for");
        assert!(status.success(), "the witness did not stop well: {status}");
    }
}

pub fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

impl Drop for Hosted {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
