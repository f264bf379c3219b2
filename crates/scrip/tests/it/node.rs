//! `scrip serve` in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::program::scrip;

/// A running node; it is killed when this is dropped.
pub struct Node {
    child: Child,
    pub base_url: String,
    /// Host and port where it tells metrics; none if it tells none.
    pub metrics: Option<String>,
}

impl Node {
    pub fn start(directory: &Path, store: &str) -> Node {
        Node::start_with(directory, store, "")
    }

    /// With further keys, each on a line of its own.
    pub fn start_with(directory: &Path, store: &str, further: &str) -> Node {
        let file = configuration(directory, store);
        let text = std::fs::read_to_string(&file).expect("the configuration can be read");
        std::fs::write(&file, format!("{further}\n{text}")).expect("it can be written");
        Node::start_from(&file)
    }

    /// With the configuration in this file.
    pub fn start_from(file: &Path) -> Node {
        let mut child = scrip()
            .args(["serve", "--config"])
            .arg(file)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let log = BufReader::new(child.stderr.take().expect("its log"));
        let mut lines = log.lines().map_while(Result::ok);
        let (mut metrics, mut ready) = (None, None);
        for line in lines.by_ref() {
            let said: Value = serde_json::from_str(&line).expect("the log is JSON");
            let fields = &said["fields"];
            match fields["message"].as_str() {
                Some("metrics are told at /metrics") => {
                    metrics = fields["address"].as_str().map(str::to_owned);
                }
                Some("scrip is ready") => {
                    ready = fields["base_url"].as_str().map(str::to_owned);
                    break;
                }
                Some(_) | None => {}
            }
        }
        // Whoever does not read on would stop the node when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Node {
            child,
            base_url: ready.expect("it gets ready"),
            metrics,
        }
    }

    /// SIGTERM; the node goes on for a while.
    pub fn tell_to_stop(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Waits until a node that was told to stop has ended well.
    pub fn wait(mut self) {
        let status = self.child.wait().expect("the node can be waited for");
        assert!(status.success(), "the node did not stop well: {status}");
    }

    /// Waits until a node has ended by itself, and not well.
    pub fn wait_for_refusal(mut self) {
        let status = self.child.wait().expect("the node can be waited for");
        assert!(!status.success(), "the node ended well");
    }

    /// SIGTERM, and the end that follows.
    pub fn stop(self) {
        self.tell_to_stop();
        self.wait();
    }

    pub fn kill(mut self) {
        self.child.kill().expect("the node can be killed");
        self.child.wait().expect("the node ends");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn configuration(directory: &Path, store: &str) -> std::path::PathBuf {
    let file = directory.join("scrip.toml");
    let data = directory.join("data");
    let text = format!(
        "data = {data:?}\nstore = {store:?}\nlisten = '127.0.0.1:0'\ndrain_seconds = 1\n[webhooks]\nallow_private_targets = true\n[log]\norigin = 'nodes.example/log'\nformat = 'json'\n"
    );
    std::fs::write(&file, text).expect("the configuration can be written");
    file
}
