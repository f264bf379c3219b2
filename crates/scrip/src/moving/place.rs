//! The two ends of a move.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use store::audit::AuditReport;
use store::failure::Failure;
use store::moving::Source;
use store_postgres::store::PostgresStore;
use store_postgres::target::Target;
use store_sqlite::moving::RunningDirectory;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;

use crate::backend::Backend;
use crate::keys;
use crate::platform::make_directory;

/// A data directory or a database, as an operator names it.
#[derive(Clone, Debug)]
pub enum Place {
    Directory(PathBuf),
    Database(Box<Target>),
}

impl Place {
    pub fn parse(text: &str) -> anyhow::Result<Place> {
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => {
                Ok(Place::Database(Box::new(Target::parse(text)?)))
            }
            Some((scheme, _)) => bail!(
                "data is in a directory or in PostgreSQL, as in postgres://user@host/database; `{scheme}:` is neither"
            ),
            None if text.is_empty() => bail!("a place has no empty name"),
            None => {
                let path = std::path::absolute(text)
                    .with_context(|| format!("`{text}` is no path of a directory"))?;
                Ok(Place::Directory(path))
            }
        }
    }

    /// In words, without a password.
    pub fn text(&self) -> String {
        match self {
            Place::Directory(path) => format!("the directory {}", path.display()),
            Place::Database(target) => target.to_string(),
        }
    }

    /// Storage to move from, beside whoever works on it.
    pub async fn open_source(&self) -> anyhow::Result<Arc<dyn Source>> {
        match self {
            Place::Directory(path) => {
                if !path.join("journal.db").is_file() {
                    bail!("there is no data directory {}", path.display());
                }
                Ok(Arc::new(RunningDirectory::open(path)?))
            }
            Place::Database(target) => {
                Ok(PostgresStore::open_existing(target).await? as Arc<dyn Source>)
            }
        }
    }

    /// The same storage for this program alone, to close it at the end; none if another process has the directory.
    pub async fn open_existing(&self) -> anyhow::Result<Option<Backend>> {
        match self {
            Place::Directory(path) => open_directory(path),
            Place::Database(target) => {
                let store = PostgresStore::open_existing(target).await?;
                Ok(Some(Backend::Shared(store)))
            }
        }
    }

    /// Storage to move to, made where there is none; none if another process has the directory.
    pub async fn open(&self) -> anyhow::Result<Option<Backend>> {
        match self {
            Place::Directory(path) => {
                make_directory(path)?;
                open_directory(path)
            }
            Place::Database(target) => {
                Ok(Some(Backend::Shared(PostgresStore::open(target).await?)))
            }
        }
    }

    /// Which keys the data belongs to; none if there is none yet.
    pub async fn key_id(&self) -> anyhow::Result<Option<String>> {
        match self {
            Place::Directory(path) => keys::noted_id(path),
            Place::Database(target) => {
                let store = PostgresStore::open_existing(target).await?;
                let id = keys::noted_id_of(&store).await;
                store.close();
                id
            }
        }
    }
}

fn open_directory(path: &Path) -> anyhow::Result<Option<Backend>> {
    match SqliteStore::open(path, Options::default()) {
        Ok(store) => Ok(Some(Backend::Embedded(store))),
        Err(Failure::InUse { .. }) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

impl Backend {
    /// `scrip audit` over open storage.
    pub async fn audit(&self) -> anyhow::Result<AuditReport> {
        let report = match self {
            Backend::Embedded(store) => {
                let store = Arc::clone(store);
                tokio::task::spawn_blocking(move || store_sqlite::audit::audit_store(&store))
                    .await
                    .context("the audit ended in a panic")??
            }
            Backend::Shared(store) => store_postgres::audit::audit(store).await?,
        };
        Ok(report)
    }
}
