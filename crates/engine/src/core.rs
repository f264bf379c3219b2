//! The engine's heart: one thread that gathers commands, decides them on a snapshot, and commits.

use std::sync::Arc;
use std::thread::JoinHandle;

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::object::{OrderId, PaymentId};
use ids::voucher::Serial;
use parking_lot::Mutex;
use payment::payment::Payment;
use store::port::Store;
use tokio::sync::{mpsc, oneshot};
use vault::vault::Vault;
use voucher::order::Order;
use voucher::voucher::Voucher;

use crate::clock::Clock;
use crate::command::Envelope;
use crate::error::CommandError;
use crate::limits::QUEUE_LENGTH_MAX;

mod batch;

/// What became of a command that the rules allow.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It became this entry, which is durable; the subject is as the entry left it.
    Applied { entry: Arc<Entry>, subject: Subject },
    /// Its idempotency key says that it became this entry before.
    Replayed { entry: Sequence },
}

/// The thing that a command was about.
#[derive(Clone, Debug)]
pub enum Subject {
    None,
    Payment(Arc<Payment>),
    Order(Box<Order>),
    Voucher(Box<Voucher>),
}

/// The name of a subject.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SubjectId {
    None,
    Payment(PaymentId),
    Order(OrderId),
    Voucher(Serial),
}

pub(crate) struct Job {
    envelope: Envelope,
    reply: oneshot::Sender<Result<Outcome, CommandError>>,
}

/// The running engine. Services share it; dropping the last handle stops the thread after the waiting commands.
pub struct Engine {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    sender: mpsc::WeakSender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    vault: Arc<Vault>,
}

/// Ends the process when the engine's thread panics: without it nothing can be served, and what a bug has done to its
/// memory is not known. The next start goes on from the journal.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}

impl Engine {
    /// Starts the engine's thread over a store.
    pub fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        vault: Arc<Vault>,
    ) -> std::io::Result<Arc<Engine>> {
        let (queue, jobs) = mpsc::channel(QUEUE_LENGTH_MAX);
        let worker = batch::Worker::new(Arc::clone(&store), Arc::clone(&clock), jobs);
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || {
                let _guard = AbortOnPanic;
                worker.run();
            })?;
        Ok(Arc::new(Engine {
            sender: queue.downgrade(),
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
            store,
            clock,
            vault,
        }))
    }

    /// Carries a command out. The answer comes after the commit; what an error says of it, [`CommandError::effect`] tells.
    ///
    /// A caller that goes away does not stop its command.
    pub async fn execute(&self, envelope: Envelope) -> Result<Outcome, CommandError> {
        let (reply, answer) = oneshot::channel();
        let queue = self.sender.upgrade().ok_or(CommandError::Stopped)?;
        queue
            .try_send(Job { envelope, reply })
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => CommandError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => CommandError::Stopped,
            })?;
        drop(queue);
        answer.await.map_err(|_| CommandError::Stopped)?
    }

    /// Takes no more commands, carries out those that wait, and returns when the last one is durable.
    pub fn stop(&self) {
        drop(self.queue.lock().take());
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the engine's thread ended in a panic");
        }
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}
