//! `--store postgres`: nodes over one server, against one transaction for each command, and against `pgbench`.
//!
//! What is compared takes turns, because the speed of a machine wanders. Each node is a process of its own with its own
//! engine, pool and clients; everything runs on the server's cores.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use engine::service::operator::PART_SIZE_MAX;
use indicatif::ProgressBar;
use scrip::platform::Platform;
use sim::cluster::Cluster;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::engine_load::Shops;
use crate::figures::Figures;
use crate::load::Shown;
use crate::postgres::node::{NodeLoad, NodeSetup};
use crate::postgres::nodes::Nodes;
use crate::postgres::observed::{Observed, Observer};
use crate::postgres::pgbench::Pgbench;
use crate::postgres::single::{Lengths, Order, Single, SingleLoad};
use crate::sample::{Pins, distributor, merchant};

pub mod node;
mod nodes;
mod observed;
mod pgbench;
mod single;

/// What the server is set to; everything else is as PostgreSQL ships it. Every commit waits for the disk.
const SETTINGS: &[&str] = &[
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "wal_compression=lz4",
    "shared_buffers=2GB",
    "wal_buffers=64MB",
    "max_wal_size=8GB",
    "checkpoint_timeout=15min",
    "max_connections=300",
];

/// How the measurements are made.
pub struct Plan {
    pub programs: PathBuf,
    pub vouchers: u64,
    pub merchants: u32,
    pub clients: Vec<usize>,
    /// Of each measurement, all turns together.
    pub duration: Duration,
    pub turns: u32,
    pub scale: u32,
    pub only: Vec<String>,
}

impl Plan {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }

    /// How long each turn warms up, and how long it measures.
    fn time(&self) -> (Duration, Duration) {
        let duration = self.duration / self.turns;
        (duration / 3, duration)
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Single(Order, Crowd),
    Nodes(usize, Crowd),
    Pgbench,
}

/// At how many merchants the clients pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Crowd {
    Hot,
    Many,
}

const SUBJECTS: &[Subject] = &[
    Subject::Single(Order::Gaps, Crowd::Many),
    Subject::Nodes(1, Crowd::Many),
    Subject::Nodes(2, Crowd::Many),
    Subject::Single(Order::Strict, Crowd::Many),
    Subject::Single(Order::Gaps, Crowd::Hot),
    Subject::Nodes(1, Crowd::Hot),
    Subject::Nodes(2, Crowd::Hot),
    Subject::Pgbench,
];
const NODES: usize = 2;
/// Numbers of connections that are tried for what is compared with.
const CONNECTIONS: &[usize] = &[4, 8, 16, 32, 64, 128];
/// How often each is tried, in turns, and how long at most.
const TRIALS: u32 = 3;
const TRIAL_MAX: Duration = Duration::from_secs(1);
/// Parts of vouchers that are issued at once.
const PARTS_AT_ONCE: usize = 4;

/// Everything that a measurement needs.
struct Stand {
    plan: Plan,
    nodes: Nodes,
    single: Arc<Single>,
    observer: Observer,
    /// The best numbers of connections of (a) and (b) with many clients.
    connections: (usize, usize),
    turn: u64,
}

pub async fn measure(plan: Plan, figures: &mut Figures) -> anyhow::Result<()> {
    let here = std::env::current_dir()?;
    let cluster = Cluster::start(&plan.programs, &here, SETTINGS);
    println!("server settings: {}", SETTINGS.join(" "));
    let keys = tempfile::tempdir_in(&here)?;
    let pgbench = Pgbench::prepare(&cluster, plan.scale).await?;
    let mut stand = Stand::prepare(plan, &cluster, keys.path(), figures).await?;
    stand.choose_connections(&pgbench, figures).await?;
    for clients in stand.plan.clients.clone() {
        stand.take_turns(&pgbench, clients, figures).await?;
    }
    stand.nodes.stop().await
}

impl Stand {
    async fn prepare(
        plan: Plan,
        cluster: &Cluster,
        keys: &Path,
        figures: &mut Figures,
    ) -> anyhow::Result<Stand> {
        let (url, single_url) = (cluster.database(), cluster.database());
        let data = keys.join("nodes");
        fill(&plan, &data, &url).await?;
        fill(&plan, &keys.join("single"), &single_url).await?;
        let observer = Observer::start(&url, &cluster.directory().join("data")).await?;
        let setup = NodeSetup {
            url: url.clone(),
            data,
            vouchers: plan.vouchers,
        };
        let mut nodes = Nodes::start(NODES, &setup).await?;
        let loads = loads(&plan, 2, 64, Crowd::Many, &mut 0);
        nodes.measure(&loads, &observer).await?;
        let lengths = lengths(&url).await?;
        figures.put("postgres.entry_length", lengths.entry as u64, "bytes");
        figures.put("postgres.payment_length", lengths.payment as u64, "bytes");
        figures.put("postgres.voucher_length", lengths.voucher as u64, "bytes");
        Ok(Stand {
            single: Single::prepare(&single_url, lengths).await?,
            plan,
            nodes,
            observer,
            connections: (1, 1),
            turn: 0,
        })
    }

