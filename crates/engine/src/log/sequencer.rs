//! The sequencer: turns entries of the journal into leaves, behind the payments.
//!
//! It has no cursor: the size of the last signed tree says where it goes on. It may be killed between any two steps, and
//! any number of them may work at once; the lease under which it runs only saves work
//! (docs/adr/0018-entries-become-leaves-behind-the-payments-from-seeds-that-can-be-erased.md).

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use store::log::{LogState, Published, Standing};
use tlog::bundle::LogEntry;
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::TreeHead;
use tlog::signer::{NotProved, Proved, tiles_needed};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::log::failure::{LogError, StopCause};
use crate::log::seeds::Missing;
use crate::log::witnessing::{Witnessed, Witnesses};
use crate::log::{Log, Ports};

/// Entries that one round takes at most.
pub const ROUND_ENTRIES_MAX: usize = 8_192;
/// How long the sequencer waits when it has caught up. A round costs the same files, syncs and cosignatures however many
/// entries it takes, so fewer rounds leave more to the payments; a proof is still there well within two seconds of its entry.
pub const INTERVAL: Duration = Duration::from_millis(500);
/// After so long the newest checkpoint is cosigned anew though nothing was added: cosignatures say what is so now, and count
/// for an hour.
pub const REFRESH_AFTER: Duration = Duration::from_secs(10 * 60);
/// Witnesses that did not cosign a head are asked for the same again after so long.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// The pause after a failure.
const PAUSE: Duration = Duration::from_millis(500);
/// A failure that lasts is told once, and after so long again.
const COMPLAIN_AGAIN_AFTER: Duration = Duration::from_secs(60);

pub struct Sequencer {
    ports: Ports,
    log: Arc<Log>,
    /// None where a log is shown without being witnessed.
    witnesses: Option<Arc<dyn Witnesses>>,
    asked: Mutex<LastAsked>,
}

/// When the witnesses were asked last, and when enough of them cosigned; as far as this sequencer knows.
#[derive(Clone, Copy, Debug, Default)]
struct LastAsked {
    at: Option<Instant>,
    witnessed_at: Option<Instant>,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Every entry is in the tree, which everybody can see.
    CaughtUp,
    /// The tree grew.
    Grew { from: u64, to: u64 },
    /// The last signed head was not shown yet, or was cosigned anew.
    Published { size: u64 },
    /// Every entry is in the tree, of which too few witnesses have cosigned the newest part.
    Unwitnessed,
    /// Another sequencer was faster; nothing is lost.
    Overtaken,
    /// The log had stopped, and all of it was found sound: it goes on.
    Reopened,
}

impl Sequencer {
    pub fn new(ports: Ports, log: Arc<Log>) -> Sequencer {
        Sequencer {
            ports,
            log,
            witnesses: None,
            asked: Mutex::default(),
        }
    }

    /// The same, showing nothing that too few witnesses have cosigned.
    pub fn witnessed(self, witnesses: Option<Arc<dyn Witnesses>>) -> Sequencer {
        Sequencer { witnesses, ..self }
    }

