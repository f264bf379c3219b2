//! The measurements work at all; what they show on a busy machine says nothing.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Figures without which the others mean nothing.
const EXPECTED: &[&str] = &[
    "postgres.single.many_merchants.4_clients.rate",
    "postgres.single_in_order.many_merchants.4_clients.rate",
    "postgres.1_nodes.many_merchants.4_clients.p99",
    "postgres.2_nodes.hot_merchant.4_clients.wal_per_command",
    "postgres.pgbench.4_clients.rate",
    "postgres.two_nodes_to_single.4_clients",
    "postgres.hot_to_many.4_clients",
];

#[test]
fn nodes_over_postgres_are_measured_against_what_they_compete_with() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    // The server runs as another user where the tests run as root.
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(directory.path(), permissions).expect("its owner may open it");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .current_dir(directory.path())
        .args([
            "--store",
            "postgres",
            "--vouchers",
            "1000",
            "--merchants",
            "3",
            "--clients",
            "4",
        ])
        .args([
            "--seconds",
            "1",
            "--turns",
            "1",
            "--scale",
            "1",
            "--json",
            "figures.json",
        ])
        .output()
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let figures = std::fs::read(directory.path().join("figures.json")).expect("there are figures");
    let figures: serde_json::Value = serde_json::from_slice(&figures).expect("they are JSON");
    for name in EXPECTED {
        let value = figures[name]["value"].as_f64();
        assert!(value.is_some_and(|value| 0.0 < value), "{name}: {value:?}");
    }
    // The server has cleared up behind itself.
    let left = std::fs::read_dir(directory.path()).expect("the directory can be read");
    assert_eq!(left.count(), 1);
}
