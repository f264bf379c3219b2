//! The ports of the transparency log over a database.

use std::sync::Arc;

use ids::command::Sequence;
use store::codec;
use store::failure::Failure;
use store::log::{LogState, LogStorage, NamedLog, Published, Standing, Stored};
use store::port::Answer;
use store::seeds::{Erasure, SeedRun, Seeds};
use tlog::edge::LogFile;
use tlog::hash::{TreeHash, TreeHead};
use tlog::tile::TilePath;
use tokio_postgres::Row;

use crate::failure::Problem;
use crate::row::{restored, sequence, stored};
use crate::statements::{
    ADD_SEEDS, ERASE, LOG, LOG_FILES, NEW_LOG, NOTE_LOG_STANDING, NOTE_STANDING_OF_NEW_LOG,
    PUBLISH_LOG, REPLACE_LOG_HEAD, SEED_RUNS, STORE_LOG_FILES,
};
use crate::store::PostgresStore;

impl Seeds for PostgresStore {
    fn seed_runs(
        &self,
        after: Sequence,
        upto: Sequence,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        Box::pin(self.database.ask(move |client| async move {
            let statement = client.prepare_cached(SEED_RUNS).await?;
            let span = (stored(after.0), stored(upto.0));
            let rows = client.query(&statement, &[&span.0, &span.1]).await?;
            rows.iter().map(run_of).collect()
        }))
    }

    fn add_seeds(&self, run: SeedRun) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(self.database.ask(move |client| {
            let run = run.clone();
            async move {
                let statement = client.prepare_cached(ADD_SEEDS).await?;
                let (first, last) = (stored(run.first.0), stored(run.last().0));
                let added = client
                    .execute(&statement, &[&first, &last, &count(&run), &&*run.sealed])
                    .await?;
                Ok(added == 1)
            }
        }))
    }

    fn erase(&self, erasure: Arc<Erasure>) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(self.database.ask(move |client| {
            let erasure = Arc::clone(&erasure);
            async move {
                let statement = client.prepare_cached(ERASE).await?;
                let before = &erasure.before;
                let first = stored(before.first.0);
                let sequence = stored(erasure.entry.sequence().0);
                let body = codec::encode_unplaced(&erasure.entry);
                let erased = client
                    .execute(
                        &statement,
                        &[
                            &first,
                            &count(before),
                            &&*before.sealed,
                            &&*erasure.after,
                            &sequence,
                            &body,
                        ],
                    )
                    .await?;
                Ok(erased == 1)
            }
        }))
    }
}

