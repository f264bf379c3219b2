//! Moves that cannot be are refused before anything is changed, with what to do.

use std::path::Path;

use reqwest::StatusCode;
use sim::cluster::cluster;

use crate::client::Client;
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

/// A platform in a database, whose key is in a directory.
fn platform_in(data: &Path, store: &str) {
    let data = text(data);
    run_well(&[
        "distributor",
        "--data",
        data,
        "--store",
        store,
        "--name",
        "Kiosk",
    ]);
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
    platform_in(&two.path().join("newer"), &newer);
    let later = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'later', '', '0')";
    cluster.execute(&newer, later);
    let nowhere = text(&two.path().join("nowhere")).to_owned();
    for refused in [refusal(&data, &newer), refusal(&newer, &nowhere)] {
        assert!(refused.contains("update this program"), "{refused}");
    }

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

/// How many tables and views anybody made in the database.
fn relations(store: &str) -> String {
    let sql = "SELECT count(*)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    cluster.ask(store, sql)
}

#[test]
fn a_source_is_opened_as_it_is_or_not_at_all() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    let directory = tempfile::tempdir().expect("a directory");
    let nowhere = text(&directory.path().join("nowhere")).to_owned();
    let (empty, foreign, other_history, older) = (database(), database(), database(), database());
    cluster.execute(&foreign, "CREATE TABLE parcels (id bigint)");
    cluster.execute(
        &other_history,
        "CREATE TABLE refinery_schema_history (version int)",
    );
    platform_in(&directory.path().join("older"), &older);
    let last = "DELETE FROM refinery_schema_history
        WHERE version = (SELECT max(version) FROM refinery_schema_history)";
    cluster.execute(&older, last);
    for (store, expected) in [
        (&empty, "it is empty and holds no platform"),
        (&foreign, "tables of something else"),
        (&other_history, "tables of something else"),
        (&older, "Start a node of this version there first"),
    ] {
        let before = relations(store);
        let refused = [
            refusal(store, &nowhere),
            run_badly(&["migrate-store", "--reopen", store]),
        ];
        for refused in refused {
            assert!(refused.contains(expected), "{refused}");
        }
        assert_eq!(relations(store), before);
    }
    assert!(!Path::new(&nowhere).exists());
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_data_has_moved_says_so_to_shops_and_balancers() {
    let cluster = cluster().expect("SCRIP_TEST_POSTGRES names the server's programs");
    for (column, standing, words) in [
        ("closed = true", "moved", "the data has moved"),
        ("mover = 'x'", "receiving", "the data is on its way"),
    ] {
        let directory = tempfile::tempdir().expect("a directory");
        let data = text(&directory.path().join("data")).to_owned();
        let store = cluster.database();
        let [key, _] = found(&data, &store);
        let node = Node::start(directory.path(), &store);
        let client = Client::new(&node.base_url, &key);
        let created = client.create(None, "1.00", "EUR").await;
        assert_eq!(created.expect("an answer").status, StatusCode::CREATED);
        // A move does both in one transaction; here the node must not have stopped before it is asked.
        cluster.execute(&store, &format!("UPDATE journal_head SET {column}"));
        let refused = client.create(None, "1.00", "EUR").await.expect("an answer");
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.body["applied"], false, "{:?}", refused.body);
        let detail = refused.body["detail"].as_str().expect("a detail");
        assert!(detail.contains("has moved") && detail.contains("log"));
        let by = "0123456789abcdef0123456789abcdef";
        let note = format!("INSERT INTO settings VALUES ('standing', '{standing} {by} elsewhere')");
        cluster.execute(&store, &note);
        let ready = client
            .http
            .get(format!("{}/readyz", node.base_url))
            .send()
            .await
            .expect("an answer");
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = ready.text().await.expect("words");
        assert!(body.starts_with(words), "{body}");
        tokio::task::block_in_place(|| node.wait_for_refusal());
    }
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
