//! A mail server of somebody else's making.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs until it is dropped.
pub struct MailServer {
    pub port: u16,
    lines: Lines<BufReader<ChildStdout>>,
    input: ChildStdin,
    _process: Child,
}

impl MailServer {
    pub async fn start() -> MailServer {
        MailServer::start_at(0).await
    }

    /// One that answers this command with this reply: EHLO, MAIL, or TEXT for what comes behind DATA.
    pub async fn answering(command: &str, reply: &str) -> MailServer {
        MailServer::start_with(0, &[command, reply]).await
    }

    /// At this port; 0 takes a free one.
    pub async fn start_at(port: u16) -> MailServer {
        MailServer::start_with(port, &[]).await
    }

    async fn start_with(port: u16, arguments: &[&str]) -> MailServer {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/webhook/mail_server.py");
        let mut process = Command::new(python())
            .arg(script)
            .arg(port.to_string())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = process.stdout.take().unwrap();
        let input = process.stdin.take().unwrap();
        let mut lines = BufReader::new(output).lines();
        let first = lines.next_line().await.unwrap();
        MailServer {
            port: first.unwrap().parse().unwrap(),
            lines,
            input,
            _process: process,
        }
    }

    pub fn url(&self) -> String {
        format!("smtp+plain://127.0.0.1:{}", self.port)
    }

    /// Lets it answer what it waits with.
    pub async fn go_on(&mut self) {
        self.input.write_all(b"go on\n").await.unwrap();
    }

    /// The next letter that it took.
    pub async fn letter(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("a letter comes in time").unwrap();
        serde_json::from_str(&line.expect("the server goes on")).unwrap()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "test tools are found through the environment"
)]
fn python() -> PathBuf {
    let path = std::env::var_os("SCRIP_TEST_MAIL_PYTHON");
    PathBuf::from(path.expect("run `cargo xtask test`, or first `eval \"$(cargo xtask tools)\"`"))
}
