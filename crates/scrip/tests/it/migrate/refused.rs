//! Moves that cannot be are refused before anything is changed, with what to do.

use std::path::Path;

use sim::cluster::cluster;

use crate::migrate::{moved, text};
use crate::node::Node;
use crate::nodes::found;
use crate::program::{run_badly, run_well};

fn refusal(from: &str, to: &str) -> String {
    run_badly(&["migrate-store", "--from", from, "--to", to])
}

/// A data directory with a platform in it.
fn platform(directory: &Path) -> String {
    let data = text(&directory.join("data")).to_owned();
    run_well(&["distributor", "--data", &data, "--name", "Kiosk"]);
    data
}

fn database() -> String {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    cluster.database()
}

#[test]
fn places_that_make_no_sense_are_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = platform(directory.path());
    let other = text(&directory.path().join("other")).to_owned();
    let store = database();
    for (from, to, expected) in [
        (data.as_str(), "mysql://host/name", "`mysql:` is neither"),
        (data.as_str(), "postgres://host:port/x", "not understood"),
        (
            data.as_str(),
            other.as_str(),
            "between a directory and a database",
        ),
        (
            store.as_str(),
            store.as_str(),
            "between a directory and a database",
        ),
        (other.as_str(), store.as_str(), "there is no data directory"),
        (store.as_str(), other.as_str(), "holds no platform"),
        (
            data.as_str(),
            "postgres://scrip@127.0.0.1:1/x",
            "does not answer",
        ),
    ] {
        let refused = refusal(from, to);
        assert!(refused.contains(expected), "{from} {to}: {refused}");
    }
    run_well(&["audit", "--data", &data]);
}

#[test]
fn a_target_with_data_of_its_own_is_refused() {
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let (data, other) = (platform(one.path()), platform(two.path()));
    let store = database();
    let used = [
        "distributor",
        "--data",
        &data,
        "--store",
        &store,
        "--name",
        "Kiosk",
    ];
    run_well(&used);
    let refused = refusal(&data, &store);
    assert!(refused.contains("holds data of its own"), "{refused}");
    let empty = database();
    moved(&other, &empty);
    moved(&empty, &other);
    // It has moved away, and is the beginning of another platform's data.
    let refused = refusal(&data, &empty);
    assert!(refused.contains("different platforms"), "{refused}");
    let key = Path::new(&other).join("vault.key");
    std::fs::copy(key, Path::new(&data).join("vault.key")).expect("a copy");
    std::fs::remove_file(Path::new(&data).join("vault.id")).expect("a file");
    run_well(&["distributor", "--data", &data, "--name", "Second"]);
    let refused = refusal(&data, &empty);
    assert!(refused.contains("holds another journal"), "{refused}");
    moved(&other, &empty);
}

#[test]
fn a_database_that_is_newer_or_in_use_is_refused() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
    let data = platform(one.path());
    let newer = cluster.database();
    let nowhere = text(&two.path().join("nowhere")).to_owned();
    let refused = refusal(&newer, &nowhere);
    assert!(refused.contains("holds no platform"), "{refused}");
    assert!(!Path::new(&nowhere).exists());
    let later = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'later', '', '0')";
    cluster.execute(&newer, later);
    let refused = refusal(&data, &newer);
    assert!(refused.contains("update this program"), "{refused}");

    let used = cluster.database();
    let node = Node::start(two.path(), &used);
    let refused = refusal(&data, &used);
    assert!(refused.contains("stop them first"), "{refused}");
    node.stop();

    let target = text(&two.path().join("in-use")).to_owned();
    std::fs::create_dir(&target).expect("a directory");
    let key = two.path().join("data/vault.key");
    std::fs::copy(key, Path::new(&target).join("vault.key")).expect("a copy");
    let running = crate::program::Demo::start(Path::new(&target));
    let refused = refusal(&used, &target);
    assert!(refused.contains("in use by another process"), "{refused}");
    drop(running);
}

#[test]
fn nodes_that_still_run_keep_a_database_from_being_left() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = text(&directory.path().join("data")).to_owned();
    let store = database();
    found(&data, &store);
    let node = Node::start(directory.path(), &store);
    let back = directory.path().join("back");
    std::fs::create_dir(&back).expect("a directory");
    std::fs::copy(Path::new(&data).join("vault.key"), back.join("vault.key")).expect("a copy");
    let mut moving = crate::migrate::Moving::start(&store, text(&back));
    assert!(moving.read_until("Stop every `scrip serve`").is_some());
    run_well(&[
        "distributor",
        "--data",
        &data,
        "--store",
        &store,
        "--name",
        "Late",
    ]);
    node.stop();
    let output = moving.finish();
    assert!(output.contains("everything agrees"), "{output}");
}

#[test]
fn data_whose_new_place_is_lost_can_be_opened_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = platform(directory.path());
    let store = database();
    moved(&data, &store);
    let refused = run_badly(&["distributor", "--data", &data, "--name", "Second"]);
    assert!(refused.contains("--reopen"), "{refused}");
    let backup = text(&directory.path().join("backup")).to_owned();
    let restored = text(&directory.path().join("restored")).to_owned();
    run_well(&["backup", "--data", &data, &backup]);
    run_well(&["restore", &backup, "--data", &restored]);
    let refused = run_badly(&["distributor", "--data", &restored, "--name", "Second"]);
    assert!(
        refused.contains("has moved"),
        "a copy has moved as well: {refused}"
    );
    let opened = run_well(&["migrate-store", "--reopen", &data]);
    assert!(opened.contains("may be served again"), "{opened}");
    run_well(&["distributor", "--data", &data, "--name", "Second"]);
    let missing = run_badly(&["migrate-store", "--reopen", "./nowhere"]);
    assert!(missing.contains("there is no data directory"), "{missing}");
}

#[test]
fn a_node_that_is_left_on_data_that_moves_stops_by_itself() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let by = "0123456789abcdef0123456789abcdef";
    for standing in ["receiving", "moved"] {
        let directory = tempfile::tempdir().expect("a directory");
        let store = cluster.database();
        let node = Node::start(directory.path(), &store);
        let note = format!(
            "INSERT INTO settings VALUES ('standing', '{standing} {by} elsewhere')
            ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        );
        cluster.execute(&store, &note);
        node.wait_for_refusal();
    }
}
