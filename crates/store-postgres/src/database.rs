//! Connections: a bounded pool of them, on threads of its own, and asking again where that may help.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime,
};
use parking_lot::Mutex;
use store::failure::Failure;
use tokio::runtime::Handle;

use crate::failure::Problem;
use crate::target::{Target, unsuitable};
use crate::tls;

/// A connection of the pool.
pub(crate) type Client = Arc<Object>;

/// The way to the database. Its connections live on threads of their own, so that no caller's runtime has to run for
/// them, and no caller that goes away leaves a statement half asked.
#[derive(Debug)]
pub(crate) struct Database {
    pool: Pool,
    place: String,
    handle: Handle,
    runtime: Mutex<Option<tokio::runtime::Runtime>>,
}

/// Connections of one node: its engine, its readers and whoever asks for lists.
const CONNECTIONS_MAX: usize = 16;
/// How long a caller waits for a connection that others use; after that it is turned away.
const WAIT_MAX: Duration = Duration::from_millis(500);
/// How long one statement may take.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// How long a question is asked again.
const PATIENCE: Duration = Duration::from_secs(6);
const PAUSE_FIRST: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// Every session: a statement that hangs is ended by the server as well, and commits wait for the disk. Rows are always
/// found by keys; a plan made while a table was small must not read all of it when it has grown. And a plan is made once:
/// for small batches the server would believe that a new one each time is worth it, which costs more than the batch.
const SESSION: &str = "SET statement_timeout = 4500; SET enable_seqscan = off; SET jit = off;
    SET plan_cache_mode = force_generic_plan";

impl Database {
    pub fn new(target: &Target) -> Result<Arc<Database>, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| unsuitable(&target.place, error.to_string()))?;
        let settings = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager =
            Manager::from_config(target.config.clone(), tls::connector(target)?, settings);
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS_MAX)
            // The connections that were used last know the statements and have the server's caches warm.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(WAIT_MAX))
            .create_timeout(Some(ANSWER_MAX))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    client
                        .batch_execute(SESSION)
                        .await
                        .map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| unsuitable(&target.place, error.to_string()))?;
        Ok(Arc::new(Database {
            pool,
            place: target.place.clone(),
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
        }))
    }

    pub fn place(&self) -> &str {
        &self.place
    }

    /// Runs the work to its end on the threads of the database, whatever becomes of the caller.
    pub async fn run<T: Send + 'static, E: From<Failure> + Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, E> {
        match self.handle.spawn(work).await {
            Ok(answer) => answer,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Failure::Closed.into()),
        }
    }

    /// Lets work go on beside everything else until the database is closed.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }

    /// Asks something that changes nothing when it is asked twice, until there is an answer or patience ends.
    pub async fn ask<T, F, W>(self: &Arc<Self>, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(Client) -> W + Send + Sync + 'static,
        W: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let database = Arc::clone(self);
        self.run(async move {
            let mut retries = Retries::new(PATIENCE);
            loop {
                match database.once(&work).await {
                    Err(problem) if problem.is_passing() && retries.pause().await => {}
                    answer => return answer.map_err(|problem| problem.at(&database.place)),
                }
            }
        })
        .await
    }

    /// One try on one connection.
    pub async fn once<T, W>(&self, work: impl FnOnce(Client) -> W) -> Result<T, Problem>
    where
        W: Future<Output = Result<T, Problem>>,
    {
        let client = Arc::new(self.pool.get().await?);
        let answer = tokio::time::timeout(ANSWER_MAX, work(Arc::clone(&client))).await;
        answer.unwrap_or_else(|_| {
            // Nobody else shall wait behind what this one has asked.
            if let Some(client) = Arc::into_inner(client) {
                drop(Object::take(client));
            }
            Err(Problem::TimedOut)
        })
    }

    pub fn close(&self) {
        self.pool.close();
        if let Some(runtime) = self.runtime.lock().take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}

/// Growing pauses, until there is no time left.
pub(crate) struct Retries {
    until: Instant,
    pause: Duration,
}

impl Retries {
    pub fn new(patience: Duration) -> Retries {
        Retries {
            until: Instant::now() + patience,
            pause: PAUSE_FIRST,
        }
    }

    /// Waits a little; answers at once that it is over when the time is.
    pub async fn pause(&mut self) -> bool {
        if self.until < Instant::now() + self.pause {
            return false;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        true
    }
}
