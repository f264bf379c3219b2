//! The choice of storage: embedded in the data directory, or a PostgreSQL that several nodes share.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use store::debt::Debts;
use store::lease::Leases;
use store::liabilities::PartStorage;
use store::log::LogStorage;
use store::moving::{Movable, Source};
use store::outbox::Outbox;
use store::port::Store;
use store::seeds::Seeds;
use store_postgres::store::PostgresStore;
use store_postgres::target::Target;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;

use crate::moving::standing::require_served;

/// Storage as it was opened.
#[derive(Clone)]
pub enum Backend {
    Embedded(Arc<SqliteStore>),
    Shared(Arc<PostgresStore>),
}

impl Backend {
    /// The storage of a data directory, which no other process can have open. Data that is on its way to somewhere, or
    /// has gone on elsewhere, is refused.
    pub fn embedded(data: &Path) -> anyhow::Result<Backend> {
        let store = SqliteStore::open(data, Options::default())?;
        require_served(store.noted_standing()?, &data.display().to_string())?;
        Ok(Backend::Embedded(store))
    }

    /// The database behind a URL, under the same condition.
    pub async fn shared(url: &str) -> anyhow::Result<Backend> {
        let store = PostgresStore::open(&Target::parse(url)?).await?;
        require_served(store.standing().await?, store.place())?;
        Ok(Backend::Shared(store))
    }

    /// Storage that is there already, to be looked at alone; nothing is made, and data that has moved is welcome.
    pub async fn existing(data: &Path, url: &str) -> anyhow::Result<Backend> {
        if !url.is_empty() {
            let store = PostgresStore::open_existing(&Target::parse(url)?).await?;
            return Ok(Backend::Shared(store));
        }
        if !data.is_dir() {
            bail!("there is no data directory {}", data.display());
        }
        let store = SqliteStore::open_existing(data, Options::default())?;
        Ok(Backend::Embedded(store))
    }

    pub fn movable(&self) -> Arc<dyn Movable> {
        match self {
            Backend::Embedded(store) => Arc::clone(store) as Arc<dyn Movable>,
            Backend::Shared(store) => Arc::clone(store) as Arc<dyn Movable>,
        }
    }

    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Backend::Embedded(store) => Arc::clone(store) as Arc<dyn Store>,
            Backend::Shared(store) => Arc::clone(store) as Arc<dyn Store>,
        }
    }

    pub fn outbox(&self) -> Arc<dyn Outbox> {
        match self {
            Backend::Embedded(store) => Arc::clone(store) as Arc<dyn Outbox>,
            Backend::Shared(store) => Arc::clone(store) as Arc<dyn Outbox>,
        }
    }

    pub fn leases(&self) -> Arc<dyn Leases> {
        match self {
            Backend::Embedded(store) => Arc::clone(store) as Arc<dyn Leases>,
            Backend::Shared(store) => Arc::clone(store) as Arc<dyn Leases>,
        }
    }

    pub fn seeds(&self) -> Arc<dyn Seeds> {
        match self {
            Backend::Embedded(store) => Arc::clone(store) as Arc<dyn Seeds>,
            Backend::Shared(store) => Arc::clone(store) as Arc<dyn Seeds>,
        }
    }

    pub fn log_storage(&self) -> Arc<dyn LogStorage> {
        match self {
            Backend::Embedded(store) => Arc::clone(store) as Arc<dyn LogStorage>,
            Backend::Shared(store) => Arc::clone(store) as Arc<dyn LogStorage>,
        }
    }

    pub fn parts(&self) -> Arc<dyn PartStorage> {
        match self {
            Backend::Embedded(store) => Arc::clone(store) as Arc<dyn PartStorage>,
            Backend::Shared(store) => Arc::clone(store) as Arc<dyn PartStorage>,
        }
    }

    /// Where the nodes tell each other of wrong tries; none where there is one node.
    pub fn debts(&self) -> Option<Arc<dyn Debts>> {
        match self {
            Backend::Embedded(_) => None,
            Backend::Shared(store) => Some(Arc::clone(store) as Arc<dyn Debts>),
        }
    }

    pub fn close(&self) {
        match self {
            Backend::Embedded(store) => store.close(),
            Backend::Shared(store) => store.close(),
        }
    }
}
