//! Finding the server that takes writes, among those that a URL names.
//!
//! All are asked at once, because one that is dead, frozen or cut off answers nobody and must not hold up the others.
//! PostgreSQL counts a timeline up whenever a replica takes over. Whoever has seen the new one believes nothing that an
//! older one says: a primary that stood still while another took its place does not know it yet when it goes on.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;
use parking_lot::RwLock;
use store::failure::Failure;
use store::moving::RunId;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::failure::is_shutdown;
use crate::statements::TIMELINE;
use crate::target::Target;
use crate::tls;

/// How long a server may take until it is ready for a question: reaching it, encryption, password and all.
const READY_MAX: Duration = Duration::from_secs(2);
/// How long one search goes on while servers refuse, as they do until one of them has taken over.
const SEARCH_MAX: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(150);
/// Searches at a time. A handshake costs both sides work, and all at once they would cost a busy server its last breath.
const SEARCHES_MAX: usize = 4;

/// Every session: a statement that hangs is ended by the server as well, and commits wait for the disk. Rows are always
/// found by keys; a plan made while a table was small must not read all of it when it has grown. And a plan is made once:
/// for small batches the server would believe that a new one each time is worth it, which costs more than the batch.
const SESSION: &str = "SET statement_timeout = 4500; SET enable_seqscan = off; SET jit = off;
    SET plan_cache_mode = force_generic_plan";

/// The servers, and what is known of them.
#[derive(Debug)]
pub(crate) struct Servers {
    /// One for each server.
    configs: Vec<Config>,
    tls: Tls,
    timelines: Timelines,
    searches: Semaphore,
    is_reached: AtomicBool,
    /// The run of a move that this program is.
    run: RwLock<Option<RunId>>,
}

/// The newest timeline that any of the servers was on.
#[derive(Debug, Default)]
struct Timelines {
    newest: AtomicI64,
}

/// The same for all servers. Its parts have no `Debug`, and nothing to show.
#[derive(Clone)]
struct Tls(MakeRustlsConnect);

/// A connection to a server that takes writes.
#[derive(Debug)]
pub(crate) struct Session {
    client: ClientWrapper,
    timeline: i64,
    run: Option<RunId>,
}

/// Why no server was found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReached {
    #[error("a server refused")]
    Postgres(#[source] tokio_postgres::Error),
    #[error("a server was not ready in time")]
    TimedOut,
    #[error("a server is still on timeline {found}, which was replaced by {newest}")]
    Replaced { found: i64, newest: i64 },
}

/// A connection as the driver makes it.
pub(crate) struct Reached {
    pub client: Client,
    pub connection: JoinHandle<()>,
    timeline: i64,
}

impl Servers {
    pub fn new(target: &Target) -> Result<Servers, Failure> {
        let config = &target.config;
        let count = config.get_hosts().len();
        Ok(Servers {
            configs: (0..count).map(|place| of_one(config, place)).collect(),
            tls: Tls(tls::connector(target)?),
            timelines: Timelines::default(),
            searches: Semaphore::new(SEARCHES_MAX),
            is_reached: AtomicBool::new(true),
            run: RwLock::default(),
        })
    }

    /// Whether the last attempt found a server. While none is found, whoever waits has nobody but the servers to blame.
    pub fn is_reached(&self) -> bool {
        self.is_reached.load(Ordering::Relaxed)
    }

    /// Lets sessions name a run of a move from now on; those that do not are used no more.
    pub fn name_run(&self, run: RunId) {
        *self.run.write() = Some(run);
    }

    /// The first server that is ready and takes writes.
    pub async fn reach(&self) -> Result<Reached, NotReached> {
        let reached = self.first_of_all().await;
        self.is_reached.store(reached.is_ok(), Ordering::Relaxed);
        reached
    }

    async fn first_of_all(&self) -> Result<Reached, NotReached> {
        // It is never closed, and without a permit the search would still be right.
        let _permit = self.searches.acquire().await;
        let mut searches = JoinSet::new();
        for config in &self.configs {
            searches.spawn(search_one(config.clone(), self.tls.0.clone()));
        }
        let mut failed = NotReached::TimedOut;
        while let Some(search) = searches.join_next().await {
            let found = search.unwrap_or_else(|error| match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(NotReached::TimedOut),
            });
            let believed = found.and_then(|reached| {
                self.timelines.note(reached.timeline)?;
                Ok(reached)
            });
            match believed {
                Ok(reached) => return Ok(reached),
                Err(error) => failed = failed.or_more_telling(error),
            }
        }
        Err(failed)
    }
}

impl Timelines {
    /// Notes the timeline of a server that was reached, unless another server has taken its place.
    fn note(&self, found: i64) -> Result<(), NotReached> {
        self.newest.fetch_max(found, Ordering::SeqCst);
        self.require_newest(found)
    }

    fn require_newest(&self, found: i64) -> Result<(), NotReached> {
        let newest = self.newest.load(Ordering::SeqCst);
        if newest <= found {
            Ok(())
        } else {
            Err(NotReached::Replaced { found, newest })
        }
    }
}

impl Manager for Servers {
    type Type = Session;
    type Error = NotReached;

