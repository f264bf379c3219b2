//! The compose file of `deploy/`, as an operator runs it: brought up by the engine that is there, paid through while parts
//! of it die, judged, and taken down with all that it kept.

mod engine;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::clients::Crowd;
use crate::cluster::CONFIGURATION;
use crate::compose::engine::Project;
use crate::network::{DATABASES, HostName};
use crate::parties::{self, Origin, Parties};
use crate::report;
use crate::transparency::{self, ORIGIN};

/// Where the compose file makes the balancer listen.
const ADDRESS: &str = "127.0.0.1:8080";
const BASE_URL: &str = "http://127.0.0.1:8080";
const PASSWORDS: [&str; 5] = [
    "SUPERUSER_PASSWORD",
    "REPLICATION_PASSWORD",
    "REWIND_PASSWORD",
    "RESTAPI_PASSWORD",
    "DATABASE_PASSWORD",
];
/// What the first start makes.
const POLICY: &str = "/etc/scrip/log/policy";
/// Whom Patroni lets lead and follow.
const MEMBERS: [&str; 6] = [
    "patronictl",
    "-c",
    "/etc/patroni/patroni.yaml",
    "list",
    "--format",
    "json",
];
/// Asks Prometheus from beside it.
const ASK_PROMETHEUS: [&str; 4] = ["promtool", "query", "instant", "http://127.0.0.1:9090"];
const NODES_SEEN: &str = "count(scrip_storage_up{job=\"scrip\"} == 1) == 3";
/// Pages that were sent since the start.
const PAGES: &str =
    "count by (alertname) (count_over_time(ALERTS{severity=\"page\", alertstate=\"firing\"}[1d]))";

/// How long the system may take until it works, at the start and after a failure.
const WORKING_MAX: Duration = Duration::from_secs(180);
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Quiet before the first failure and after each one.
const QUIET: Duration = Duration::from_secs(4);
/// How long what was killed stays dead.
const DEAD: Duration = Duration::from_secs(10);

/// What happens to the containers.
#[derive(Clone, Copy)]
enum Blow {
    KillNode,
    KillPrimary,
    KillEverything,
    StopEverything,
}

const BLOWS: [(&str, Blow); 4] = [
    ("kill-node", Blow::KillNode),
    ("kill-primary", Blow::KillPrimary),
    ("kill-everything", Blow::KillEverything),
    ("down-and-up", Blow::StopEverything),
];

/// Does all of it. Answers what is wrong, which is nothing where all is well; then, and only then, nothing is left.
pub async fn run(deploy: &Path, seed: u64) -> anyhow::Result<Vec<String>> {
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    if TcpStream::connect(ADDRESS).await.is_ok() {
        bail!("something answers at {ADDRESS}, where the balancer is to be; stop that first");
    }
    let project = Project::find(&deploy.join("compose/compose.yaml"), settings(&mut chance))?;
    let found = bring_up_and_break(&project, &mut chance).await;
    match &found {
        Ok(faults) if faults.is_empty() => project.show(&["down", "--volumes"])?,
        _ => eprintln!(
            "it is left as it is, to be looked at; remove it with: {project} down --volumes"
        ),
    }
    found
}

/// What an operator writes into `.env`.
fn settings(chance: &mut StdRng) -> Vec<(&'static str, String)> {
    let mut settings: Vec<(&str, String)> = PASSWORDS
        .map(|name| (name, format!("{:032x}", chance.random::<u128>())))
        .to_vec();
    settings.push(("LOG_ORIGIN", ORIGIN.to_owned()));
    settings.push(("PUBLIC_URL", BASE_URL.to_owned()));
    settings
}