    /// Tries out how many connections are best for what is compared with, with the most clients.
    async fn choose_connections(
        &mut self,
        pgbench: &Pgbench<'_>,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        if !self.plan.wants("single") && !self.plan.wants("pgbench") {
            return Ok(());
        }
        let clients = self.plan.clients.iter().copied().max().unwrap_or(1);
        let numbers: Vec<usize> = CONNECTIONS
            .iter()
            .copied()
            .filter(|number| *number <= clients)
            .collect();
        let mut shown: Vec<(Shown, Shown)> = Vec::new();
        shown.resize_with(numbers.len(), Default::default);
        let (warm_up, duration) = self.plan.time();
        for _ in 0..TRIALS {
            for (&connections, (single, tpcb)) in numbers.iter().zip(&mut shown) {
                let load = SingleLoad {
                    order: Order::Gaps,
                    clients,
                    connections,
                    merchants: self.plan.merchants,
                    time: (warm_up, duration.min(TRIAL_MAX)),
                };
                single.add(self.single.measure(load).await?);
                tpcb.add(
                    pgbench
                        .measure(connections, duration.min(TRIAL_MAX))
                        .await?,
                );
            }
        }
        let (mut single_best, mut pgbench_best) = (0.0, 0.0);
        for (&connections, (single, tpcb)) in numbers.iter().zip(&shown) {
            let name = |of: &str| format!("postgres.{of}.{connections}_connections.rate");
            figures.put(&name("single"), single.rate(), "commands/s");
            figures.put(&name("pgbench"), tpcb.rate(), "transactions/s");
            if single_best < single.rate() {
                (single_best, self.connections.0) = (single.rate(), connections);
            }
            if pgbench_best < tpcb.rate() {
                (pgbench_best, self.connections.1) = (tpcb.rate(), connections);
            }
        }
        Ok(())
    }

    async fn take_turns(
        &mut self,
        pgbench: &Pgbench<'_>,
        clients: usize,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        let wanted = |subject: &Subject| self.plan.wants(subject.part());
        let subjects: Vec<Subject> = SUBJECTS.iter().copied().filter(wanted).collect();
        let mut shown: Vec<(Shown, Observed)> = Vec::new();
        shown.resize_with(subjects.len(), Default::default);
        for _ in 0..self.plan.turns {
            for (subject, (sum, observed)) in subjects.iter().zip(&mut shown) {
                let (more, seen) = self.run(*subject, pgbench, clients).await?;
                sum.add(more);
                observed.add(seen);
            }
        }
        for (subject, (mut shown, observed)) in subjects.iter().zip(shown) {
            let name = format!("postgres.{}.{clients}_clients", subject.name());
            shown.put(&name, subject.unit(), figures);
            observed.put(&name, shown.rate(), figures);
        }
        self.compare(clients, figures);
        Ok(())
    }

    async fn run(
        &mut self,
        subject: Subject,
        pgbench: &Pgbench<'_>,
        clients: usize,
    ) -> anyhow::Result<(Shown, Observed)> {
        let time = self.plan.time();
        match subject {
            Subject::Single(order, crowd) => {
                let load = SingleLoad {
                    order,
                    clients,
                    connections: self.connections.0.min(clients),
                    merchants: crowd.merchants(&self.plan),
                    time,
                };
                let shown = self.single.measure(load);
                let seen = self.observer.during(time.0, time.1);
                tokio::try_join!(shown, seen)
            }
            Subject::Nodes(count, crowd) => {
                let loads = loads(&self.plan, count, clients, crowd, &mut self.turn);
                self.nodes.measure(&loads, &self.observer).await
            }
            Subject::Pgbench => {
                let connections = self.connections.1.min(clients);
                let shown = pgbench.measure(connections, time.1);
                let seen = self.observer.during(Duration::ZERO, time.1);
                tokio::try_join!(shown, seen)
            }
        }
    }

    fn compare(&self, clients: usize, figures: &mut Figures) {
        let rate = |subject: Subject| {
            figures.value(&format!(
                "postgres.{}.{clients}_clients.rate",
                subject.name()
            ))
        };
        let single = rate(Subject::Single(Order::Gaps, Crowd::Many));
        let two_many = rate(Subject::Nodes(2, Crowd::Many));
        let ratios: Vec<(&str, Option<f64>)> = vec![
            (
                "one_node_to_single",
                ratio(rate(Subject::Nodes(1, Crowd::Many)), single),
            ),
            ("two_nodes_to_single", ratio(two_many, single)),
            (
                "two_nodes_to_one",
                ratio(two_many, rate(Subject::Nodes(1, Crowd::Many))),
            ),
            (
                "hot_to_many",
                ratio(rate(Subject::Nodes(2, Crowd::Hot)), two_many),
            ),
        ];
        for (name, ratio) in ratios {
            if let Some(ratio) = ratio {
                figures.put(
                    &format!("postgres.{name}.{clients}_clients"),
                    ratio,
                    "ratio",
                );
            }
        }
    }
}

