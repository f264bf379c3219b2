//! Sends the messages that are due, and records what became of each attempt.
//!
//! Messages wait in lanes, one for each merchant, channel and host. A lane has few messages under way at a time and a
//! short queue, and so has a merchant with all its lanes; what does not fit is put off in the outbox. So a target that
//! answers slowly, or not at all, costs other merchants nothing, however much waits for it.
//!
//! Letters have a delivery of their own beside that of merchants: both ask for what is theirs, have their own places and
//! wait for nothing of the other. The mail server is one target, so its places are few.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use engine::figures::deliveries::Delivered;
use futures_util::future::join_all;
use ids::time::{Span, Timestamp};
use store::failure::Failure;
use store::outbox::{Attempt, Message, MessageId, MessageStatus, Outcome, Queue, Resend};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::webhook::Ports;
use crate::webhook::delivery::lanes::{Lanes, Place};
use crate::webhook::delivery::sender::Sender;
use crate::webhook::schedule;

mod lanes;
pub mod sender;

/// Messages under way at a time, for all merchants together.
pub const IN_FLIGHT_MAX: usize = 256;
/// Messages that were fetched for all merchants together and wait for a place.
const WAITING_MAX: usize = 65_536;
/// Letters under way at a time: each is a connection to the mail server.
pub const LETTERS_IN_FLIGHT_MAX: usize = 8;
/// Letters that were fetched and wait for a place.
pub const LETTERS_WAITING_MAX: usize = 256;
/// Addresses that leave at a time.
const PARTINGS_IN_FLIGHT_MAX: usize = 8;
/// Addresses that were found to leave and wait for their turn.
const PARTINGS_WAITING_MAX: usize = 256;
/// Messages that one look into the outbox adds at most.
const FETCH_COUNT_MAX: usize = 512;
/// How long messages under way may still take when the platform stops. What is cut off is sent again after the start.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// How old a message gets that was put off again and again before it is given up.
const PUT_OFF_AGE_MAX: Span = Span::DAY.times(4);

/// The delivery of one queue and what it has under way.
pub struct Delivery {
    queue: Queue,
    ports: Ports,
    sender: Arc<Sender>,
    lanes: Lanes,
    /// Fetched and not recorded yet; the outbox still calls them due.
    known: HashSet<MessageId>,
    in_flight: JoinSet<Sent>,
    unrecorded: Vec<Attempt>,
}

/// A message that is no longer under way; `attempt` is missing if the store failed before anything was sent.
struct Sent {
    message: Message,
    attempt: Result<Attempt, Failure>,
}

impl Delivery {
    pub fn new(queue: Queue, ports: Ports, sender: Arc<Sender>) -> Delivery {
        Delivery {
            queue,
            ports,
            sender,
            lanes: Lanes::holding(waiting_max(queue)),
            known: HashSet::new(),
            in_flight: JoinSet::new(),
            unrecorded: Vec::new(),
        }
    }

