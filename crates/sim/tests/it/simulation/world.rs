//! Machines, clients, and what they have in common.

use std::sync::Arc;
use std::time::Duration;

use api::webhook::reader::Reader;
use engine::command::{Command, Envelope};
use ids::time::{Span, Timestamp};
use parking_lot::Mutex;
use payment::duplicate::DuplicateResponse;
use payment::merchant::Webhook;
use sim::memory::MemoryStore;
use sim::network::{Network, Weather};
use sim::node::{Machine, Process, SeededRandom};
use sim::oracle::Oracle;
use sim::schedule::{Detail, Schedule};
use sim::workload::{Workload, cast};
use store::lease::LeaseName;
use tokio::time::sleep;
use vault::vault::Vault;

use crate::simulation::messages::Undisturbed;
use crate::simulation::{Tally, clients, trouble};

#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    network: Arc<Network>,
    vault: Arc<Vault>,
    machines: Vec<Arc<Machine>>,
    /// What runs on each machine.
    processes: Mutex<Vec<Option<Process>>>,
    workload: Mutex<Workload>,
    undisturbed: tokio::sync::Mutex<Undisturbed>,
    tally: Mutex<Tally>,
}

/// Machines at most.
const MACHINES_MAX: u64 = 3;
/// How often the reader of messages looks.
const READER_POLL: Duration = Duration::from_millis(100);
/// How long things may take to settle when nothing goes wrong any more: a lease to end, a process to start, and the work.
const SETTLE_MAX: Duration = Duration::from_secs(40);
const SETTLE_STEP: Duration = Duration::from_millis(500);
/// How much time passes at the end: payments, then checked refunds, then vouchers fall due.
const ENDINGS: [Span; 3] = [
    Span::MINUTE.times(31),
    Span::HOUR.times(25),
    Span::DAY.times(14),
];

impl World {
    pub fn new(seed: u64, detail: Detail) -> World {
        let schedule = Schedule::new(seed, detail);
        let store = Arc::new(MemoryStore::default());
        let oracle = Arc::new(Oracle::default());
        let undisturbed = Undisturbed::over(Arc::clone(&store));
        let network = Arc::new(Network::new(schedule.clone(), store, oracle));
        let count = 1 + schedule.below(MACHINES_MAX);
        let machines = (0..count).map(|number| {
            let ahead = Span(schedule.below(1_500) as i64);
            Arc::new(Machine::new(number, ahead))
        });
        let machines: Vec<Arc<Machine>> = machines.collect();
        let vault = Vault::in_memory([7; 32]).drawing_from(SeededRandom(schedule.clone()));
        World(Arc::new(Inner {
            network,
            vault: Arc::new(vault),
            processes: Mutex::new(vec![None; machines.len()]),
            machines,
            workload: Mutex::new(Workload::new(seed)),
            undisturbed: tokio::sync::Mutex::new(undisturbed),
            tally: Mutex::default(),
        }))
    }

    /// From the founding to the last account.
    pub async fn live(&self) {
        for machine in self.machines() {
            self.schedule()
                .spawn(self.clone().keep_running(Arc::clone(machine)));
        }
        self.found().await;
        self.network()
            .set_weather(trouble::weather(self.schedule()));
        let trouble = self.schedule().spawn_joined(trouble::make(self.clone()));
        clients::serve(self).await;
        trouble.await;
        self.calm_down();
        self.settle().await;
        self.network().oracle.audit(&self.network().store);
        self.0.undisturbed.lock().await.audit(self).await;
    }

    pub fn schedule(&self) -> &Schedule {
        &self.0.network.schedule
    }

    pub fn network(&self) -> &Arc<Network> {
        &self.0.network
    }

    pub fn machines(&self) -> &[Arc<Machine>] {
        &self.0.machines
    }

    /// What runs on a machine; none while it is down.
    pub fn process(&self, machine: usize) -> Option<Process> {
        self.0.processes.lock()[machine].clone()
    }

    pub fn any_machine(&self) -> usize {
        self.schedule().below(self.machines().len() as u64) as usize
    }

