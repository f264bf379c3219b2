//! What a URL may say.

use store::failure::Failure;
use tokio_postgres::config::SslMode;

use crate::target::Target;

#[test]
fn a_connection_beyond_this_machine_is_encrypted() {
    for (url, expected) in [
        ("postgres://scrip@db.example/scrip", SslMode::Require),
        (
            "postgres://scrip@db.example/scrip?sslmode=prefer",
            SslMode::Require,
        ),
        (
            "postgres://scrip@127.0.0.1,db.example/scrip",
            SslMode::Require,
        ),
        ("postgres://scrip@127.0.0.1/scrip", SslMode::Disable),
        (
            "postgres://scrip@localhost/scrip?sslrootcert=/ca.pem",
            SslMode::Require,
        ),
        (
            "postgres://scrip@db.example/scrip?sslmode=disable&allow_plaintext=true",
            SslMode::Disable,
        ),
        ("postgres:///scrip?host=/run/postgresql", SslMode::Disable),
    ] {
        let target = Target::parse(url).expect(url);
        assert_eq!(target.config.get_ssl_mode(), expected, "{url}");
    }
}

#[test]
fn what_would_be_sent_readable_or_is_no_url_is_refused() {
    for url in [
        "postgres://scrip@db.example/scrip?sslmode=disable",
        "postgres://scrip@[::1],10.0.0.1/scrip?sslmode=disable",
        "postgres://scrip@db.example/scrip?nonsense=1",
        "mysql://db.example/scrip",
        "postgres://scrip@db.example",
        "",
    ] {
        let refused = Target::parse(url);
        assert!(
            matches!(refused, Err(Failure::Unsuitable { .. })),
            "{url}: {refused:?}"
        );
    }
}

#[test]
fn a_password_is_never_shown() {
    let target = Target::parse("postgres://scrip:secret@one.example:5433,two.example/pay")
        .expect("it is a URL");
    assert_eq!(
        target.to_string(),
        "the database pay on one.example:5433, two.example"
    );
    assert!(!format!("{target:?}").contains("secret"));
}
