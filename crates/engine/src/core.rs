//! The engine's heart: one worker that gathers commands, decides them on a snapshot, and commits.

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
use crate::figures::{CommandOutcome, Figures};
use crate::judge::Judge;
use crate::limits::{GATHER_TIME, QUEUE_LENGTH_MAX};

use batch::Ports;
pub use batch::Worker;
pub use committed::Committed;

mod batch;
mod committed;

/// What became of a command that the rules allow.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It became this entry, which is durable; the subject is as the entry left it, and `committed` is all that was committed
    /// with it.
    Applied {
        entry: Arc<Entry>,
        subject: Subject,
        committed: Arc<Committed>,
    },
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

/// The engine as everybody else sees it: a queue before its worker, which decides and commits.
///
/// Services share it; dropping the last handle ends the worker after the waiting commands.
pub struct Engine {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    sender: mpsc::WeakSender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
    figures: Arc<Figures>,
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
    /// Starts the engine over a store, its worker on a thread of its own.
    pub fn start(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        vault: Arc<Vault>,
        judge: Arc<dyn Judge>,
    ) -> std::io::Result<Arc<Engine>> {
        let (engine, worker) = Engine::with_worker(store, clock, vault, judge);
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || {
                let _guard = AbortOnPanic;
                run_here(worker);
            })?;
        *engine.thread.lock() = Some(thread);
        Ok(Arc::new(engine))
    }

    /// An engine, and its worker for whoever runs it: until [`Worker::work`] is polled, commands wait.
    pub fn with_worker(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        vault: Arc<Vault>,
        judge: Arc<dyn Judge>,
    ) -> (Engine, Worker) {
        let (queue, jobs) = mpsc::channel(QUEUE_LENGTH_MAX);
        let figures = Arc::<Figures>::default();
        let ports = Ports {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            vault: Arc::clone(&vault),
            judge,
        };
        let worker = Worker::new(ports, jobs, Arc::clone(&figures));
        let engine = Engine {
            sender: queue.downgrade(),
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(None),
            figures,
            store,
            clock,
            vault,
        };
        (engine, worker)
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
                mpsc::error::TrySendError::Full(job) => {
                    let name = job.envelope.command.name();
                    self.figures
                        .commands
                        .add((name, CommandOutcome::Overloaded));
                    CommandError::Overloaded
                }
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

    /// How many commands wait for a batch.
    pub fn waiting(&self) -> usize {
        let queue = self.sender.upgrade();
        queue.map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    pub fn figures(&self) -> &Arc<Figures> {
        &self.figures
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

/// Works on this thread until no sender is left.
fn run_here(worker: Worker) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    // The thread itself sleeps while a batch gathers: timers of the runtime are ten times as coarse.
    let gather = async || std::thread::sleep(GATHER_TIME);
    match runtime {
        Ok(runtime) => runtime.block_on(worker.work(gather)),
        Err(error) => tracing::error!(%error, "the engine cannot start"),
    }
}
