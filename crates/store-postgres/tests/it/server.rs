//! Stores over databases of the test's own server.

use std::sync::Arc;

use sim::cluster::{Cluster, cluster};
use store_postgres::store::PostgresStore;
use store_postgres::target::Target;
use tokio::runtime::Runtime;

/// The server of the tests.
///
/// # Panics
///
/// Where there is none: `cargo xtask test` installs it and sets the variable.
pub fn server() -> &'static Cluster {
    cluster().expect(
        "SCRIP_TEST_POSTGRES names the directory of the server's programs; see CONTRIBUTING.md",
    )
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads can be made")
}

pub async fn open(url: &str) -> Arc<PostgresStore> {
    let target = Target::parse(url).expect("the URL is understood");
    PostgresStore::open(&target)
        .await
        .expect("the database opens")
}
