//! Connections: a bounded pool of them, on threads of its own, and asking again where that may help.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool::Runtime;
use deadpool::managed::{Object, Pool, QueueMode, TimeoutType};
use parking_lot::Mutex;
use store::failure::Failure;
use store::moving::RunId;
use tokio::runtime::Handle;

use crate::connections::Connections;
use crate::failure::{PoolError, Problem};
use crate::limits::{ANSWER_MAX, ASK_MAX, CONNECTIONS_MAX, WAIT_MAX, WAITING_MAX};
use crate::servers::Servers;
use crate::target::{Target, unsuitable};

/// A connection of the pool.
pub(crate) type Client = Arc<Object<Servers>>;

/// The way to the database. Its connections live on threads of their own, so that no caller's runtime has to run for
/// them, and no caller that goes away leaves a statement half asked.
#[derive(Debug)]
pub(crate) struct Database {
    pool: Pool<Servers>,
    place: String,
    handle: Handle,
    /// Held while somebody looks for the server that takes writes.
    examination: Arc<tokio::sync::Mutex<()>>,
    runtime: Mutex<Option<tokio::runtime::Runtime>>,
}

/// How long a server that did not answer is looked for; the next one that does not answer begins again.
const EXAMINATION_MAX: Duration = Duration::from_secs(60);
const PAUSE_FIRST: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_millis(250);

impl Database {
    pub fn new(target: &Target) -> Result<Arc<Database>, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| unsuitable(&target.place, error.to_string()))?;
        let pool = Pool::builder(Servers::new(target)?)
            .max_size(CONNECTIONS_MAX)
            // The connections that were used last know the statements and have the server's caches warm.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(WAIT_MAX))
            .create_timeout(Some(ANSWER_MAX))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| unsuitable(&target.place, error.to_string()))?;
        Ok(Arc::new(Database {
            pool,
            place: target.place.clone(),
            handle: runtime.handle().clone(),
            examination: Arc::default(),
            runtime: Mutex::new(Some(runtime)),
        }))
    }

    /// Lets every connection name a run of a move.
    pub fn name_run(&self, run: RunId) {
        self.pool.manager().name_run(run);
    }

    pub fn connections(&self) -> Connections {
        let status = self.pool.status();
        let open = status.size as u64;
        let idle = (status.available as u64).min(open);
        Connections {
            idle,
            used: open - idle,
            most: status.max_size as u64,
            waiting: status.waiting as u64,
        }
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

    /// Asks something that changes nothing when it is asked twice, until there is an answer or [`ASK_MAX`] is over.
    pub async fn ask<T, F, W>(self: &Arc<Self>, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(Client) -> W + Send + Sync + 'static,
        W: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let database = Arc::clone(self);
        self.run(async move {
            let mut retries = Retries::new(ASK_MAX);
            loop {
                match database.once(retries.left(), &work).await {
                    Err(problem) if database.may_pass(&problem) && retries.pause().await => {}
                    answer => return answer.map_err(|problem| problem.at(&database.place)),
                }
            }
        })
        .await
    }

    /// Whether asking again may help. Busy connections are no reason to wait, unless they are busy because no server is
    /// there: then they are free as soon as one is.
    pub fn may_pass(&self, problem: &Problem) -> bool {
        problem.is_passing() || problem.is_crowded() && !self.pool.manager().is_reached()
    }

    /// One try on one connection, which takes no longer than [`ANSWER_MAX`] and what is left.
    pub async fn once<T, W>(
        &self,
        left: Duration,
        work: impl FnOnce(Client) -> W,
    ) -> Result<T, Problem>
    where
        W: Future<Output = Result<T, Problem>>,
    {
        if WAITING_MAX <= self.pool.status().waiting {
            return Err(PoolError::Timeout(TimeoutType::Wait).into());
        }
        let until = tokio::time::Instant::now() + left.min(ANSWER_MAX);
        let connection = tokio::time::timeout_at(until, self.pool.get()).await;
        let client = Arc::new(connection.unwrap_or(Err(PoolError::Timeout(TimeoutType::Create)))?);
        let answer = tokio::time::timeout_at(until, work(Arc::clone(&client))).await;
        answer.unwrap_or_else(|_| {
            // Nobody else shall wait behind what this one has asked.
            if let Some(client) = Arc::into_inner(client) {
                drop(Object::take(client));
            }
            self.examine();
            Err(Problem::TimedOut)
        })
    }

    /// A server that does not answer may have been replaced. Looks for the one that takes writes, once at a time: as soon
    /// as it is found on a newer timeline, no connection to the old one is used any more.
    fn examine(&self) {
        let pool = self.pool.clone();
        let Ok(turn) = Arc::clone(&self.examination).try_lock_owned() else {
            return;
        };
        self.spawn(async move {
            let mut retries = Retries::new(EXAMINATION_MAX);
            while pool.manager().reach().await.is_err() && retries.pause().await {}
            drop(turn);
        });
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

    /// The time that is left.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
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
