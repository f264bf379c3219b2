//! What `deploy/` says in several places says the same everywhere.

use std::path::{Path, PathBuf};
use std::process::Command;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The number behind a name, as in `ttl: 5`, `drain_seconds = 3` or `TimeoutStopSec=30s`.
fn number(text: &str, name: &str) -> u64 {
    let lines = text.lines().map(str::trim_start);
    let value = lines
        .filter_map(|line| line.strip_prefix(name))
        .find_map(|rest| rest.trim_start().strip_prefix([':', '=']))
        .unwrap_or_else(|| panic!("{name} is not set"));
    let digits: String = value
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits
        .parse()
        .unwrap_or_else(|_| panic!("{name} is {value}"))
}

/// Patroni gives the lease up by itself before it ends only where this holds.
#[test]
fn the_lease_outlasts_the_attempts_to_renew_it() {
    let patroni = read("postgres/patroni.yaml");
    let attempts = number(&patroni, "loop_wait") + 2 * number(&patroni, "retry_timeout");
    assert!(attempts <= number(&patroni, "ttl"), "{attempts}");
}

#[test]
fn a_primary_acknowledges_nothing_that_its_replica_does_not_have() {
    let patroni = read("postgres/patroni.yaml");
    assert!(patroni.contains("\n    synchronous_mode: true\n"));
    assert!(patroni.contains("\n        synchronous_commit: \"on\"\n"));
}

/// What a node needs after it was told to stop: it drains, finishes what is under way, and ends its background work.
#[test]
fn a_node_has_time_to_stop() {
    let needed = number(&read("scrip/scrip.toml"), "drain_seconds") + 2 * 10;
    assert!(needed <= number(&read("systemd/scrip.service"), "TimeoutStopSec"));
    let compose = read("compose/compose.yaml");
    let (_, node) = compose.split_once("x-node:").expect("the nodes are there");
    assert!(needed <= number(node, "stop_grace_period"));
}

#[test]
fn compose_gives_the_nodes_what_the_tests_give_them() {
    let of_tests = read("scrip/scrip.env");
    let store = of_tests
        .lines()
        .find_map(|line| line.strip_prefix("SCRIP_STORE="));
    let expected = store
        .expect("the store is named")
        .replace("PASSWORD", "${DATABASE_PASSWORD:?see .env.example}");
    let compose = read("compose/compose.yaml");
    assert!(
        compose.contains(&format!("    SCRIP_STORE: {expected}\n")),
        "{expected}"
    );
    let hosts = chaos::network::hosts_file();
    for line in hosts.lines().skip(1) {
        let (address, name) = line.split_once(' ').expect("an address and a name");
        let service = compose.split(&format!("\n  {name}:\n")).nth(1);
        let service = service.unwrap_or_else(|| panic!("{name} is no service"));
        assert!(
            service.contains(&format!("ipv4_address: {address} ")),
            "{name} is not at {address}"
        );
        assert!(
            compose.contains(&format!("\n  - {name}:{address}\n")),
            "nobody is told that {name} is at {address}"
        );
    }
}

#[test]
fn systemd_takes_the_unit() {
    let Ok(found) = Command::new("systemd-analyze").arg("--version").output() else {
        println!("left out: there is no systemd-analyze");
        return;
    };
    assert!(found.status.success());
    let directory = tempfile::tempdir().expect("a directory");
    let program = Path::new(env!("CARGO_BIN_EXE_chaos"));
    let unit = read("systemd/scrip.service")
        .replace("/usr/bin/scrip", &program.display().to_string())
        .replace("Documentation=file:/usr/share/doc/scrip/README.md\n", "");
    let file: PathBuf = directory.path().join("scrip.service");
    std::fs::write(&file, unit).expect("a file can be written");
    let verified = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(&file)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(
        verified.status.success() && !said.contains("scrip.service"),
        "{said}"
    );
}
