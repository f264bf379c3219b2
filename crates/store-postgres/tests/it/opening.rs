//! Which databases are opened, and what is said of the others.

use store::failure::Failure;
use store_postgres::store::PostgresStore;
use store_postgres::target::Target;

use crate::server::{open, runtime, server};

fn refusal(url: &str) -> Failure {
    let target = Target::parse(url).expect("the URL is understood");
    let opened = runtime().block_on(PostgresStore::open(&target));
    opened.expect_err("the database is refused")
}

#[test]
fn a_newer_database_is_refused_with_what_to_do() {
    let url = server().database();
    runtime().block_on(open(&url)).close();
    let later = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'later', '', '0')";
    server().execute(&url, later);
    let refused = refusal(&url);
    assert!(
        matches!(refused, Failure::Newer { found: 999, .. }),
        "{refused:?}"
    );
    assert!(
        refused.to_string().contains("update this program"),
        "{refused}"
    );
}

#[test]
fn a_database_that_does_not_wait_for_its_disk_is_refused() {
    let url = server().database();
    let name = url.rsplit('/').next().expect("a name");
    server().execute(
        &url,
        &format!("ALTER DATABASE {name} SET synchronous_commit = off"),
    );
    let refused = refusal(&url).to_string();
    assert!(refused.contains("synchronous_commit"), "{refused}");
}

#[test]
fn many_nodes_may_start_on_an_empty_database_at_once() {
    let url = server().database();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| runtime().block_on(open(&url)).close());
        }
    });
}

#[test]
fn a_server_is_believed_by_its_certificate_alone() {
    let server = server();
    let database = server.database();
    let name = database.rsplit('/').next().expect("a name");
    let url = server.url(name, "localhost");
    let right = format!("{url}?sslrootcert={}", server.root_certificate().display());
    runtime().block_on(open(&right)).close();

    let directory = tempfile::tempdir().expect("a directory");
    let other =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let file = directory.path().join("other.pem");
    std::fs::write(&file, other.cert.pem()).expect("a file can be written");
    let wrong = refusal(&format!("{url}?sslrootcert={}", file.display()));
    assert!(matches!(wrong, Failure::Unavailable { .. }), "{wrong:?}");
    let by_system = refusal(&format!("{url}?sslmode=require"));
    assert!(
        matches!(by_system, Failure::Unavailable { .. }),
        "{by_system:?}"
    );
}

#[test]
fn whoever_loses_the_race_for_a_setting_learns_what_it_is() {
    let url = server().database();
    let runtime = runtime();
    let store = runtime.block_on(open(&url));
    let claim = |value: &str| runtime.block_on(store.claim_setting("fact", value.to_owned()));
    let noted = [claim("first"), claim("second")].map(|noted| noted.expect("facts are noted"));
    assert_eq!(noted, ["first", "first"]);
}

#[test]
fn a_server_that_takes_connections_and_says_nothing_holds_nobody_up() {
    let server = server();
    let frozen = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = frozen.local_addr().expect("it has an address").port();
    let url = server.database().replace(
        &format!("127.0.0.1:{}", server.port()),
        &format!("127.0.0.1:{port},127.0.0.1:{}", server.port()),
    );
    runtime().block_on(open(&url)).close();
    let name = url.rsplit('/').next().expect("a name");
    let alone = refusal(&format!("postgres://scrip@127.0.0.1:{port}/{name}"));
    assert!(matches!(alone, Failure::Unavailable { .. }), "{alone:?}");
}
