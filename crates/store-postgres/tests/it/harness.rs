//! Stores over databases of their own, reached at once or through a proxy.

use std::future::Future;
use std::sync::Arc;

use store::conformance::Harness;
use store_postgres::store::PostgresStore;
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

use crate::proxy::Proxy;
use crate::server::{open, runtime, server};

/// A store over a database of its own; how it is reached is up to `W`.
pub struct Over<W> {
    runtime: Runtime,
    way: W,
    url: String,
    store: Arc<PostgresStore>,
}

pub type OnServer = Over<Straight>;
pub type ThroughProxy = Over<Proxy>;

/// The way to the server.
pub trait Way {
    fn open() -> Self;
    /// The URL of the database as this way has it.
    fn url(&self, database: String) -> String;
}

/// No detour.
pub struct Straight;

impl Way for Straight {
    fn open() -> Straight {
        Straight
    }

    fn url(&self, database: String) -> String {
        database
    }
}

impl Way for Proxy {
    fn open() -> Proxy {
        Proxy::start(server().port())
    }

    fn url(&self, database: String) -> String {
        let [server, own] = [server().port(), self.port()].map(|port| format!(":{port}/"));
        database.replace(&server, &own)
    }
}

/// Where the database of a world is.
pub trait Reached {
    fn url(&self) -> &str;
    /// The ids of the processes that serve the database.
    fn backends(&self) -> Vec<String>;
}

impl<W: Way> Reached for Over<W> {
    fn url(&self) -> &str {
        &self.url
    }

    fn backends(&self) -> Vec<String> {
        self.runtime.block_on(async {
            let connected = tokio_postgres::connect(&self.url, NoTls).await;
            let (client, connection) = connected.expect("a session");
            tokio::spawn(connection);
            let sql = "SELECT pid::text FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let rows = client.query(sql, &[]).await.expect("processes");
            rows.iter().map(|row| row.get(0)).collect()
        })
    }
}

impl ThroughProxy {
    pub fn proxy(&self) -> &Proxy {
        &self.way
    }
}

impl<W: Way> Harness for Over<W> {
    type Backend = PostgresStore;

    fn create() -> Over<W> {
        let runtime = runtime();
        let way = W::open();
        let url = way.url(server().database());
        let store = runtime.block_on(open(&url));
        Over {
            runtime,
            way,
            url,
            store,
        }
    }

    fn backend(&self) -> &PostgresStore {
        &self.store
    }

    fn reopen(&mut self) {
        self.store.close();
        self.store = self.runtime.block_on(open(&self.url));
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}