async fn bring_up_and_break(project: &Project, chance: &mut StdRng) -> anyhow::Result<Vec<String>> {
    project
        .show(&["build"])
        .context("the images could not be built")?;
    let begun = Instant::now();
    project.show(&["up", "--detach"])?;
    wait_until_ready(project).await?;
    println!("ready after {:.1} s", begun.elapsed().as_secs_f64());
    let scrip = |arguments: &[&str]| project.exec("node1", &[&["scrip"], arguments].concat());
    let parties = parties::found(BASE_URL, Origin::ThisMachine, scrip)?;
    let mut faults = pay_and_break(project, &parties, chance).await?;
    faults.extend(transparency::compare("http://balancer:8080/log", POLICY, scrip).await);
    faults.extend(pages(project)?);
    project.show(&["stop", "node1", "node2", "node3"])?;
    let audit = [
        "run",
        "--rm",
        "--no-deps",
        "node1",
        "audit",
        "--config",
        CONFIGURATION,
    ];
    match project.read(&audit) {
        Ok(report) => println!("{report}"),
        Err(error) => faults.push(format!("the audit: {error:#}")),
    }
    Ok(faults)
}

async fn pay_and_break(
    project: &Project,
    parties: &Parties,
    chance: &mut StdRng,
) -> anyhow::Result<Vec<String>> {
    let crowd = Crowd::start(parties, chance)?;
    sleep(QUIET).await;
    for (name, blow) in BLOWS {
        let from = crowd.tally.now();
        strike(project, blow).await?;
        sleep(QUIET).await;
        let refusals = crowd.tally.between(from, crowd.tally.now());
        println!("{}", report::line(name, &refusals));
    }
    let histories = crowd.finish().await?;
    Ok(report::faults(&histories))
}

/// Lets it happen, mends it, and waits until all is as before.
async fn strike(project: &Project, blow: Blow) -> anyhow::Result<()> {
    match blow {
        Blow::KillNode => {
            project.show(&["kill", "node2"])?;
            sleep(DEAD).await;
            project.show(&["start", "node2"])?;
        }
        Blow::KillPrimary => {
            let primary = primary(project).context("no database leads")?;
            project.show(&["kill", &primary])?;
            sleep(DEAD).await;
            project.show(&["start", &primary])?;
        }
        Blow::KillEverything => {
            project.show(&["kill"])?;
            project.show(&["up", "--detach"])?;
        }
        Blow::StopEverything => {
            project.show(&["down"])?;
            project.show(&["up", "--detach"])?;
        }
    }
    wait_until_ready(project).await
}

/// The database that leads, if Patroni would let the other one take over: that has everything.
fn primary(project: &Project) -> Option<String> {
    let mut said = DATABASES
        .map(HostName::text)
        .into_iter()
        .filter_map(|name| project.exec(&name, &MEMBERS).ok());
    let members: Value = serde_json::from_str(&said.next()?).ok()?;
    let name_of = |role: &str| {
        let mut members = members.as_array()?.iter();
        let found = members.find(|it| it["Role"] == role && it["State"] != "stopped")?;
        found["Member"].as_str().map(str::to_owned)
    };
    name_of("Sync Standby").and_then(|_| name_of("Leader"))
}

/// Whether Prometheus hears of all nodes that they reach their storage.
fn is_watched(project: &Project) -> bool {
    let asked = [&ASK_PROMETHEUS[..], &[NODES_SEEN]].concat();
    let said = project.exec("prometheus", &asked);
    said.is_ok_and(|found| found.contains("=> 3"))
}

/// Whoever was woken was woken for nothing: all of it mends itself.
fn pages(project: &Project) -> anyhow::Result<Vec<String>> {
    let asked = [&ASK_PROMETHEUS[..], &[PAGES]].concat();
    let found = project.exec("prometheus", &asked)?;
    let lines = found.lines().filter(|line| !line.trim().is_empty());
    Ok(lines
        .map(|line| format!("somebody was woken: {line}"))
        .collect())
}

async fn wait_until_ready(project: &Project) -> anyhow::Result<()> {
    let http = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .build()?;
    let begun = Instant::now();
    loop {
        let answer = http.get(format!("{BASE_URL}/readyz")).send().await;
        let is_ready = answer.is_ok_and(|answer| answer.status().is_success());
        if is_ready && primary(project).is_some() && is_watched(project) {
            return Ok(());
        }
        if WORKING_MAX < begun.elapsed() {
            bail!("it does not work within {WORKING_MAX:?}");
        }
        sleep(LOOK_AGAIN).await;
    }
}
