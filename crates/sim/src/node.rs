//! One process of a node: the engine, the timers and the watch, on a machine of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use engine::clock::Clock;
use engine::core::Engine;
use engine::erasing::Eraser;
use engine::lease::Node;
use engine::log::Ports;
use engine::timers;
use futures_util::FutureExt;
use ids::time::{Span, Timestamp};
use store::lease::{Holder, LeaseName};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vault::random::RandomSource;
use vault::vault::Vault;

use crate::life::Life;
use crate::network::{Link, Network};
use crate::oracle::Desk;
use crate::schedule::Schedule;
use crate::suspicion::Suspicion;

/// A node's machine: what stays when its process crashes.
pub struct Machine {
    pub number: u64,
    /// By how much its clock is ahead.
    ahead_ms: AtomicI64,
}

/// A running process.
#[derive(Clone)]
pub struct Process {
    pub engine: Arc<Engine>,
    pub life: Arc<Life>,
    pub link: Arc<Link>,
    /// Of whom its leases are.
    pub holder: Node,
}

/// Random bytes from the seed.
pub struct SeededRandom(pub Schedule);

/// The clock of a process; whoever decides is seen to read it.
struct ProcessClock {
    machine: Arc<Machine>,
    link: Arc<Link>,
}

/// When every simulation begins.
pub const START: Timestamp = Timestamp(1_750_000_000_000);
/// For how long a batch gathers.
const GATHER_TIME: Duration = Duration::from_millis(1);

impl Machine {
    pub fn new(number: u64, ahead: Span) -> Machine {
        Machine {
            number,
            ahead_ms: AtomicI64::new(ahead.0),
        }
    }

    /// Sets the clock forwards, or back.
    pub fn jump(&self, by: Span) {
        self.ahead_ms.fetch_add(by.0, Ordering::Relaxed);
    }

    pub fn ahead(&self) -> Span {
        Span(self.ahead_ms.load(Ordering::Relaxed))
    }

    pub fn now(&self, schedule: &Schedule) -> Timestamp {
        let elapsed = i64::try_from(schedule.elapsed().as_millis()).unwrap_or(i64::MAX);
        START.plus(Span(elapsed)).plus(self.ahead())
    }

    /// Starts a process, as after a crash: with nothing but what the storage knows.
    pub fn start(self: &Arc<Self>, network: &Arc<Network>, vault: &Arc<Vault>) -> Process {
        let schedule = &network.schedule;
        let life = Arc::new(Life::default());
        let link = Arc::new(Link::new(
            Arc::clone(network),
            self.number,
            Arc::clone(&life),
            Arc::new(Desk::default()),
        ));
        let clock = Arc::new(ProcessClock {
            machine: Arc::clone(self),
            link: Arc::clone(&link),
        });
        let (engine, worker) =
            Engine::with_worker(link.clone(), clock, Arc::clone(vault), Arc::new(Suspicion));
        let gather = async || sleep(GATHER_TIME).await;
        let worker = schedule.spawn(life.alive(worker.work(gather)).map(drop));
        link.decides(worker);
        let mut holder = [0; 16];
        schedule.fill(&mut holder);
        let process = Process {
            engine: Arc::new(engine),
            holder: Node {
                held: Arc::default(),
                leases: link.clone(),
                holder: Holder(holder),
                stop: CancellationToken::new(),
            },
            life,
            link,
        };
        let (engine, eraser) = (Arc::clone(&process.engine), process.eraser(vault));
        process.while_held(LeaseName::Timers, move |stop| {
            timers::run(Arc::clone(&engine), eraser.clone(), stop)
        });
        process
    }
}

impl Process {
    fn eraser(&self, vault: &Arc<Vault>) -> Eraser {
        let ports = Ports {
            store: self.link.clone(),
            seeds: self.link.clone(),
            log: self.link.clone(),
            vault: Arc::clone(vault),
        };
        Eraser::new(Arc::clone(&self.engine), ports)
    }

    /// Does some work whenever the process has the lease for it.
    pub fn while_held<W: Future<Output = ()> + Send + 'static>(
        &self,
        name: LeaseName,
        mut start: impl FnMut(CancellationToken) -> W + Send + 'static,
    ) {
        let (network, holder) = (Arc::clone(&self.link.network), self.holder.holder);
        let alone = move |stop: CancellationToken| {
            let work = start(stop.clone());
            Arc::clone(&network).alone(name, holder, stop, work)
        };
        let work = self.holder.clone().work_while_held(name, alone);
        let schedule = &self.link.network.schedule;
        schedule.spawn(self.life.alive(work).map(drop));
    }
}

impl Clock for ProcessClock {
    fn now(&self) -> Timestamp {
        let schedule = &self.link.network.schedule;
        let now = self.machine.now(schedule);
        if self.link.is_deciding() {
            self.link.desk.clock_read(now);
        }
        now
    }
}

impl RandomSource for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn fill_seeds(&self, bytes: &mut [u8]) {
        self.0.fill_apart(bytes);
    }
}
