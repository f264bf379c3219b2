//! The real program in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long the program may take until it answers.
const START_TIMEOUT: Duration = Duration::from_secs(60);

pub fn scrip() -> Command {
    Command::new(env!("CARGO_BIN_EXE_scrip"))
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    scrip()
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

/// The text of a command that has to succeed.
pub fn run_well(arguments: &[&str]) -> String {
    let output = run(arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{arguments:?} failed:\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// The error text of a command that has to fail.
pub fn run_badly(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?} did not fail");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running demo; it is killed when this is dropped.
pub struct Demo {
    child: Child,
    pub data: PathBuf,
    pub file: Value,
}

impl Demo {
    /// Starts the demo on a free port and waits until it answers.
    pub fn start(data: &Path) -> Demo {
        let stale = data.join("demo.json");
        let before = std::fs::read(&stale).ok();
        let child = scrip()
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut demo = Demo {
            child,
            data: data.to_owned(),
            file: Value::Null,
        };
        demo.wait_until_ready(before);
        demo
    }

    fn wait_until_ready(&mut self, before: Option<Vec<u8>>) {
        let end = Instant::now() + START_TIMEOUT;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("the child can be waited for") {
                panic!("the demo ended at its start: {status}");
            }
            let now = std::fs::read(self.data.join("demo.json")).ok();
            if now.is_some() && now != before {
                self.file =
                    serde_json::from_slice(&now.unwrap_or_default()).expect("demo.json is JSON");
                if std::net::TcpStream::connect(self.address()).is_ok() {
                    return;
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the demo did not start in time");
    }

    pub fn text(&self, name: &str) -> &str {
        self.file[name]
            .as_str()
            .unwrap_or_else(|| panic!("demo.json has no {name}"))
    }

    /// Host and port of the platform.
    pub fn address(&self) -> &str {
        self.text("base_url").trim_start_matches("http://")
    }

    pub fn pins(&self, currency: &str, amount: &str) -> Vec<String> {
        let vouchers = self.file["vouchers"].as_array().expect("vouchers");
        let wanted = vouchers
            .iter()
            .filter(|voucher| voucher["currency"] == currency && voucher["amount"] == amount);
        wanted
            .map(|voucher| voucher["pin"].as_str().expect("a pin").to_owned())
            .collect()
    }

    /// SIGKILL: nothing is flushed, nothing is said.
    pub fn kill(&mut self) {
        self.child.kill().expect("the child can be killed");
        self.child.wait().expect("the child can be waited for");
    }

    /// SIGTERM, and the end that follows.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill runs");
        assert!(sent.success());
        let status = self.child.wait().expect("the child can be waited for");
        assert!(status.success(), "the demo did not stop well: {status}");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