fn ratio(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    Some(part? / whole?)
}

/// A load for each node, with its share of the clients; each begins with vouchers of its own.
fn loads(plan: &Plan, count: usize, clients: usize, crowd: Crowd, turn: &mut u64) -> Vec<NodeLoad> {
    let mut loads = Vec::with_capacity(count);
    for _ in 0..count {
        *turn += 1;
        loads.push(NodeLoad {
            clients: clients.div_ceil(count),
            merchants: crowd.merchants(plan),
            // A step that no short run reaches, and that shares no factor with round numbers.
            first_voucher: *turn * (plan.vouchers / 7 + 1) % plan.vouchers,
            warm_up: plan.time().0,
            duration: plan.time().1,
        });
    }
    loads
}

impl Subject {
    fn name(self) -> String {
        match self {
            Subject::Single(Order::Gaps, crowd) => format!("single.{}", crowd.name()),
            Subject::Single(Order::Strict, crowd) => {
                format!("single_in_order.{}", crowd.name())
            }
            Subject::Nodes(count, crowd) => format!("{count}_nodes.{}", crowd.name()),
            Subject::Pgbench => "pgbench".to_owned(),
        }
    }

    /// The name by which the command line picks it.
    fn part(self) -> &'static str {
        match self {
            Subject::Single(..) => "single",
            Subject::Nodes(..) => "nodes",
            Subject::Pgbench => "pgbench",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Subject::Single(..) | Subject::Nodes(..) => "commands/s",
            Subject::Pgbench => "transactions/s",
        }
    }
}

impl Crowd {
    fn name(self) -> &'static str {
        match self {
            Crowd::Hot => "hot_merchant",
            Crowd::Many => "many_merchants",
        }
    }

    fn merchants(self, plan: &Plan) -> u32 {
        match self {
            Crowd::Hot => 1,
            Crowd::Many => plan.merchants,
        }
    }
}

/// Makes the merchants and issues the vouchers.
async fn fill(plan: &Plan, data: &Path, url: &str) -> anyhow::Result<()> {
    let platform = Arc::new(Platform::connect(data, url).await?);
    let operator = platform.operator();
    operator.save_distributor(distributor()).await?;
    let mut tasks = JoinSet::new();
    for place in 0..plan.merchants {
        let operator = platform.operator();
        let merchant = merchant(Shops::merchant(place)?);
        tasks.spawn(async move { operator.save_merchant(merchant).await });
    }
    while let Some(saved) = tasks.join_next().await {
        saved??;
    }
    let pins = Pins::new(plan.vouchers, 0)?;
    let bar = ProgressBar::new(plan.vouchers);
    let mut tasks = JoinSet::new();
    for part in 0..plan.vouchers.div_ceil(PART_SIZE_MAX as u64) {
        if PARTS_AT_ONCE <= tasks.len()
            && let Some(issued) = tasks.join_next().await
        {
            issued??;
        }
        let (operator, part) = (platform.operator(), pins.part(&platform, part));
        bar.inc(part.vouchers.len() as u64);
        tasks.spawn(async move { operator.issue(part).await });
    }
    while let Some(issued) = tasks.join_next().await {
        issued??;
    }
    bar.finish_and_clear();
    let platform = Arc::into_inner(platform).context("the platform is still in use")?;
    platform.close()
}

/// How long bodies are on average after a short load.
async fn lengths(url: &str) -> anyhow::Result<Lengths> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let row = client
        .query_one(
            "SELECT (SELECT avg(length(body))::bigint FROM entries WHERE length(body) < 1000),
                (SELECT avg(length(body))::bigint FROM payments), (SELECT avg(length(body))::bigint FROM vouchers),
                (SELECT avg(length(account))::bigint FROM balance_deltas)",
            &[],
        )
        .await?;
    let length = |place: usize| -> anyhow::Result<usize> {
        Ok(usize::try_from(
            row.try_get::<_, Option<i64>>(place)?.unwrap_or(12),
        )?)
    };
    Ok(Lengths {
        entry: length(0)?,
        payment: length(1)?,
        voucher: length(2)?,
        account: length(3)?,
    })
}
