//! A browser with a fresh profile, driven over WebDriver.

use std::path::PathBuf;
use std::process::Stdio;

use fantoccini::{Client, ClientBuilder};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What a person has in front of them.
#[derive(Clone, Copy)]
pub struct Setup {
    pub screen: Screen,
    pub scripts: Scripts,
}

#[derive(Clone, Copy)]
pub enum Screen {
    Desktop,
    Phone,
}

#[derive(Clone, Copy)]
pub enum Scripts {
    On,
    Off,
}

/// A running browser. [`Driver::close`] ends it; dropping it ends the driver alone.
pub struct Driver {
    pub client: Client,
    /// Where the browser puts what it saves.
    pub downloads: PathBuf,
    process: Child,
    _profile: TempDir,
    _permit: SemaphorePermit<'static>,
}

/// Browsers at the same time: more are slower on small machines, not faster.
static BROWSERS: Semaphore = Semaphore::const_new(2);

impl Driver {
    pub async fn start(setup: Setup) -> Driver {
        let permit = BROWSERS.acquire().await.unwrap();
        let mut process = Command::new(tool("SCRIP_TEST_CHROMEDRIVER"))
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let port = port_of(&mut process).await;
        let profile = tempfile::tempdir().unwrap();
        let client = ClientBuilder::rustls()
            .unwrap()
            .capabilities(capabilities(setup, &profile))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Driver {
            client,
            downloads: downloads_in(&profile),
            process,
            _profile: profile,
            _permit: permit,
        }
    }

    pub async fn close(mut self) {
        self.client.close().await.unwrap();
        self.process.kill().await.unwrap();
    }
}

/// The path in an environment variable that `cargo xtask test` sets.
#[expect(
    clippy::disallowed_methods,
    reason = "test tools are found through the environment"
)]
pub fn tool(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    PathBuf::from(path.unwrap_or_else(|| {
        panic!("{variable} is not set; run `cargo xtask test`, or first `eval \"$(cargo xtask tools)\"`")
    }))
}

async fn port_of(process: &mut Child) -> u16 {
    let output = BufReader::new(process.stdout.take().unwrap());
    let mut lines = output.lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            return port.trim_end_matches('.').parse().unwrap();
        }
    }
    panic!("chromedriver ended before it was ready");
}

fn downloads_in(profile: &TempDir) -> PathBuf {
    profile.path().join("downloads")
}

fn capabilities(setup: Setup, profile: &TempDir) -> serde_json::Map<String, serde_json::Value> {
    let downloads = downloads_in(profile);
    let profile = format!("--user-data-dir={}", profile.path().display());
    let mut options = json!({
        "binary": tool("SCRIP_TEST_CHROMIUM"),
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=en",
            "--window-size=1100,900",
            profile,
        ],
        "prefs": { "intl.accept_languages": "en", "download.default_directory": downloads },
    });
    if let Scripts::Off = setup.scripts {
        options["prefs"]["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    if let Screen::Phone = setup.screen {
        let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2, "touch": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
    match capabilities {
        serde_json::Value::Object(capabilities) => capabilities,
        _ => unreachable!("the literal above is an object"),
    }
}
