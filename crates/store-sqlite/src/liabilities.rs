//! `liabilities.db`: parts of the sum trees of statements. They follow from the journal, so they are no part of a backup.

use std::path::Path;
use std::sync::Arc;

use ids::command::Sequence;
use liabilities::part::Place;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension};
use store::failure::Failure;
use store::liabilities::{PartStorage, SealedPart};
use store::port::Answer;

use crate::database::{Kind, ReadError, Readers};
use crate::directory;
use crate::number::{sequence, stored};
use crate::store::SqliteStore;

const LIABILITIES: Kind = Kind {
    application_id: 0x5363_7262,
    format: 1,
    page_bytes: 8192,
    schema: "CREATE TABLE parts (
        statement INTEGER NOT NULL, currency INTEGER NOT NULL, depth INTEGER NOT NULL, prefix INTEGER NOT NULL,
        sealed BLOB NOT NULL, PRIMARY KEY (statement, currency, depth, prefix)) STRICT;",
};

/// One connection writes; whoever proves does not wait for it.
#[derive(Debug)]
pub(crate) struct PartsFile {
    writer: Mutex<Option<Connection>>,
    readers: Readers,
    path: Box<Path>,
}

impl PartsFile {
    pub fn open(directory: &Path) -> Result<PartsFile, Failure> {
        let path = directory::liabilities(directory);
        let connection = match LIABILITIES.open(&path) {
            // All of it follows from the journal, so a damaged file keeps nothing from starting.
            Err(Failure::Corrupt { what, .. }) => {
                tracing::warn!(%what, "the parts of what is owed are damaged; they are made again");
                directory::remove_database(&path)?;
                LIABILITIES.open(&path)?
            }
            opened => opened?,
        };
        // What a loss of power takes is made again.
        let synchronous = connection.pragma_update(None, "synchronous", "NORMAL");
        synchronous.map_err(|error| crate::database::failure(&path, error))?;
        Ok(PartsFile {
            writer: Mutex::new(Some(connection)),
            readers: Readers::new(LIABILITIES, path.clone()),
            path: path.into_boxed_path(),
        })
    }

    pub fn close(&self) {
        self.readers.close();
        self.writer.lock().take();
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Connection) -> Result<(), ReadError>,
    ) -> Result<(), Failure> {
        let mut connection = self.writer.lock();
        let connection = connection.as_mut().ok_or(Failure::Closed)?;
        change(connection).map_err(|error| error.at(&self.path))
    }
}

impl PartStorage for SqliteStore {
    fn store_parts(
        &self,
        statement: Sequence,
        parts: Arc<[SealedPart]>,
    ) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.parts.change(|connection| {
                let tx = connection.transaction()?;
                for part in parts.iter() {
                    let sql = "INSERT INTO parts (statement, currency, depth, prefix, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
                        ON CONFLICT DO UPDATE SET sealed = excluded.sealed";
                    let Place { currency, depth, prefix } = part.place;
                    let values = (stored(statement.0), currency, depth, prefix, &*part.sealed);
                    tx.prepare_cached(sql)?.execute(values)?;
                }
                Ok(tx.commit()?)
            })
        })
    }

    fn read_parts<'a>(
        &'a self,
        statement: Sequence,
        places: &'a [Place],
    ) -> Answer<'a, Result<Vec<SealedPart>, Failure>> {
        Box::pin(async move {
            self.parts.readers.read(|connection| {
                let mut found = Vec::with_capacity(places.len());
                let sql = "SELECT sealed FROM parts
                    WHERE statement = ?1 AND currency = ?2 AND depth = ?3 AND prefix = ?4";
                let mut select = connection.prepare_cached(sql)?;
                for place in places {
                    let values = (
                        stored(statement.0),
                        place.currency,
                        place.depth,
                        place.prefix,
                    );
                    let sealed: Option<Vec<u8>> =
                        select.query_row(values, |row| row.get(0)).optional()?;
                    found.extend(sealed.map(|sealed| SealedPart {
                        place: *place,
                        sealed: Arc::from(sealed),
                    }));
                }
                Ok(found)
            })
        })
    }

    fn statements(&self) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        Box::pin(async move {
            self.parts.readers.read(|connection| {
                let sql = "SELECT DISTINCT statement FROM parts ORDER BY statement";
                let mut select = connection.prepare_cached(sql)?;
                let numbers = select.query_map([], |row| row.get(0))?;
                let numbers = numbers.collect::<Result<Vec<i64>, _>>()?;
                Ok(numbers.into_iter().map(sequence).collect())
            })
        })
    }

    fn forget_parts(&self, statement: Sequence) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.parts.change(|connection| {
                let sql = "DELETE FROM parts WHERE statement = ?1";
                connection.execute(sql, [stored(statement.0)])?;
                Ok(())
            })
        })
    }
}
