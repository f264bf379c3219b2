//! The program itself, as `cargo xtask chaos failover` runs it, with few failures.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chaos::sandbox;

/// The program under test lies two directories above the tests, where `cargo xtask test` builds it.
fn scrip() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_chaos")).with_file_name("scrip")
}

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// Whether the machine can do it: it has namespaces, which root may make, and the programs, which `cargo xtask test`
/// installs for root. Elsewhere the test says why it is left out.
fn is_possible() -> bool {
    let missing = ["etcd", "patroni", "haproxy"].into_iter().find(|program| {
        Command::new("which")
            .arg(program)
            .output()
            .map_or(true, |found| !found.status.success())
    });
    let obstacle = missing
        .map(|program| {
            format!("the program `{program}` is missing; `cargo xtask tools` installs it")
        })
        .or_else(sandbox::obstacle);
    if let Some(obstacle) = &obstacle {
        println!("left out: {obstacle}");
    }
    obstacle.is_none()
}

fn chaos(deploy: &Path, faults: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args(["--rounds", "1", "--seed", "7", "--faults", faults])
        .arg("--deploy")
        .arg(deploy)
        .arg("--program")
        .arg(scrip())
        .output()
        .expect("the program runs")
}

#[test]
fn nothing_acknowledged_is_lost_or_done_twice_in_a_short_round_of_failures() {
    if !is_possible() {
        return;
    }
    let run = chaos(&deploy(), "kill-primary,kill-node,switch-over,cut-primary");
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    assert!(
        run.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
    // The run was a run: money moved, and the audit saw it.
    assert!(
        said.contains("everything agrees with the journal"),
        "{said}"
    );
    assert!(
        said.contains("every history is right and no money is missing"),
        "{said}"
    );
}

/// The same system without synchronous replication: the replica takes over without what only the primary had.
#[test]
fn a_system_that_loses_what_it_acknowledged_is_found_out() {
    if !is_possible() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let copy = directory.path().join("deploy");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(deploy())
        .arg(&copy)
        .status()
        .expect("cp runs");
    assert!(copied.success());
    let file = copy.join("postgres/patroni.yaml");
    let patroni = std::fs::read_to_string(&file).expect("Patroni's file");
    let careless = patroni.replace("synchronous_mode: true", "synchronous_mode: false");
    assert_ne!(careless, patroni);
    std::fs::write(&file, careless).expect("a file can be written");

    let run = chaos(&copy, "kill-primary-alone");
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert!(
        !run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stdout)
    );
    assert!(
        complaint.contains("a voucher's history is not right"),
        "{complaint}"
    );
}