    /// Delivers until the token is cancelled; looks for due messages every `poll`.
    pub async fn run(mut self, poll: Duration, shutdown: CancellationToken) {
        let mut ticks = tokio::time::interval(poll);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = ticks.tick() => self.fetch().await,
                Some(sent) = self.in_flight.join_next() => self.settle(sent),
            }
            while let Some(sent) = self.in_flight.try_join_next() {
                self.settle(sent);
            }
            self.record().await;
            self.launch();
        }
        self.finish().await;
    }

    /// Puts what is due into its lane, and puts off what has no room there.
    async fn fetch(&mut self) {
        let now = self.ports.clock.now();
        // What is known stands among the oldest: ask for as much again, or nothing new would be seen.
        let count = self.known.len() + FETCH_COUNT_MAX;
        let due = match self.ports.outbox.due(self.queue, now, count).await {
            Ok(due) => due,
            Err(failure) => {
                log_failure(&failure, "messages are not sent");
                return;
            }
        };
        let mut overflow = Vec::new();
        for message in due {
            if !self.known.contains(&message.id) {
                let id = message.id;
                match self.lanes.place(message) {
                    Place::Queued => {
                        self.known.insert(id);
                    }
                    Place::Full(message) => overflow.push(message),
                }
            }
        }
        if !overflow.is_empty() {
            self.put_off(overflow).await;
        }
    }

    fn launch(&mut self) {
        while self.in_flight.len() < in_flight_max(self.queue)
            && let Some(message) = self.lanes.next()
        {
            let sender = Arc::clone(&self.sender);
            self.in_flight.spawn(async move {
                let attempt = sender.attempt(&message).await;
                Sent { message, attempt }
            });
        }
    }

    fn settle(&mut self, sent: Result<Sent, tokio::task::JoinError>) {
        match sent {
            Ok(Sent { message, attempt }) => {
                self.lanes.leave(&message);
                match attempt {
                    Ok(attempt) => self.unrecorded.push(attempt),
                    Err(failure) => {
                        log_failure(&failure, "a message was not sent");
                        self.known.remove(&message.id);
                    }
                }
            }
            // The message stays in its place and goes out again after the next start.
            Err(error) => tracing::error!(%error, "sending a message ended in a panic"),
        }
    }

    /// Until it is recorded a message counts as known, so that it is not sent again in between.
    async fn record(&mut self) {
        if self.unrecorded.is_empty() {
            return;
        }
        match self.ports.outbox.record(self.unrecorded.clone()).await {
            Ok(()) => {
                let outcomes = self.unrecorded.iter().map(|it| Delivered::of(it.status));
                let outcomes = outcomes.map(|outcome| (self.queue, outcome));
                self.ports.deliveries.add_all(outcomes);
                for attempt in self.unrecorded.drain(..) {
                    self.known.remove(&attempt.message);
                }
            }
            Err(failure) => log_failure(&failure, "attempts to send messages are not recorded"),
        }
    }

    /// Makes messages due later without counting an attempt; the oldest of them are given up, but no address stays.
    async fn put_off(&mut self, messages: Vec<Message>) {
        let now = self.ports.clock.now();
        let mut delays = Vec::new();
        let given_up = messages.iter().map(|it| self.is_given_up(it, now));
        let given_up = join_all(given_up).await;
        for (message, is_given_up) in messages.iter().zip(given_up) {
            if !is_given_up {
                let age = Span(now.0 - message.content.created_at.0);
                let delay = schedule::hold_back(age, sender::random());
                let (recipient, later) = (message.content.recipient, now.plus(delay));
                // Otherwise another node has sent it meanwhile, and it would go out again.
                let MessageStatus::Pending { next_attempt_at } = message.status else {
                    continue;
                };
                let as_seen = Resend::IfWaiting {
                    attempts: message.attempts,
                    next_attempt_at,
                };
                let outbox = &self.ports.outbox;
                delays.push(outbox.resend(recipient, message.id, as_seen, later));
            } else {
                self.unrecorded.push(Attempt {
                    message: message.id,
                    number: message.attempts + 1,
                    at: now,
                    duration_ms: 0,
                    outcome: Outcome::Unreachable(NEVER_SENT.to_owned()),
                    status: MessageStatus::GaveUp,
                });
            }
        }
        for result in join_all(delays).await {
            if let Err(failure) = result {
                log_failure(&failure, "a message was not put off");
            }
        }
    }

    /// Whether a message was put off for so long that its time is over. It is not if somebody has asked for it after it was
    /// over once: however old it is, it is tried.
    async fn is_given_up(&self, message: &Message, now: Timestamp) -> bool {
        let content = &message.content;
        if now.0 - content.created_at.0 < PUT_OFF_AGE_MAX.0 || self.queue == Queue::Partings {
            return false;
        }
        let is_a_retry = |it: &Attempt| matches!(it.status, MessageStatus::Pending { .. });
        match self
            .ports
            .outbox
            .message(content.recipient, message.id)
            .await
        {
            Ok(log) => log.is_some_and(|(_, attempts)| attempts.iter().all(is_a_retry)),
            Err(failure) => {
                log_failure(&failure, "a message is not given up");
                false
            }
        }
    }

    /// Waits a little for what is under way and records it.
    async fn finish(mut self) {
        let rest = async {
            while let Some(sent) = self.in_flight.join_next().await {
                self.settle(sent);
            }
        };
        if tokio::time::timeout(STOP_GRACE, rest).await.is_err() {
            tracing::info!("messages that are still under way will be sent again after the start");
        }
        self.record().await;
    }
}

fn in_flight_max(queue: Queue) -> usize {
    match queue {
        Queue::Merchants => IN_FLIGHT_MAX,
        Queue::Letters => LETTERS_IN_FLIGHT_MAX,
        Queue::Partings => PARTINGS_IN_FLIGHT_MAX,
    }
}

fn waiting_max(queue: Queue) -> usize {
    match queue {
        Queue::Merchants => WAITING_MAX,
        Queue::Letters => LETTERS_WAITING_MAX,
        Queue::Partings => PARTINGS_WAITING_MAX,
    }
}

const NEVER_SENT: &str =
    "not sent: for days the target took other messages too slowly for this one to have its turn";

fn log_failure(failure: &Failure, what: &'static str) {
    let source = std::error::Error::source(failure);
    tracing::warn!(%failure, ?source, "{what}");
}