    async fn create(&self) -> Result<Session, NotReached> {
        let Reached {
            client,
            connection,
            timeline,
        } = self.reach().await?;
        let client = ClientWrapper::new(client, connection);
        client.batch_execute(SESSION).await?;
        let run = *self.run.read();
        if let Some(run) = run {
            let name = format!("SET scrip.move = '{run:?}'");
            client.batch_execute(&name).await?;
        }
        Ok(Session {
            client,
            timeline,
            run,
        })
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<NotReached> {
        if session.client.is_closed() {
            return Err(RecycleError::message("the connection has ended"));
        }
        self.timelines.require_newest(session.timeline)?;
        if session.run != *self.run.read() {
            return Err(RecycleError::message(
                "the connection does not name the run of the move",
            ));
        }
        Ok(())
    }
}

impl Deref for Session {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

impl NotReached {
    /// What a server says that lets nobody of this name in, or has no such database.
    pub fn refusal(&self) -> Option<&str> {
        let NotReached::Postgres(error) = self else {
            return None;
        };
        let error = error.as_db_error()?;
        let class = error.code().code().get(..2);
        (class == Some("28") || class == Some("3D")).then(|| error.message())
    }

    /// The server's code, if it gave one.
    pub fn code(&self) -> Option<&SqlState> {
        match self {
            NotReached::Postgres(error) => error.code(),
            NotReached::TimedOut | NotReached::Replaced { .. } => None,
        }
    }

    /// Whether the same server may be reached in a moment.
    pub fn is_passing(&self) -> bool {
        self.code().is_none_or(is_shutdown)
    }

    /// Of the reasons of several servers, the one that an operator can do something about.
    fn or_more_telling(self, other: NotReached) -> NotReached {
        let rank = |error: &NotReached| match error {
            NotReached::Postgres(error) if error.code().is_some() => 3,
            NotReached::Postgres(_) => 2,
            NotReached::Replaced { .. } => 1,
            NotReached::TimedOut => 0,
        };
        if rank(&self) < rank(&other) {
            other
        } else {
            self
        }
    }
}

impl From<tokio_postgres::Error> for NotReached {
    fn from(error: tokio_postgres::Error) -> NotReached {
        NotReached::Postgres(error)
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Asks one server until it takes writes, refuses for good, or the time is over.
async fn search_one(config: Config, tls: MakeRustlsConnect) -> Result<Reached, NotReached> {
    let ends_at = Instant::now() + SEARCH_MAX;
    loop {
        let attempt = reach_one(config.clone(), tls.clone());
        let attempt = tokio::time::timeout(READY_MAX, attempt).await;
        match attempt.unwrap_or(Err(NotReached::TimedOut)) {
            Err(error) if error.is_passing() && Instant::now() + PAUSE < ends_at => {
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

async fn reach_one(config: Config, tls: MakeRustlsConnect) -> Result<Reached, NotReached> {
    let (client, connection) = config.connect(tls).await?;
    let connection = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the database ended");
        }
    });
    let timeline = match client.query_one(TIMELINE, &[]).await {
        Ok(row) => row.try_get(0)?,
        // A server that is like PostgreSQL and does not tell has no timelines that could be mixed up.
        Err(error) if error.code().is_some_and(is_unknown_function) => 0,
        Err(error) => return Err(error.into()),
    };
    Ok(Reached {
        client,
        connection,
        timeline,
    })
}

fn is_unknown_function(code: &SqlState) -> bool {
    [
        SqlState::UNDEFINED_FUNCTION,
        SqlState::FEATURE_NOT_SUPPORTED,
        SqlState::INSUFFICIENT_PRIVILEGE,
    ]
    .contains(code)
}

/// The configuration for one of the hosts alone.
fn of_one(config: &Config, place: usize) -> Config {
    let mut one = Config::new();
    match config.get_hosts().get(place) {
        Some(Host::Tcp(name)) => one.host(name),
        Some(Host::Unix(path)) => one.host_path(path),
        None => &mut one,
    };
    if let Some(address) = config.get_hostaddrs().get(place) {
        one.hostaddr(*address);
    }
    // One port is that of every host.
    let ports = config.get_ports();
    if let Some(port) = ports.get(place).or(ports.first()) {
        one.port(*port);
    }
    copy_texts(config, &mut one);
    one.ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding())
        .target_session_attrs(config.get_target_session_attrs())
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle());
    if let Some(interval) = config.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    if let Some(timeout) = config.get_connect_timeout() {
        one.connect_timeout(*timeout);
    }
    if let Some(timeout) = config.get_tcp_user_timeout() {
        one.tcp_user_timeout(*timeout);
    }
    one
}

fn copy_texts(from: &Config, to: &mut Config) {
    if let Some(user) = from.get_user() {
        to.user(user);
    }
    if let Some(password) = from.get_password() {
        to.password(password);
    }
    if let Some(name) = from.get_dbname() {
        to.dbname(name);
    }
    if let Some(options) = from.get_options() {
        to.options(options);
    }
    if let Some(name) = from.get_application_name() {
        to.application_name(name);
    }
}

#[cfg(test)]
mod tests;
