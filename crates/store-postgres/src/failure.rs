//! What can go wrong on the way to the database, and what is known of it.

use deadpool::managed::{self, TimeoutType};
use store::codec::wire::DecodeError;
use store::failure::Failure;
use store::moving::{ANOTHER_RUN, MOVED_AWAY, NOT_COMPLETE};
use tokio_postgres::error::SqlState;

use crate::servers::NotReached;

pub(crate) type PoolError = managed::PoolError<NotReached>;

/// Why a statement has no result.
#[derive(Debug)]
pub(crate) enum Problem {
    Postgres(tokio_postgres::Error),
    Pool(PoolError),
    /// The server did not answer in time.
    TimedOut,
    Damaged(String),
}

/// What a problem says of a statement that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// The transaction was taken back; trying again may help.
    NotYet,
    /// The transaction was taken back, and would be again.
    No,
    /// The connection ended, or the server, before it told.
    Unknown,
}

/// A key was added by another batch between the check and the insert.
pub(crate) const KEY_TAKEN: &str = "SC001";
/// The batch was given up before it arrived.
pub(crate) const GIVEN_UP: &str = "SC002";
/// The data has gone on elsewhere.
const MOVED: &str = "SC003";
/// The data has not arrived yet.
const RECEIVING: &str = "SC004";
/// Another run of a move has begun since.
const LATER_RUN: &str = "SC005";

#[derive(Debug, thiserror::Error)]
#[error("the server did not answer in time")]
struct NoAnswer;

impl Problem {
    pub fn damaged(what: impl Into<String>) -> Problem {
        Problem::Damaged(what.into())
    }

    /// Whether the same question may be answered on another connection or in a moment.
    pub fn is_passing(&self) -> bool {
        match self {
            Problem::Postgres(error) => match error.code() {
                Some(code) => is_retryable(code) || is_shutdown(code),
                None => {
                    error.is_closed()
                        || std::error::Error::source(error)
                            .is_some_and(|source| source.is::<std::io::Error>())
                }
            },
            Problem::Pool(PoolError::Backend(error)) => error.is_passing(),
            // The server does not let anybody in, for now.
            Problem::Pool(PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle)) => true,
            // All connections are busy: more waiting makes it worse.
            Problem::Pool(_) => false,
            Problem::TimedOut => true,
            Problem::Damaged(_) => false,
        }
    }

    /// Whether all connections are in use, by others who may wait for the server themselves.
    pub fn is_crowded(&self) -> bool {
        matches!(self, Problem::Pool(PoolError::Timeout(_)))
    }

    pub fn written(&self) -> Written {
        match self {
            Problem::Postgres(error) => match error.code() {
                Some(code) if is_retryable(code) || code.code() == GIVEN_UP => Written::NotYet,
                Some(code) if is_shutdown(code) || *code == SqlState::QUERY_CANCELED => {
                    Written::Unknown
                }
                Some(_) => Written::No,
                None => Written::Unknown,
            },
            Problem::Pool(_) => Written::NotYet,
            Problem::TimedOut => Written::Unknown,
            Problem::Damaged(_) => Written::No,
        }
    }

    /// The server's code, if it is what answered.
    pub fn code(&self) -> Option<&SqlState> {
        match self {
            Problem::Postgres(error) => error.code(),
            Problem::Pool(_) | Problem::TimedOut | Problem::Damaged(_) => None,
        }
    }

    pub fn at(self, place: &str) -> Failure {
        let place = place.to_owned();
        match self {
            Problem::Damaged(what) => Failure::Corrupt { place, what },
            Problem::Postgres(error) if error.code() == Some(&SqlState::DISK_FULL) => {
                Failure::Full { place }
            }
            Problem::Postgres(error) => match error.code().map(SqlState::code) {
                Some(MOVED) => Failure::NotServed {
                    place,
                    why: MOVED_AWAY,
                },
                Some(RECEIVING) => Failure::NotServed {
                    place,
                    why: NOT_COMPLETE,
                },
                Some(LATER_RUN) => Failure::Unsuitable {
                    place,
                    why: ANOTHER_RUN.to_owned(),
                },
                Some(_) | None => Failure::Unavailable {
                    place,
                    source: Box::new(error),
                },
            },
            Problem::Pool(error) => match &error {
                PoolError::Backend(reached) if let Some(refusal) = reached.refusal() => {
                    let why = format!(
                        "the server refuses: {refusal}; check name, user and password in the URL"
                    );
                    Failure::Unsuitable { place, why }
                }
                _ => Failure::Unavailable {
                    place,
                    source: Box::new(error),
                },
            },
            Problem::TimedOut => Failure::Unavailable {
                place,
                source: Box::new(NoAnswer),
            },
        }
    }
}

/// Serialization failures and deadlocks, after which the server has taken the transaction back.
fn is_retryable(code: &SqlState) -> bool {
    *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

/// The server goes down, comes up, has become a replica, or has lost the connection behind a proxy.
pub(crate) fn is_shutdown(code: &SqlState) -> bool {
    let class = code.code().get(..2);
    class == Some("57") && *code != SqlState::QUERY_CANCELED
        || class == Some("08")
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
}

impl From<tokio_postgres::Error> for Problem {
    fn from(error: tokio_postgres::Error) -> Problem {
        Problem::Postgres(error)
    }
}

impl From<NotReached> for Problem {
    fn from(error: NotReached) -> Problem {
        Problem::Pool(PoolError::Backend(error))
    }
}

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Problem {
        Problem::Pool(error)
    }
}

impl From<DecodeError> for Problem {
    fn from(error: DecodeError) -> Problem {
        Problem::damaged(error.to_string())
    }
}
