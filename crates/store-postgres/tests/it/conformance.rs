//! The suite that every backend passes.

use std::future::Future;
use std::sync::Arc;

use store::conformance::Harness;
use store_postgres::store::PostgresStore;
use tokio::runtime::Runtime;

use crate::server::{open, runtime, server};

pub struct OnServer {
    runtime: Runtime,
    url: String,
    store: Arc<PostgresStore>,
}

impl OnServer {
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Harness for OnServer {
    type Backend = PostgresStore;

    fn create() -> OnServer {
        let runtime = runtime();
        let url = server().database();
        let store = runtime.block_on(open(&url));
        OnServer {
            runtime,
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

store::conformance_suite!(OnServer);
