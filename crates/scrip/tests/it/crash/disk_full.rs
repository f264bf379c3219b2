//! A full disk: clear answers, nothing lost, and on it goes once there is room.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::log::sequencer::INTERVAL;
use reqwest::StatusCode;

use crate::client::Client;
use crate::program::{Demo, run_badly, run_well};
use crate::published::{Checker, grown_to};

/// A file system of its own that is small enough to fill.
struct SmallDisk {
    place: PathBuf,
    _directory: tempfile::TempDir,
}

/// Kept free at first, so that there is something to free later.
const BALLAST: usize = 8 << 20;

impl SmallDisk {
    fn mount() -> SmallDisk {
        let directory = tempfile::tempdir().expect("a directory");
        let place = directory.path().join("disk");
        std::fs::create_dir(&place).expect("a directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64m", "tmpfs"])
            .arg(&place)
            .status();
        assert!(
            mounted.is_ok_and(|status| status.success()),
            "this test mounts a tmpfs and needs root's rights"
        );
        std::fs::write(place.join("ballast"), vec![0; BALLAST]).expect("the ballast fits");
        SmallDisk {
            place,
            _directory: directory,
        }
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let status = Command::new("dd")
            .arg("if=/dev/zero")
            .arg(format!("of={}", self.place.join("filler").display()))
            .args(["bs=4k", "status=none"])
            .stderr(std::process::Stdio::null())
            .status();
        assert!(
            status.is_ok_and(|status| !status.success()),
            "the disk did not fill"
        );
    }

    fn free(&self) {
        for name in ["ballast", "filler"] {
            let _ = std::fs::remove_file(self.place.join(name));
        }
    }

    fn data(&self) -> PathBuf {
        self.place.join("data")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.place).status();
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_survived() {
    let disk = SmallDisk::mount();
    let demo = Demo::start(&disk.data());
    let shop = Client::of(&demo);
    let home = tempfile::tempdir().expect("a directory");
    let mut acknowledged = create_some(&shop, 20).await;
    grown_to(&shop, 20).await;
    check_log(&demo, home.path());
    // More than the log has room for in the files that it has.
    acknowledged.extend(create_some(&shop, 2_000).await);
    disk.fill();
    acknowledged.extend(create_until_full(&shop).await);
    require_all(&shop, &acknowledged).await;
    // The log finds the disk full as well.
    tokio::time::sleep(2 * INTERVAL).await;

    disk.free();
    acknowledged.extend(create_some(&shop, 20).await);
    require_all(&shop, &acknowledged).await;
    grown_to(&shop, acknowledged.len() as u64).await;
    check_log(&demo, home.path());
    demo.stop();
    audit(&disk.data());
}

#[tokio::test]
async fn a_kill_with_a_full_disk_loses_nothing() {
    let disk = SmallDisk::mount();
    let mut demo = Demo::start(&disk.data());
    let shop = Client::of(&demo);
    let mut acknowledged = create_some(&shop, 20).await;
    disk.fill();
    acknowledged.extend(create_until_full(&shop).await);
    demo.kill();
    let data = disk.data();
    let error = run_badly(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().expect("UTF-8"),
    ]);
    assert!(error.contains("disk") || error.contains("space"), "{error}");

    disk.free();
    let demo = Demo::start(&disk.data());
    let shop = Client::of(&demo);
    require_all(&shop, &acknowledged).await;
    let home = tempfile::tempdir().expect("a directory");
    grown_to(&shop, acknowledged.len() as u64).await;
    check_log(&demo, home.path());
    demo.stop();
    audit(&disk.data());
}

async fn create_some(shop: &Client, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let answer = shop.create(None, "1.00", "EUR").await.expect("an answer");
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        ids.push(answer.body["id"].as_str().expect("an id").to_owned());
    }
    ids
}

/// Goes on until the answer says that the disk is full.
async fn create_until_full(shop: &Client) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..20_000 {
        let answer = shop.create(None, "1.00", "EUR").await.expect("an answer");
        match answer.status {
            StatusCode::CREATED => ids.push(answer.body["id"].as_str().expect("an id").to_owned()),
            status => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{:?}", answer.body);
                assert_eq!(answer.body["applied"], false);
                assert!(answer.headers.contains_key("retry-after"));
                return ids;
            }
        }
    }
    panic!("the disk never filled");
}

async fn require_all(shop: &Client, ids: &[String]) {
    for id in ids {
        let answer = shop.payment(id).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::OK, "{id} is lost");
    }
}

/// The log begins with what it was at the last check, and every entry of the journal is in it.
fn check_log(demo: &Demo, home: &Path) {
    let checker = Checker::of_demo(&demo.data, home);
    let place = format!("{}/log", demo.text("base_url"));
    checker.check(&place);
    let (is_good, text) = checker.verify_journal(&place, &demo.data);
    assert!(is_good, "{text}");
}

fn audit(data: &Path) {
    let text = run_well(&["audit", "--data", data.to_str().expect("UTF-8")]);
    assert!(text.contains("everything agrees"), "{text}");
}