    /// The time of whoever is ahead of all others.
    pub fn now(&self) -> Timestamp {
        let clocks = self.machines().iter();
        let clocks = clocks.map(|machine| machine.now(self.schedule()));
        clocks.max().expect("there is a machine")
    }

    /// Counts an answer or an event.
    pub fn saw(&self, what: String) {
        *self.0.tally.lock().entry(what).or_default() += 1;
    }

    pub fn count(&self, tally: &mut Tally) {
        for (what, count) in self.0.tally.lock().iter() {
            *tally.entry(what.clone()).or_default() += count;
        }
        for (what, count) in self.schedule().counts() {
            *tally.entry(what.to_owned()).or_default() += count;
        }
    }

    /// A command that somebody may want now.
    pub fn next_command(&self) -> Envelope {
        let model = self.network().oracle.model();
        let now = self.now().0;
        self.0.workload.lock().next_for_nodes(&model, now)
    }

    /// Starts a process whenever none runs.
    async fn keep_running(self, machine: Arc<Machine>) {
        let place = machine.number as usize;
        loop {
            let process = machine.start(self.network(), &self.0.vault);
            self.read_messages(&process);
            self.schedule().note("start", machine.number, 0);
            self.0.processes.lock()[place] = Some(process.clone());
            process.life.alive(std::future::pending::<()>()).await;
            self.0.processes.lock()[place] = None;
            drop(process);
            sleep(Duration::from_millis(self.schedule().below(4_000))).await;
        }
    }

    fn read_messages(&self, process: &Process) {
        let link = Arc::clone(&process.link);
        process.while_held(LeaseName::MessageReader, move |stop| {
            Reader::new(link.clone(), link.clone(), None).run(READER_POLL, stop)
        });
    }

    /// Agrees on terms, and issues the first vouchers.
    async fn found(&self) {
        let model = self.network().oracle.model();
        let opening = self.0.workload.lock().opening(&model, self.now().0);
        let mut commands = cast::founding();
        commands.iter_mut().for_each(|envelope| self.vary(envelope));
        commands.extend(opening);
        for envelope in commands {
            clients::until_answered(self, &envelope, 0).await;
        }
    }

    /// Gives a founding command a key of its own, and merchants terms by chance.
    fn vary(&self, envelope: &mut Envelope) {
        let number = self.schedule().below(u64::MAX);
        envelope.idempotency = Some(clients::key_of(number));
        let responses = [
            DuplicateResponse::Off,
            DuplicateResponse::Flag,
            DuplicateResponse::Return,
            DuplicateResponse::Return,
        ];
        if let Command::SaveMerchant(merchant) = &mut envelope.command {
            merchant.duplicates.response = responses[self.schedule().below(4) as usize];
            merchant.duplicates.window = Span::HOUR.times(1 + self.schedule().below(24) as i64);
            merchant.webhook = self.schedule().happens(700).then(|| Webhook {
                url: "https://shop.example/hook".to_owned(),
                sealed_secret: [].into(),
            });
        }
    }

    /// From now on nothing goes wrong.
    fn calm_down(&self) {
        self.network().set_weather(Weather::default());
        let ahead = self.machines().iter().map(|machine| machine.ahead());
        let ahead = ahead.max().expect("there is a machine");
        for machine in self.machines() {
            self.network().mend(machine.number);
            machine.jump(Span(ahead.0 - machine.ahead().0));
            if let Some(process) = self.process(machine.number as usize) {
                process.life.resume();
            }
        }
    }

    async fn are_merchants_told(&self) -> bool {
        let mut undisturbed = self.0.undisturbed.lock().await;
        undisturbed.is_caught_up_by(&self.network().store).await
    }

    /// Lets time pass until nothing is pending.
    async fn settle(&self) {
        for span in ENDINGS {
            self.machines()
                .iter()
                .for_each(|machine| machine.jump(span));
            let begun = self.schedule().elapsed();
            loop {
                sleep(SETTLE_STEP).await;
                let hanging = self.network().oracle.hanging(self.now());
                if hanging.is_empty() && self.are_merchants_told().await {
                    break;
                }
                let waited = self.schedule().elapsed() - begun;
                assert!(
                    waited < SETTLE_MAX,
                    "nobody ends what is pending: {hanging:?}"
                );
            }
        }
    }
}
