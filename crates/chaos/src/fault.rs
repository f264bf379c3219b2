//! What is broken, for how long, and how it is mended.

use std::process::Command;
use std::time::Duration;

use tokio::time::sleep;

use crate::cluster::{Cluster, other};
use crate::command::run;
use crate::host::{self, Signal};
use crate::network::{self, DATABASES, HOSTS, HostName, NODES};

/// A kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Fault {
    /// The primary's machine dies: every process on it gets SIGKILL.
    KillPrimary,
    /// The primary's PostgreSQL alone gets SIGKILL.
    CrashPrimary,
    /// The primary's machine stands still past its lease: SIGSTOP, later SIGCONT.
    PausePrimary,
    /// The primary's PostgreSQL alone stands still past the lease.
    PausePostgres,
    /// The replica's machine dies.
    KillReplica,
    /// One member of etcd dies.
    KillEtcd,
    /// Nothing comes from or gets to the primary.
    CutPrimary,
    /// Nothing that the primary sends arrives anywhere; it hears everything.
    MutePrimary,
    /// Nothing that is sent to the primary arrives; it is heard by everyone.
    DeafenPrimary,
    /// Primary and replica do not reach each other; both reach everyone else.
    CutReplication,
    /// The replica is cut off, the primary goes on alone, and then its machine dies as well. The replica lacks what was
    /// acknowledged meanwhile: payments have to wait until the primary is back.
    KillPrimaryAlone,
    /// One node reaches no database.
    CutNodeFromDatabases,
    /// The balancer does not hear one node.
    MuteNodeToBalancer,
    /// The primary's disk is full.
    FillDisk,
    /// The primary's network is slow, and loses what waits too long.
    SlowPrimary,
    /// One node gets SIGKILL.
    KillNode,
    /// One node stands still.
    PauseNode,
    /// Every node is restarted, one after the other, as for a new version.
    RestartNodes,
    /// The database is switched over on purpose.
    SwitchOver,
}

/// How long a failure lasts: twice the lease and more, so that what depends on the lease has happened.
const LASTS: Duration = Duration::from_secs(15);
/// How long a dead process stays dead.
const DEAD: Duration = Duration::from_secs(8);
/// How long a primary goes on alone: longer than it waits for its replica.
const ALONE: Duration = Duration::from_secs(8);
/// The network of a machine with a bad cable.
const SLOW_KILOBITS: u32 = 400;
/// What fills a disk.
const FILLER: &str = "lib/filler";
/// The file on which the write-ahead log goes on, which a full disk has no room for.
const NEXT_FILE: &str = "SELECT pg_switch_wal()";

