//! How long anything may take, and how much may wait: a database that hangs makes nobody wait for ever.

use std::time::Duration;

/// Connections of one node: its engine, its readers and whoever asks for lists.
pub const CONNECTIONS_MAX: usize = 16;
/// How long a caller waits for a connection that others use; after that it is turned away.
pub const WAIT_MAX: Duration = Duration::from_millis(500);
/// Callers that may wait for a connection at a time; more are turned away at once.
pub const WAITING_MAX: usize = 256;
/// How long one try may take, from the wish for a connection to the answer.
pub const ANSWER_MAX: Duration = Duration::from_secs(5);
/// How long anything but a commit may take, with all its tries: then the caller has an answer or a failure. A
/// failover of the server should fit in.
pub const ASK_MAX: Duration = Duration::from_secs(10);
/// How long a commit may take, with everything that has to be tried again or looked up on the way. A failover of the
/// server should fit in.
pub const COMMIT_MAX: Duration = Duration::from_secs(12);
