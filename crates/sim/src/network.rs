//! The way between nodes and their one storage, on which everything is lost, late or doubled.
//!
//! Each call of a port becomes a request that reaches the storage and an answer that reaches the node, or not. Requests
//! that write travel alone: they arrive although their sender has crashed or has given them up. A batch has an id, by
//! which a lost answer is looked up and a doubled request is known, as with PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use ids::command::Sequence;
use parking_lot::Mutex;
use store::failure::Failure;
use store::lease::{Holder, LeaseName};
use store::port::{Batch, CommitError, Store};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::life::Life;
use crate::memory::MemoryStore;
use crate::oracle::{Desk, Oracle};
use crate::schedule::{Schedule, TaskId};

mod log_ports;
mod ports;

/// The storage and every way to it.
pub struct Network {
    pub schedule: Schedule,
    pub store: Arc<MemoryStore>,
    pub oracle: Arc<Oracle>,
    weather: Mutex<Weather>,
    /// Nodes that reach nothing.
    cut: Mutex<BTreeSet<u64>>,
    batches: Mutex<BTreeMap<u64, Fate>>,
    batch_count: Mutex<u64>,
    /// Who was last given each lease.
    holders: Mutex<BTreeMap<LeaseName, Holder>>,
    /// Every checkpoint of a transparency log that was ever sent to be shown.
    checkpoints: Mutex<BTreeSet<Vec<u8>>>,
}

/// How often what goes wrong, in a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub lost_requests: u32,
    pub lost_answers: u32,
    pub doubled_requests: u32,
    /// Seconds instead of milliseconds.
    pub late: u32,
    /// Commits that are told of a faster writer where there is none.
    pub conflicts: u32,
    /// Commits for which there is no room.
    pub refusals: u32,
    /// Steps between which the node crashes.
    pub crashes: u32,
    pub distance: Distance,
}

/// How long what arrives is on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Distance {
    /// No time at all.
    #[default]
    None,
    /// Mostly milliseconds.
    Some,
}

/// What became of a batch, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    PlacedBehind(Sequence),
    Conflict,
    Full,
    /// It was given up before it arrived.
    GivenUp,
}

/// One process's way to the storage.
pub struct Link {
    pub network: Arc<Network>,
    pub node: u64,
    pub life: Arc<Life>,
    pub desk: Arc<Desk>,
    /// The task that decides; its loads are what is decided on.
    worker: OnceLock<TaskId>,
}

/// How long a node waits for an answer before it takes it for lost.
const PATIENCE: Duration = Duration::from_millis(400);
/// How long a node tries to find out what became of a batch.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(3);
/// The pause before a question is asked again.
const PAUSE: Duration = Duration::from_millis(50);
const PLACE: &str = "the simulated storage";

#[derive(Debug, thiserror::Error)]
#[error("no answer came")]
struct NoAnswer;

impl Network {
    pub fn new(schedule: Schedule, store: Arc<MemoryStore>, oracle: Arc<Oracle>) -> Network {
        Network {
            schedule,
            store,
            oracle,
            weather: Mutex::default(),
            cut: Mutex::default(),
            batches: Mutex::default(),
            batch_count: Mutex::default(),
            holders: Mutex::default(),
            checkpoints: Mutex::default(),
        }
    }

    pub fn set_weather(&self, weather: Weather) {
        *self.weather.lock() = weather;
    }

    pub fn cut(&self, node: u64) {
        self.cut.lock().insert(node);
    }

    pub fn mend(&self, node: u64) {
        self.cut.lock().remove(&node);
    }

    fn weather(&self) -> Weather {
        *self.weather.lock()
    }

    fn fresh_id(&self) -> u64 {
        let mut count = self.batch_count.lock();
        *count += 1;
        *count
    }

    /// How often a client's request reaches its node: 0, 1 or 2 times.
    pub fn copies_of_call(&self) -> u32 {
        let weather = self.weather();
        if self.schedule.happens(weather.lost_requests) {
            0
        } else {
            1 + u32::from(self.schedule.happens(weather.doubled_requests))
        }
    }

    /// Whether the answer to a client is lost.
    pub fn loses_answer_to_client(&self) -> bool {
        self.schedule.happens(self.weather().lost_answers)
    }