impl LogStorage for PostgresStore {
    fn read_files<'a>(
        &'a self,
        paths: &'a [TilePath],
    ) -> Answer<'a, Result<Vec<LogFile>, Failure>> {
        let paths: Arc<Vec<String>> = Arc::new(paths.iter().map(TilePath::to_string).collect());
        Box::pin(self.database.ask(move |client| {
            let paths = Arc::clone(&paths);
            async move {
                let statement = client.prepare_cached(LOG_FILES).await?;
                let rows = client.query(&statement, &[&*paths]).await?;
                rows.iter().map(file_of).collect()
            }
        }))
    }

    fn store_files(&self, files: Arc<[LogFile]>) -> Answer<'_, Result<Stored, Failure>> {
        Box::pin(self.database.ask(move |client| {
            let files = Arc::clone(&files);
            async move {
                let paths: Vec<String> = files.iter().map(|file| file.path.to_string()).collect();
                let bodies: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_slice()).collect();
                let whole = files.iter().filter(|file| !file.path.is_partial());
                let whole: Vec<String> = whole.map(|file| file.path.to_string()).collect();
                let statement = client.prepare_cached(STORE_LOG_FILES).await?;
                let row = client
                    .query_one(&statement, &[&paths, &bodies, &whole])
                    .await?;
                match row.try_get::<_, Option<&str>>(0)? {
                    None => Ok(Stored::All),
                    Some(path) => path_of(path).map(Stored::Differs),
                }
            }
        }))
    }

    fn log_state<'a>(&'a self, origin: &'a str) -> Answer<'a, Result<LogState, Failure>> {
        let origin: Arc<str> = Arc::from(origin);
        Box::pin(self.database.ask(move |client| {
            let origin = Arc::clone(&origin);
            async move {
                let statement = client.prepare_cached(LOG).await?;
                let row = client.query_opt(&statement, &[&&*origin]).await?;
                match row {
                    None => Ok(LogState::NEW),
                    Some(row) => Ok(log_of(&row)?.state),
                }
            }
        }))
    }

    fn replace_head<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        head: TreeHead,
    ) -> Answer<'a, Result<bool, Failure>> {
        let origin: Arc<str> = Arc::from(origin);
        Box::pin(self.database.ask(move |client| {
            let origin = Arc::clone(&origin);
            async move {
                let (size, root) = (stored(head.size), head.root.as_bytes().as_slice());
                let changed = if last == TreeHead::of_nothing() {
                    let statement = client.prepare_cached(NEW_LOG).await?;
                    client
                        .execute(&statement, &[&&*origin, &size, &root])
                        .await?
                } else {
                    let statement = client.prepare_cached(REPLACE_LOG_HEAD).await?;
                    let (old_size, old_root) = (stored(last.size), last.root.as_bytes().as_slice());
                    client
                        .execute(&statement, &[&&*origin, &size, &root, &old_size, &old_root])
                        .await?
                };
                Ok(changed == 1)
            }
        }))
    }

    fn note_standing<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        standing: Standing,
    ) -> Answer<'a, Result<bool, Failure>> {
        let origin: Arc<str> = Arc::from(origin);
        Box::pin(self.database.ask(move |client| {
            let origin = Arc::clone(&origin);
            async move {
                let (size, root) = (stored(last.size), last.root.as_bytes().as_slice());
                let is_closed = standing == Standing::Closed;
                let is_stopped = standing == Standing::Stopped;
                let statement = match last == TreeHead::of_nothing() {
                    true => NOTE_STANDING_OF_NEW_LOG,
                    false => NOTE_LOG_STANDING,
                };
                let statement = client.prepare_cached(statement).await?;
                let noted = client
                    .execute(
                        &statement,
                        &[&&*origin, &size, &root, &is_closed, &is_stopped],
                    )
                    .await?;
                Ok(noted == 1)
            }
        }))
    }

    fn publish<'a>(
        &'a self,
        origin: &'a str,
        published: Published,
    ) -> Answer<'a, Result<(), Failure>> {
        let origin: Arc<str> = Arc::from(origin);
        Box::pin(self.database.ask(move |client| {
            let (origin, published) = (Arc::clone(&origin), published.clone());
            async move {
                let statement = client.prepare_cached(PUBLISH_LOG).await?;
                let size = stored(published.size);
                client
                    .execute(&statement, &[&&*origin, &size, &&*published.checkpoint])
                    .await?;
                Ok(())
            }
        }))
    }
}

pub(crate) fn run_of(row: &Row) -> Result<SeedRun, Problem> {
    let count: i32 = row.try_get(1)?;
    let sealed: &[u8] = row.try_get(2)?;
    Ok(SeedRun {
        first: sequence(row.try_get(0)?),
        count: u32::try_from(count).map_err(|_| Problem::damaged("a run of seeds is empty"))?,
        sealed: Arc::from(sealed),
    })
}

pub(crate) fn count(run: &SeedRun) -> i32 {
    i32::try_from(run.count).expect("a batch is far below that")
}

/// Columns as in `statements::LOG`.
pub(crate) fn log_of(row: &Row) -> Result<NamedLog, Problem> {
    let root: &[u8] = row.try_get(2)?;
    let root = root
        .try_into()
        .map_err(|_| Problem::damaged("the root of a log is no hash"))?;
    let published_size: Option<i64> = row.try_get(3)?;
    let checkpoint: Option<&[u8]> = row.try_get(4)?;
    let published = published_size.zip(checkpoint);
    Ok(NamedLog {
        origin: row.try_get(0)?,
        state: LogState {
            head: TreeHead {
                size: restored(row.try_get(1)?),
                root: TreeHash::new(root),
            },
            published: published.map(|(size, checkpoint)| Published {
                size: restored(size),
                checkpoint: Arc::from(checkpoint),
            }),
            standing: match (row.try_get(5)?, row.try_get(6)?) {
                (true, _) => Standing::Closed,
                (false, true) => Standing::Stopped,
                (false, false) => Standing::Open,
            },
        },
    })
}

fn file_of(row: &Row) -> Result<LogFile, Problem> {
    let bytes: &[u8] = row.try_get(1)?;
    Ok(LogFile {
        path: path_of(row.try_get(0)?)?,
        bytes: bytes.to_vec(),
    })
}

fn path_of(path: &str) -> Result<TilePath, Problem> {
    TilePath::parse(path).map_err(|error| Problem::damaged(error.to_string()))
}
