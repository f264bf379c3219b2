//! Who goes on when: one thread, and a seed that decides among everything that could.
//!
//! Tasks run inside a runtime whose clock stands still until nobody can go on (`start_paused`): then it jumps to the next
//! moment for which somebody waits. Of the tasks that could go on at one moment the seed picks each next one. Nothing
//! else decides: no thread, no hash order, no machine clock.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Shared by everything that takes part in one simulation.
#[derive(Clone)]
pub struct Schedule(Arc<Shared>);

/// A task by its place in the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskId(usize);

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Shared {
    chance: Mutex<StdRng>,
    /// For what decides nothing.
    apart: Mutex<StdRng>,
    queue: Arc<Mutex<Queue>>,
    /// Tasks by their ids; empty where one runs or has ended.
    tasks: Mutex<Vec<Option<Task>>>,
    trace: Mutex<Trace>,
    begun: Instant,
}

/// What could go on.
#[derive(Default)]
struct Queue {
    ready: Vec<usize>,
    is_ready: Vec<bool>,
    running: usize,
    outside: Option<Waker>,
}

/// Everything that happened, as a hash, and in words for whoever wants to read it.
struct Trace {
    hash: u64,
    counts: BTreeMap<&'static str, u64>,
    detail: Detail,
}

/// How much of a simulation is told while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Silent,
    /// Every event is printed.
    Told,
}

/// What a simulation was, in a form that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    pub hash: u64,
    pub events: u64,
}

struct TaskWaker {
    task: usize,
    queue: Arc<Mutex<Queue>>,
}

impl Schedule {
    /// Must be made inside the runtime whose clock stands still.
    pub fn new(seed: u64, detail: Detail) -> Schedule {
        Schedule(Arc::new(Shared {
            chance: Mutex::new(StdRng::seed_from_u64(seed)),
            apart: Mutex::new(StdRng::seed_from_u64(!seed)),
            queue: Arc::default(),
            tasks: Mutex::default(),
            trace: Mutex::new(Trace {
                hash: FNV_OFFSET,
                counts: BTreeMap::new(),
                detail,
            }),
            begun: Instant::now(),
        }))
    }

    /// Adds a task, which begins as soon as the seed picks it.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> TaskId {
        let mut tasks = self.0.tasks.lock();
        let id = tasks.len();
        tasks.push(Some(Box::pin(task)));
        drop(tasks);
        self.0.queue.lock().is_ready.push(false);
        wake(&self.0.queue, id);
        TaskId(id)
    }

    /// Adds a task for whose end somebody waits.
    pub fn spawn_joined(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (ended, end) = oneshot::channel();
        self.spawn(async move {
            task.await;
            // Nobody has to wait.
            let _ = ended.send(());
        });
        Box::pin(async move { end.await.expect("a task ends before it is forgotten") })
    }

    /// Runs everything until `main` has ended, and forgets the rest.
    pub async fn run(&self, main: impl Future<Output = ()> + Send + 'static) {
        let main = self.spawn(main);
        // Without the runtime's budget: it would end a turn in the middle, by a count that is none of the simulation's.
        tokio::task::unconstrained(poll_fn(|context| self.turn(context, main))).await;
        let left = std::mem::take(&mut *self.0.tasks.lock());
        drop(left);
    }

    /// The task that runs now.
    pub fn current(&self) -> TaskId {
        TaskId(self.0.queue.lock().running)
    }

    /// Notes an event.
    pub fn note(&self, what: &'static str, of: u64, number: u64) {
        let at = self.elapsed();
        let mut trace = self.0.trace.lock();
        *trace.counts.entry(what).or_default() += 1;
        trace.add(what.as_bytes());
        [at.as_millis() as u64, of, number]
            .iter()
            .for_each(|word| trace.add(&word.to_le_bytes()));
        if trace.detail == Detail::Told {
            println!("{:>9.3} s  {of:>2}  {what} {number}", at.as_secs_f64());
        }
    }

    /// Tells something that is no event: what stands in it, the events before have settled.
    pub fn tell(&self, what: impl FnOnce() -> String) {
        if self.0.trace.lock().detail == Detail::Told {
            println!("{:>9.3} s      {}", self.elapsed().as_secs_f64(), what());
        }
    }

    pub fn fingerprint(&self) -> Fingerprint {
        let trace = self.0.trace.lock();
        Fingerprint {
            hash: trace.hash,
            events: trace.counts.values().sum(),
        }
    }

    /// How often each event was noted.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.0.trace.lock().counts.clone()
    }

    /// How long the simulation has run, by its own clock.
    pub fn elapsed(&self) -> Duration {
        self.0.begun.elapsed()
    }

    /// A number of the range, from the seed.
    pub fn below(&self, end: u64) -> u64 {
        self.0.chance.lock().random_range(0..end.max(1))
    }

    /// Whether something happens that does so in `count` of 1000 cases.
    pub fn happens(&self, per_mille: u32) -> bool {
        0 < per_mille
            && self
                .0
                .chance
                .lock()
                .random_ratio(per_mille.min(1_000), 1_000)
    }

    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.chance.lock().fill(bytes);
    }

    /// Random bytes that decide nothing: however many are drawn, everything else goes as it would have.
    pub fn fill_apart(&self, bytes: &mut [u8]) {
        self.0.apart.lock().fill(bytes);
    }

    /// Lets everybody go on who can, one after the other.
    fn turn(&self, context: &mut Context<'_>, main: TaskId) -> Poll<()> {
        while let Some(id) = self.pick() {
            let Some(mut task) = self.0.tasks.lock()[id].take() else {
                continue;
            };
            let waker = Waker::from(Arc::new(TaskWaker {
                task: id,
                queue: Arc::clone(&self.0.queue),
            }));
            let polled = task.as_mut().poll(&mut Context::from_waker(&waker));
            match polled {
                Poll::Ready(()) if id == main.0 => return Poll::Ready(()),
                Poll::Ready(()) => {}
                Poll::Pending => self.0.tasks.lock()[id] = Some(task),
            }
        }
        self.0.queue.lock().outside = Some(context.waker().clone());
        Poll::Pending
    }

    fn pick(&self) -> Option<usize> {
        let mut queue = self.0.queue.lock();
        let place = match queue.ready.len() {
            0 => return None,
            1 => 0,
            several => self.0.chance.lock().random_range(0..several),
        };
        let id = queue.ready.swap_remove(place);
        queue.is_ready[id] = false;
        queue.running = id;
        drop(queue);
        self.0.trace.lock().add(&(id as u64).to_le_bytes());
        Some(id)
    }
}

fn wake(queue: &Mutex<Queue>, task: usize) {
    let mut queue = queue.lock();
    if !queue.is_ready[task] {
        queue.is_ready[task] = true;
        queue.ready.push(task);
    }
    let outside = queue.outside.take();
    drop(queue);
    if let Some(outside) = outside {
        outside.wake();
    }
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        wake(&self.queue, self.task);
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

impl Trace {
    /// FNV-1a, a word at a time where there are words: it has to tell runs apart, not to withstand anybody.
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
        }
    }
}
