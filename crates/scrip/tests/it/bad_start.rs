//! Starts that cannot succeed say what to do.

use std::net::TcpListener;

use crate::program::{Demo, run_badly, run_well};

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let data = tempfile::tempdir().expect("a directory");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let data = data.path().to_str().expect("UTF-8");
    let error = run_badly(&["demo", "--data", data, "--listen", &address]);
    assert!(
        error.contains(&address) && error.contains("choose another address"),
        "{error}"
    );
}

#[test]
fn a_data_directory_in_use_is_refused() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let text = data.path().to_str().expect("UTF-8");
    let error = run_badly(&["demo", "--data", text, "--listen", "127.0.0.1:0"]);
    assert!(error.contains("in use by another process"), "{error}");
    let error = run_badly(&["audit", "--data", text]);
    assert!(error.contains("in use by another process"), "{error}");
    drop(demo);
}

#[test]
fn a_corrupt_data_directory_is_refused() {
    let data = tempfile::tempdir().expect("a directory");
    Demo::start(data.path()).stop();
    std::fs::write(
        data.path().join("journal.db"),
        b"this is no database, it is a sentence",
    )
    .expect("a file");
    for name in ["journal.db-wal", "journal.db-shm"] {
        let _ = std::fs::remove_file(data.path().join(name));
    }
    let error = run_badly(&[
        "demo",
        "--data",
        data.path().to_str().expect("UTF-8"),
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(
        error.contains("journal.db") && error.contains("damaged"),
        "{error}"
    );
}

#[test]
fn the_wrong_key_file_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let [ours, other] = ["ours", "other"].map(|name| directory.path().join(name));
    Demo::start(&ours).stop();
    Demo::start(&other).stop();
    std::fs::copy(other.join("vault.key"), ours.join("vault.key")).expect("a copy");
    let error = run_badly(&[
        "demo",
        "--data",
        ours.to_str().expect("UTF-8"),
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(error.contains("put the right key file back"), "{error}");
    std::fs::remove_file(ours.join("vault.key")).expect("the key file");
    let error = run_badly(&[
        "demo",
        "--data",
        ours.to_str().expect("UTF-8"),
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(error.contains("vault.key"), "{error}");
}

#[test]
fn serve_refuses_an_unknown_key_with_a_hint() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("scrip.toml");
    std::fs::write(&file, "listne = '127.0.0.1:0'").expect("a file");
    let error = run_badly(&["serve", "--config", file.to_str().expect("UTF-8")]);
    assert!(error.contains("did you mean `listen`?"), "{error}");
    let error = run_badly(&["serve", "--config", "/nonexistent.toml"]);
    assert!(error.contains("scrip serve --help"), "{error}");
}

#[test]
fn every_sub_command_explains_itself_with_an_example() {
    let commands: [&[&str]; 17] = [
        &[],
        &["demo"],
        &["serve"],
        &["merchant"],
        &["distributor"],
        &["product"],
        &["revoke-key"],
        &["vouchers", "issue"],
        &["vouchers", "freeze"],
        &["vouchers", "unfreeze"],
        &["vouchers", "activate"],
        &["vouchers", "void"],
        &["vouchers", "show"],
        &["backup"],
        &["restore"],
        &["audit"],
        &["risk", "evaluate"],
    ];
    for command in commands {
        let help = run_well(&[command, &["--help"]].concat());
        assert!(help.contains("Example"), "{command:?} has no example");
    }
}