    /// How long something is under way.
    pub fn delay(&self) -> Duration {
        let weather = self.weather();
        if weather.distance == Distance::None {
            return Duration::ZERO;
        }
        if self.schedule.happens(weather.late) {
            return Duration::from_millis(400 + self.schedule.below(8_000));
        }
        let ms = match self.schedule.below(100) {
            0..55 => 0,
            55..94 => 1 + self.schedule.below(12),
            _ => 20 + self.schedule.below(200),
        };
        Duration::from_millis(ms)
    }

    /// Lets the delay pass, if there is any.
    pub async fn travel(&self) {
        let delay = self.delay();
        if !delay.is_zero() {
            sleep(delay).await;
        }
    }

    /// Does the work, which must stand still from the moment in which somebody else has its lease.
    ///
    /// # Panics
    ///
    /// If it goes on without being told to stop.
    pub async fn alone(
        self: Arc<Self>,
        name: LeaseName,
        holder: Holder,
        stop: CancellationToken,
        work: impl Future<Output = ()>,
    ) {
        let mut work = pin!(work);
        let step = poll_fn(|context| {
            let is_held = self.holders.lock().get(&name) == Some(&holder);
            assert!(
                is_held || stop.is_cancelled(),
                "two nodes do the work of {name:?}"
            );
            work.as_mut().poll(context)
        });
        step.await;
    }

    /// Every checkpoint that a node has signed and sent, whether or not it was shown: somebody may have seen it.
    pub fn checkpoints(&self) -> Vec<Vec<u8>> {
        self.checkpoints.lock().iter().cloned().collect()
    }

    fn note_checkpoint(&self, checkpoint: &[u8]) {
        self.checkpoints.lock().insert(checkpoint.to_vec());
    }

    fn note_holder(&self, name: LeaseName, holder: Holder) {
        self.holders.lock().insert(name, holder);
    }

    fn loses(&self, node: u64, per_mille: u32) -> bool {
        self.cut.lock().contains(&node) || self.schedule.happens(per_mille)
    }

    /// The batch arrives. Whatever it is told once, it is told each time.
    fn place(&self, node: u64, id: u64, batch: &Batch) -> Fate {
        if let Some(fate) = self.batches.lock().get(&id) {
            self.schedule.note("batch again", node, id);
            return *fate;
        }
        let weather = self.weather();
        let fate = if self.schedule.happens(weather.refusals) {
            Fate::Full
        } else if self.schedule.happens(weather.conflicts) {
            Fate::Conflict
        } else {
            self.write(batch)
        };
        let what = match fate {
            Fate::PlacedBehind(_) => "batch placed",
            Fate::Conflict => "batch in conflict",
            Fate::Full => "batch without room",
            Fate::GivenUp => "batch given up",
        };
        self.schedule.note(what, node, id);
        self.batches.lock().insert(id, fate);
        fate
    }

    fn write(&self, batch: &Batch) -> Fate {
        let head = now(self.store.head()).expect("memory can be read");
        match now(self.store.commit(batch.clone())) {
            Ok(_) => {
                let entries = now(self.store.entries_after(head, batch.entries.len()));
                self.oracle
                    .committed(&entries.expect("memory can be read"), &self.schedule);
                Fate::PlacedBehind(head)
            }
            Err(CommitError::Conflict) => Fate::Conflict,
            Err(CommitError::Failure(failure)) => panic!("memory failed: {failure}"),
        }
    }

    /// Where the batch stands; if it has not arrived, it never will.
    fn give_up(&self, node: u64, id: u64) -> Fate {
        let fate = *self.batches.lock().entry(id).or_insert(Fate::GivenUp);
        self.schedule.note("batch looked up", node, id);
        fate
    }
}

impl Link {
    pub fn new(network: Arc<Network>, node: u64, life: Arc<Life>, desk: Arc<Desk>) -> Link {
        Link {
            network,
            node,
            life,
            desk,
            worker: OnceLock::new(),
        }
    }

    /// Says which task decides.
    pub fn decides(&self, worker: TaskId) {
        self.worker.set(worker).expect("a process has one worker");
    }

