//! Rounds of failures under load, each judged at its end.

use std::path::Path;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use tokio::time::sleep;

use crate::checker::history::Call;
use crate::clients::Crowd;
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::parties::Parties;
use crate::report::{self, Figures};
use crate::sandbox::Sandbox;
use crate::transparency;

/// What to do.
pub struct Plan<'a> {
    pub deploy: &'a Path,
    /// The program under test.
    pub program: &'a Path,
    pub rounds: u32,
    pub seed: u64,
    /// Each happens once a round, in an order that the seed says.
    pub faults: &'a [Fault],
}

/// Quiet before the first failure and after the last one.
const QUIET: Duration = Duration::from_secs(3);
/// After a failure, until what it did to the clients is counted.
const AFTERMATH: Duration = Duration::from_secs(2);

/// Runs the plan. Answers what is wrong, which is nothing where all is well.
pub async fn run(sandbox: &Sandbox, plan: &Plan<'_>) -> anyhow::Result<Vec<String>> {
    println!("seed {}", plan.seed);
    let mut chance = StdRng::seed_from_u64(plan.seed);
    let cluster = Cluster::start(sandbox, plan.deploy, plan.program, &mut chance).await?;
    let parties = cluster.open().await?;
    let mut figures = Figures::default();
    let mut faults = Vec::new();
    for round in 1..=plan.rounds {
        println!("round {round} of {}", plan.rounds);
        faults.extend(one_round(&cluster, &parties, plan, &mut chance, &mut figures).await?);
        if !faults.is_empty() {
            break;
        }
    }
    faults.extend(transparency::check(&cluster).await?);
    cluster.close_nodes().await?;
    match cluster.scrip(&["audit", "--config", "/etc/scrip/scrip.toml"]) {
        Ok(report) => println!("{report}"),
        Err(error) => faults.push(format!("the audit: {error:#}")),
    }
    println!("{}", figures.table());
    Ok(faults)
}

async fn one_round(
    cluster: &Cluster,
    parties: &Parties,
    plan: &Plan<'_>,
    chance: &mut StdRng,
    figures: &mut Figures,
) -> anyhow::Result<Vec<String>> {
    let crowd = Crowd::start(parties, chance)?;
    let mut order = plan.faults.to_vec();
    order.shuffle(chance);
    sleep(QUIET).await;
    for fault in order {
        let from = crowd.tally.now();
        fault.happen(cluster).await?;
        sleep(AFTERMATH).await;
        let refusals = crowd.tally.between(from, crowd.tally.now());
        println!("{}", report::line(&fault.name(), &refusals));
        figures.add(fault, &refusals);
    }
    sleep(QUIET).await;
    let histories = crowd.finish().await?;
    let calls = histories
        .iter()
        .map(|history| history.calls.len())
        .sum::<usize>();
    let is_open = |call: &&Call| call.answer.is_none();
    let unanswered = histories
        .iter()
        .flat_map(|history| &history.calls)
        .filter(is_open)
        .count();
    println!(
        "{} vouchers, {calls} calls, {unanswered} without an answer",
        histories.len()
    );
    Ok(report::faults(&histories))
}