impl Fault {
    /// The name by which it is asked for.
    pub fn name(self) -> String {
        let value = clap::ValueEnum::to_possible_value(&self);
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Breaks, waits, and mends. Everything works again when this returns.
    pub async fn happen(self, cluster: &Cluster) -> anyhow::Result<()> {
        self.strike(cluster).await?;
        cluster.wait_for_databases().await?;
        for name in NODES {
            cluster.wait_for_node(name).await?;
        }
        Ok(())
    }

    async fn strike(self, cluster: &Cluster) -> anyhow::Result<()> {
        let primary = cluster.primary().await?;
        let node = NODES[1];
        match self {
            Fault::KillPrimary => kill_database(cluster, primary).await,
            Fault::KillReplica => kill_database(cluster, other(primary)).await,
            Fault::CrashPrimary => host::signal_where(primary, Signal::Kill, is_postgres),
            Fault::PausePrimary => pause(primary, |_| true).await,
            Fault::PausePostgres => pause(primary, is_postgres).await,
            Fault::KillEtcd => {
                host::signal(HostName::Etcd(1), Signal::Kill)?;
                sleep(DEAD).await;
                cluster.start_etcd(1)
            }
            Fault::CutPrimary => {
                cut_for_a_while(&[others_to(primary), others_from(primary)].concat()).await
            }
            Fault::MutePrimary => cut_for_a_while(&others_from(primary)).await,
            Fault::DeafenPrimary => cut_for_a_while(&others_to(primary)).await,
            Fault::CutReplication => {
                let replica = other(primary);
                cut_for_a_while(&[(primary, replica), (replica, primary)]).await
            }
            Fault::KillPrimaryAlone => kill_alone(cluster, primary).await,
            Fault::CutNodeFromDatabases => {
                let links = DATABASES.map(|database| [(node, database), (database, node)]);
                cut_for_a_while(&links.concat()).await
            }
            Fault::MuteNodeToBalancer => cut_for_a_while(&[(node, HostName::Balancer)]).await,
            Fault::FillDisk => fill_disk(cluster, primary).await,
            Fault::SlowPrimary => {
                network::slow(primary, SLOW_KILOBITS)?;
                sleep(LASTS).await;
                network::hasten(primary)
            }
            Fault::KillNode => {
                host::signal(node, Signal::Kill)?;
                sleep(DEAD).await;
                cluster.start_node(node)
            }
            Fault::PauseNode => pause(node, |_| true).await,
            Fault::RestartNodes => restart_nodes(cluster).await,
            Fault::SwitchOver => cluster.switch_over().await,
        }
    }
}

fn is_postgres(command_line: &str) -> bool {
    command_line.starts_with("postgres") || command_line.contains("bin/postgres")
}

async fn kill_database(cluster: &Cluster, name: HostName) -> anyhow::Result<()> {
    host::kill_all(name)?;
    sleep(LASTS).await;
    cluster.start_database(name)
}

async fn kill_alone(cluster: &Cluster, primary: HostName) -> anyhow::Result<()> {
    let replica = other(primary);
    let links = [(primary, replica), (replica, primary)];
    links
        .into_iter()
        .try_for_each(|(from, to)| network::cut(from, to))?;
    sleep(ALONE).await;
    host::kill_all(primary)?;
    links
        .into_iter()
        .try_for_each(|(from, to)| network::mend(from, to))?;
    // The replica has every opportunity to take over.
    sleep(LASTS).await;
    cluster.start_database(primary)
}

async fn pause(name: HostName, wanted: impl Fn(&str) -> bool + Copy) -> anyhow::Result<()> {
    host::signal_where(name, Signal::Stop, wanted)?;
    sleep(LASTS).await;
    host::signal_where(name, Signal::Continue, wanted)
}

fn others_to(host: HostName) -> Vec<(HostName, HostName)> {
    HOSTS
        .into_iter()
        .filter(|name| *name != host)
        .map(|name| (name, host))
        .collect()
}

fn others_from(host: HostName) -> Vec<(HostName, HostName)> {
    others_to(host)
        .into_iter()
        .map(|(from, to)| (to, from))
        .collect()
}

async fn cut_for_a_while(links: &[(HostName, HostName)]) -> anyhow::Result<()> {
    for (from, to) in links {
        network::cut(*from, *to)?;
    }
    sleep(LASTS).await;
    for (from, to) in links {
        network::mend(*from, *to)?;
    }
    Ok(())
}

async fn fill_disk(cluster: &Cluster, name: HostName) -> anyhow::Result<()> {
    let host = cluster.host(name);
    let filler = host.directory.join(FILLER);
    // It ends with an error when the disk is full, which is what it is for.
    let _ = run(Command::new("dd")
        .args(["if=/dev/zero", "bs=64k", "status=none"])
        .arg(format!("of={}", filler.display())));
    let _ = run(&mut host.command(&[
        "psql",
        "-h",
        "/run/postgresql",
        "-X",
        "-q",
        "-c",
        NEXT_FILE,
        "postgres",
    ]));
    sleep(LASTS).await;
    std::fs::remove_file(filler)?;
    Ok(())
}

async fn restart_nodes(cluster: &Cluster) -> anyhow::Result<()> {
    for name in NODES {
        host::signal(name, Signal::Terminate)?;
        cluster.wait_until_gone(name).await?;
        cluster.start_node(name)?;
        cluster.wait_for_node(name).await?;
        // The balancer has to see it too.
        sleep(Duration::from_secs(2)).await;
    }
    Ok(())
}
