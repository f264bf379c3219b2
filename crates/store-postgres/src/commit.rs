//! Committing: one call of one function; and what became of a call whose answer was lost.

use std::sync::Arc;

use ids::command::Sequence;
use rand::TryRngCore;
use rand::rngs::OsRng;
use store::failure::Failure;
use store::port::{Batch, CommitError};
use store::shift::Shift;
use tokio_postgres::error::SqlState;

use crate::commit::arguments::Arguments;
use crate::database::{Client, Database, Retries};
use crate::failure::{KEY_TAKEN, Problem, Written};
use crate::limits::COMMIT_MAX;
use crate::row::sequence;
use crate::statements::{BATCH, COMMIT, GIVE_UP};

mod arguments;

/// It is not known whether the batch was written.
#[derive(Debug, thiserror::Error)]
#[error(
    "the connection was lost while a batch was written, and the server does not tell what became of it"
)]
struct OutcomeUnknown;

/// What is known of a batch.
enum Outcome {
    /// Behind this head.
    Placed(Sequence),
    Conflict,
    NotYet(Problem),
}

impl Database {
    pub async fn commit(self: &Arc<Self>, batch: Batch) -> Result<Shift, CommitError> {
        let Some(assumed) = batch.assumed_head() else {
            return Ok(Shift::NONE);
        };
        let arguments = Arguments::of(&batch, assumed).filter(|_| batch.is_consecutive());
        let arguments = Arc::new(arguments.ok_or(CommitError::Conflict)?);
        let database = Arc::clone(self);
        let base = self
            .run(async move { database.place_batch(arguments).await })
            .await?;
        Shift::between(assumed, base).ok_or(CommitError::Conflict)
    }

    async fn place_batch(&self, arguments: Arc<Arguments>) -> Result<Sequence, CommitError> {
        let mut retries = Retries::new(COMMIT_MAX);
        loop {
            // Each try has an id of its own: one that was given up may still arrive, and must not be taken for this one.
            let id = random_id()?;
            match self.try_once(&id, &arguments, &mut retries).await? {
                Outcome::Placed(base) => return Ok(base),
                Outcome::Conflict => return Err(CommitError::Conflict),
                Outcome::NotYet(problem) => {
                    if !self.may_pass(&problem) || !retries.pause().await {
                        return Err(problem.at(self.place()).into());
                    }
                }
            }
        }
    }

    async fn try_once(
        &self,
        id: &Arc<Vec<u8>>,
        arguments: &Arc<Arguments>,
        retries: &mut Retries,
    ) -> Result<Outcome, CommitError> {
        let (own_id, own_arguments) = (Arc::clone(id), Arc::clone(arguments));
        let answer = self
            .once(retries.left(), |client| call(client, own_id, own_arguments))
            .await;
        let problem = match answer {
            Ok(base) if base < 0 => return Ok(Outcome::Conflict),
            Ok(base) => return Ok(Outcome::Placed(sequence(base))),
            Err(problem) => problem,
        };
        let key_is_taken = problem
            .code()
            .is_some_and(|code| code.code() == KEY_TAKEN || *code == SqlState::UNIQUE_VIOLATION);
        match problem.written() {
            _ if key_is_taken => Ok(Outcome::Conflict),
            Written::NotYet => Ok(Outcome::NotYet(problem)),
            Written::No => Err(problem.at(self.place()).into()),
            Written::Unknown => match self.look_up(id, retries).await? {
                Some(base) => Ok(Outcome::Placed(base)),
                None => Ok(Outcome::NotYet(problem)),
            },
        }
    }

    /// Where the batch stands; none if it was given up here and now, after which it can no longer be written.
    async fn look_up(
        &self,
        id: &Arc<Vec<u8>>,
        retries: &mut Retries,
    ) -> Result<Option<Sequence>, Failure> {
        tracing::warn!("the answer to a commit was lost; what became of it is looked up");
        loop {
            let own_id = Arc::clone(id);
            let found = self
                .once(retries.left(), |client| give_up_or_find(client, own_id))
                .await;
            match found {
                Ok(base) => return Ok(base.map(sequence)),
                // Busy connections pass too: whatever this one knows must not be thrown away for them.
                Err(_) if retries.pause().await => {}
                Err(_) => {
                    return Err(Failure::Io {
                        place: self.place().to_owned(),
                        source: Box::new(OutcomeUnknown),
                    });
                }
            }
        }
    }
}

async fn call(client: Client, id: Arc<Vec<u8>>, arguments: Arc<Arguments>) -> Result<i64, Problem> {
    // A statement that cannot be prepared was not sent, and says so by its code.
    let statement = client.prepare_cached(COMMIT).await?;
    let row = client
        .query_one(&statement, &arguments.parameters(&id))
        .await?;
    Ok(row.try_get(0)?)
}

/// Waits for a transaction that is about to write the id, as the index is unique; then tells what it wrote.
async fn give_up_or_find(client: Client, id: Arc<Vec<u8>>) -> Result<Option<i64>, Problem> {
    let give_up = client.prepare_cached(GIVE_UP).await?;
    if client.execute(&give_up, &[&*id]).await? == 1 {
        return Ok(None);
    }
    let find = client.prepare_cached(BATCH).await?;
    let row = client.query_one(&find, &[&*id]).await?;
    Ok(row.try_get(0)?)
}

fn random_id() -> Result<Arc<Vec<u8>>, Failure> {
    let mut id = vec![0; 16];
    OsRng
        .try_fill_bytes(&mut id)
        .map_err(|error| Failure::Unavailable {
            place: "the system's source of random bytes".to_owned(),
            source: Box::new(error),
        })?;
    Ok(Arc::new(id))
}