    /// Works until it is stopped. A log that must not go on is left as it is, and the reason is logged once. One that had
    /// stopped before is tried again, as is every other one with the first round.
    pub async fn run(self, stop: CancellationToken) {
        let work = async {
            if let Err(cause) = self.follow().await {
                tracing::error!(error = %cause, source = ?std::error::Error::source(&cause), origin = self.log.origin(), "the transparency log has stopped; payments go on");
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    async fn follow(&self) -> Result<(), StopCause> {
        let mut complained: Option<Instant> = None;
        loop {
            let round = self.round().await;
            if round.is_ok() {
                complained = None;
            }
            match round {
                Ok(Round::Grew { from, to }) => {
                    tracing::debug!(from, to, origin = self.log.origin(), "the log grew");
                    // A round that was full has more behind it.
                    if to - from < ROUND_ENTRIES_MAX as u64 {
                        sleep(INTERVAL).await;
                    }
                }
                Ok(Round::Reopened) => {
                    tracing::warn!(
                        origin = self.log.origin(),
                        "the transparency log had stopped; what had stopped it is mended, and it goes on"
                    );
                }
                Ok(
                    Round::CaughtUp
                    | Round::Overtaken
                    | Round::Unwitnessed
                    | Round::Published { .. },
                ) => sleep(INTERVAL).await,
                Err(LogError::Failure(failure)) => {
                    if complained.is_none_or(|at| COMPLAIN_AGAIN_AFTER <= at.elapsed()) {
                        tracing::warn!(error = %failure, source = ?std::error::Error::source(&failure), "the log waits for its storage");
                        complained = Some(Instant::now());
                    }
                    sleep(PAUSE).await;
                }
                Err(LogError::Stopped(cause)) => return Err(cause),
            }
        }
    }

    /// One round, of which any part may be the last thing that this process does.
    pub async fn round(&self) -> Result<Round, LogError> {
        let state = self.ports.log.log_state(self.log.origin()).await?;
        let mut head = state.head;
        let outcome = match state.standing {
            Standing::Closed => return Err(StopCause::Restored.into()),
            Standing::Stopped => self.try_again(state).await,
            Standing::Open => self.go_on(state, &mut head).await,
        };
        match outcome {
            Err(LogError::Stopped(cause)) => self.stop(head, cause).await,
            Err(LogError::Failure(failure)) => Err(failure.into()),
            Ok(round) => {
                self.log.known.settle();
                Ok(round)
            }
        }
    }

    /// Stops the log for every node, this one first. Where another sequencer has gone further than the head with which the
    /// cause was found, this one has seen the other's work half done.
    async fn stop(&self, head: TreeHead, cause: StopCause) -> Result<Round, LogError> {
        self.log.known.doubt();
        let (storage, origin) = (&self.ports.log, self.log.origin());
        let is_noted = storage
            .note_standing(origin, head, cause.standing())
            .await?;
        self.log.known.settle();
        if is_noted || self.is_closed().await? {
            return Err(cause.into());
        }
        tracing::debug!(%cause, "another sequencer has gone further");
        Ok(Round::Overtaken)
    }

    async fn is_closed(&self) -> Result<bool, LogError> {
        let state = self.ports.log.log_state(self.log.origin()).await?;
        Ok(state.standing == Standing::Closed)
    }

    /// Does all of a round but to sign and to show. If nothing contradicts the log any more, it goes on.
    async fn try_again(&self, state: LogState) -> Result<Round, LogError> {
        let last = state.head;
        if let Some(head) = self.grow(last).await?
            && self.prove(last, head).await?.is_none()
        {
            return Ok(Round::Overtaken);
        }
        let (storage, origin) = (&self.ports.log, self.log.origin());
        Ok(
            match storage.note_standing(origin, last, Standing::Open).await? {
                true => Round::Reopened,
                false => Round::Overtaken,
            },
        )
    }

    /// A round of a log that goes on. `head` is what is stored as the log's head, as far as this round knows.
    async fn go_on(&self, state: LogState, head: &mut TreeHead) -> Result<Round, LogError> {
        let last = state.head;
        let shown = state.published.map_or(0, |published| published.size);
        let is_shown = shown == last.size;
        // A sequencer ended between signing and showing, or witnesses were away. The same head makes the same checkpoint.
        // Where they are away still, the tree grows on, and they cosign a larger one when they are back.
        let is_wanted = !is_shown || 0 < last.size && self.is_stale();
        if is_wanted && self.may_ask_again() && self.publish(Proved::again(last)).await? {
            return Ok(Round::Published { size: last.size });
        }
        let Some(grown) = self.grow(last).await? else {
            return Ok(match is_shown {
                true => Round::CaughtUp,
                false => Round::Unwitnessed,
            });
        };
        let Some(proved) = self.prove(last, grown).await? else {
            return Ok(Round::Overtaken);
        };
        if !self.replace_head(proved).await? {
            return Ok(Round::Overtaken);
        }
        *head = grown;
        self.publish(proved).await?;
        Ok(Round::Grew {
            from: last.size,
            to: grown.size,
        })
    }

    /// Makes leaves of the entries that are not in the tree yet, and stores its files; answers the head that it would have,
    /// or none if there are no such entries.
    async fn grow(&self, last: TreeHead) -> Result<Option<TreeHead>, LogError> {
        self.require_journal(last.size).await?;
        let mut edge = self.ports.edge_of(last).await?;
        let upto = last.size + ROUND_ENTRIES_MAX as u64;
        let leaves = self.leaves(last.size, upto).await?;
        if leaves.is_empty() {
            return Ok(None);
        }
        let growth = edge.append(leaves);
        let files = growth.tiles.into_iter().chain(growth.bundles);
        self.ports.store(files.collect()).await?;
        Ok(Some(edge.head()))
    }

    /// The leaves from `size` to before `upto`, as far as there are entries: those that were made for promises, and between
    /// them those of the other entries.
    async fn leaves(&self, size: u64, upto: u64) -> Result<Vec<LogEntry>, LogError> {
        let mut leaves: Vec<LogEntry> = Vec::new();
        loop {
            let from = size + leaves.len() as u64;
            let left = usize::try_from(upto - from).expect("a round is short");
            let (remembered, next) = self.log.take_remembered(from, left);
            leaves.extend(remembered);
            let from = size + leaves.len() as u64;
            let until = next.filter(|next| from < *next).unwrap_or(upto).min(upto);
            if from == upto {
                return Ok(leaves);
            }
            let made = self.ports.leaves(from, until, Missing::Added).await?;
            let is_whole = made.len() as u64 == until - from;
            leaves.extend(made);
            if !is_whole {
                return Ok(leaves);
            }
        }
    }

    /// A log that is longer than its journal was signed over another one.
    async fn require_journal(&self, size: u64) -> Result<(), LogError> {
        let head = self.ports.store.head().await?;
        if head.0 < size {
            return Err(StopCause::JournalBehind { size, head }.into());
        }
        Ok(())
    }

    /// Proves the growth with tiles as they are stored; none if another sequencer has gone further and let some go.
    async fn prove(&self, last: TreeHead, head: TreeHead) -> Result<Option<Proved>, LogError> {
        let paths =
            tiles_needed(last, head).map_err(|error| StopCause::from(NotProved::from(error)))?;
        let tiles = self.ports.tiles(paths).await?;
        match Proved::growth(last, head, &tiles) {
            Ok(proved) => Ok(Some(proved)),
            Err(NotProved::Tile(_)) if self.is_overtaken(last).await? => Ok(None),
            Err(error) => Err(StopCause::NotProved(error).into()),
        }
    }

    async fn is_overtaken(&self, last: TreeHead) -> Result<bool, LogError> {
        let state = self.ports.log.log_state(self.log.origin()).await?;
        Ok(state.head != last)
    }

    async fn replace_head(&self, proved: Proved) -> Result<bool, LogError> {
        let (last, head) = (proved.last(), proved.head());
        let origin = self.log.origin();
        Ok(self.ports.log.replace_head(origin, last, head).await?)
    }

    /// Whether witnesses are to be asked although nothing was added. The first round asks: where storage was set back to an
    /// older state, they know a larger tree.
    fn is_stale(&self) -> bool {
        let witnessed_at = self.asked.lock().witnessed_at;
        self.witnesses.is_some() && witnessed_at.is_none_or(|at| REFRESH_AFTER <= at.elapsed())
    }

    fn may_ask_again(&self) -> bool {
        let asked_at = self.asked.lock().at;
        self.witnesses.is_none() || asked_at.is_none_or(|at| ASK_AGAIN_AFTER <= at.elapsed())
    }

    /// Signs a head that is stored as the last one, and shows it if enough witnesses cosign it; answers whether they did.
    async fn publish(&self, proved: Proved) -> Result<bool, LogError> {
        let checkpoint = self.log.sign(proved);
        let witnessed = match &self.witnesses {
            Some(witnesses) => witnesses.ask(checkpoint).await,
            None => Witnessed::Enough(checkpoint),
        };
        self.asked.lock().at = Some(Instant::now());
        match witnessed {
            Witnessed::Enough(checkpoint) => {
                self.show(&checkpoint).await?;
                self.asked.lock().witnessed_at = Some(Instant::now());
                Ok(true)
            }
            Witnessed::TooFew => Ok(false),
            Witnessed::Ahead { size: shown } => Err(StopCause::WitnessAhead {
                size: proved.head().size,
                shown,
            }
            .into()),
        }
    }

    async fn show(&self, checkpoint: &SignedCheckpoint) -> Result<(), LogError> {
        let published = Published {
            size: checkpoint.unverified().head.size,
            checkpoint: Arc::from(checkpoint.to_string().into_bytes()),
        };
        let origin = self.log.origin();
        Ok(self.ports.log.publish(origin, published).await?)
    }
}