    /// Whether the task that runs now is the one that decides.
    pub fn is_deciding(&self) -> bool {
        self.worker.get() == Some(&self.network.schedule.current())
    }

    /// One question that changes nothing.
    async fn ask<T>(
        &self,
        what: &'static str,
        question: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let network = &self.network;
        self.step().await;
        if network.loses(self.node, network.weather().lost_requests) {
            sleep(PATIENCE).await;
            return Err(no_answer());
        }
        network.travel().await;
        let answer = question.await;
        network.schedule.note(what, self.node, 0);
        if network.loses(self.node, network.weather().lost_answers) {
            sleep(PATIENCE).await;
            return Err(no_answer());
        }
        network.travel().await;
        self.step().await;
        answer
    }

    /// One request that writes; none if no answer came in time. It may arrive later still, and twice.
    async fn send<T: Send + 'static>(
        &self,
        what: &'static str,
        write: impl Fn(Arc<Network>) -> Pin<Box<dyn Future<Output = T> + Send>> + Send + Sync + 'static,
    ) -> Option<T> {
        self.step().await;
        let network = &self.network;
        let weather = network.weather();
        let (answers, mut answer) = mpsc::unbounded_channel();
        let write = Arc::new(write);
        let copies = if network.loses(self.node, weather.lost_requests) {
            0
        } else {
            1 + u32::from(network.schedule.happens(weather.doubled_requests))
        };
        for _ in 0..copies {
            let (answers, write) = (answers.clone(), Arc::clone(&write));
            let (network, node) = (Arc::clone(network), self.node);
            network.schedule.clone().spawn(async move {
                network.travel().await;
                let result = write(Arc::clone(&network)).await;
                network.schedule.note(what, node, 0);
                if !network.loses(node, network.weather().lost_answers) {
                    network.travel().await;
                    // Whoever asked may have gone.
                    let _ = answers.send(result);
                }
            });
        }
        drop(answers);
        let answered = timeout(PATIENCE, async {
            match answer.recv().await {
                Some(result) => result,
                None => pending().await,
            }
        });
        let answered = answered.await.ok();
        self.step().await;
        answered
    }

    /// Sends a batch until it is known what became of it.
    async fn place(&self, batch: Batch) -> Result<Sequence, CommitError> {
        let batch = Arc::new(batch);
        let begun = Instant::now();
        loop {
            let id = self.network.fresh_id();
            let (node, own) = (self.node, Arc::clone(&batch));
            let answer = self.send("commit", move |network| {
                let fate = network.place(node, id, &own);
                Box::pin(async move { fate })
            });
            let fate = match answer.await {
                Some(fate) => fate,
                None => self.look_up(id, begun).await?,
            };
            match fate {
                Fate::PlacedBehind(head) => return Ok(head),
                Fate::Conflict => return Err(CommitError::Conflict),
                Fate::Full => {
                    let place = PLACE.to_owned();
                    return Err(Failure::Full { place }.into());
                }
                Fate::GivenUp if PATIENCE_IN_ALL < begun.elapsed() => {
                    return Err(no_answer().into());
                }
                Fate::GivenUp => sleep(PAUSE).await,
            }
        }
    }

    async fn look_up(&self, id: u64, begun: Instant) -> Result<Fate, Failure> {
        loop {
            let question = async { Ok(self.network.give_up(self.node, id)) };
            match self.ask("look up", question).await {
                Ok(fate) => return Ok(fate),
                Err(_) if begun.elapsed() < PATIENCE_IN_ALL => sleep(PAUSE).await,
                // The batch may arrive even now.
                Err(_) => {
                    return Err(Failure::Io {
                        place: PLACE.to_owned(),
                        source: Box::new(NoAnswer),
                    });
                }
            }
        }
    }

    /// Between two steps a process may crash.
    async fn step(&self) {
        if self
            .network
            .schedule
            .happens(self.network.weather().crashes)
        {
            self.network
                .schedule
                .note("crash between two steps", self.node, 0);
            self.life.crash();
            pending::<()>().await;
        }
    }
}

fn no_answer() -> Failure {
    Failure::Unavailable {
        place: PLACE.to_owned(),
        source: Box::new(NoAnswer),
    }
}

/// Memory answers at once.
fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("memory answers at once")
}
