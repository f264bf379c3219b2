//! The whole system as `deploy/` describes it: its files are used as they are, at the places they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rand::Rng;
use rand::rngs::StdRng;
use reqwest::StatusCode;
use serde_json::json;

use crate::command::run;
use crate::host::{self, Host, Signal};
use crate::network::{self, DATABASES, HOSTS, HostName, NODES};
use crate::parties::{self, Origin, Parties};
use crate::sandbox::Sandbox;
use crate::transparency::ORIGIN;

/// What was started, and the keys of those who take part.
pub struct Cluster {
    hosts: BTreeMap<HostName, Host>,
    program: PathBuf,
    http: reqwest::Client,
    /// Passwords that no one outside the sandbox can use.
    secrets: Vec<(&'static str, String)>,
}

const BASE_URL: &str = "http://balancer:8080";
/// How long the system may take until it works, at the start and after a failure.
const WORKING_MAX: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// The disk of a database.
const DISK_OPTION: &str = "size=3g,mode=0755";
/// How many replicas follow the primary in this way.
const REPLICAS: &str =
    "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = ";
/// Without it, replicas follow as they can, which only the test of the judge wants.
const SYNCHRONOUS: &str = "synchronous_mode: true";
const PATRONI: &str = "/etc/patroni/patroni.yaml";
pub const CONFIGURATION: &str = "/etc/scrip/scrip.toml";

impl Cluster {
    /// Builds the network and starts everything, with nothing in the database.
    pub async fn start(
        sandbox: &Sandbox,
        deploy: &Path,
        program: &Path,
        chance: &mut StdRng,
    ) -> anyhow::Result<Cluster> {
        network::build()?;
        let mut hosts = BTreeMap::new();
        for name in HOSTS {
            hosts.insert(name, Host::new(name, sandbox.directory.join(name.text()))?);
        }
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .no_proxy()
            .build()?;
        let secrets = ["superuser", "replication", "rewind", "restapi", "scrip"]
            .map(|name| (name, format!("{:032x}", chance.random::<u128>())));
        let cluster = Cluster {
            hosts,
            program: program.to_owned(),
            http,
            secrets: secrets.to_vec(),
        };
        cluster.install(deploy, &sandbox.directory)?;
        for number in 1..=3 {
            cluster.start_etcd(number)?;
        }
        for name in DATABASES {
            cluster.start_database(name)?;
        }
        cluster.wait_for_databases().await?;
        Ok(cluster)
    }

    /// Puts the files of `deploy/` where they belong.
    fn install(&self, deploy: &Path, directory: &Path) -> anyhow::Result<()> {
        std::fs::write("/etc/hosts", network::hosts_file())?;
        for (from, to) in [
            ("postgres/patroni.yaml", PATRONI),
            (
                "postgres/create-database.sh",
                "/etc/patroni/create-database.sh",
            ),
            ("haproxy/haproxy.cfg", "/etc/haproxy/haproxy.cfg"),
            ("etcd/etcd.env", "/etc/etcd.env"),
            ("scrip/scrip.toml", CONFIGURATION),
            ("scrip/scrip.env", "/etc/scrip/scrip.env"),
        ] {
            run(Command::new("install")
                .arg("-D")
                .arg(deploy.join(from))
                .arg(to))?;
        }
        std::fs::create_dir_all("/etc/patroni/tls")?;
        let certificates = directory.join("certificates");
        let names = DATABASES.map(HostName::text);
        run(Command::new(deploy.join("postgres/certificates.sh"))
            .arg(&certificates)
            .args(&names))?;
        run(Command::new("install")
            .arg("-D")
            .arg("-m")
            .arg("644")
            .arg(certificates.join("ca.pem"))
            .arg("/etc/scrip/tls/database-ca.pem"))?;
        for name in DATABASES {
            let host = self.host(name);
            run(Command::new("mount")
                .args(["-t", "tmpfs", "-o", DISK_OPTION, "tmpfs"])
                .arg(host.directory.join("lib")))?;
            run(Command::new("cp")
                .arg("-r")
                .arg(certificates.join(name.text()))
                .arg(host.directory.join("tls")))?;
            host.give_to_user("lib")?;
            host.give_to_user("tls")?;
        }
        Ok(())
    }

    pub fn host(&self, name: HostName) -> &Host {
        &self.hosts[&name]
    }

    fn secret(&self, wanted: &str) -> &str {
        let found = self.secrets.iter().find(|(name, _)| *name == wanted);
        found.map_or("", |(_, secret)| secret)
    }

    pub fn start_etcd(&self, number: u8) -> anyhow::Result<()> {
        let host = self.host(HostName::Etcd(number));
        let name = host.name.text();
        let mut environment = environment_file("/etc/etcd.env")?;
        environment.extend([
            ("ETCD_NAME".to_owned(), name.clone()),
            ("ETCD_DATA_DIR".to_owned(), "/var/lib/etcd".to_owned()),
            (
                "ETCD_LISTEN_PEER_URLS".to_owned(),
                "http://0.0.0.0:2380".to_owned(),
            ),
            (
                "ETCD_LISTEN_CLIENT_URLS".to_owned(),
                "http://0.0.0.0:2379".to_owned(),
            ),
            (
                "ETCD_INITIAL_ADVERTISE_PEER_URLS".to_owned(),
                format!("http://{name}:2380"),
            ),
            (
                "ETCD_ADVERTISE_CLIENT_URLS".to_owned(),
                format!("http://{name}:2379"),
            ),
        ]);
        host.start(&["etcd"], &environment)
    }

    pub fn start_database(&self, name: HostName) -> anyhow::Result<()> {
        let text = name.text();
        let mut environment = vec![
            ("PATRONI_NAME".to_owned(), text.clone()),
            (
                "PATRONI_RESTAPI_CONNECT_ADDRESS".to_owned(),
                format!("{text}:8008"),
            ),
            (
                "PATRONI_POSTGRESQL_CONNECT_ADDRESS".to_owned(),
                format!("{text}:5432"),
            ),
            (
                "PATRONI_POSTGRESQL_DATA_DIR".to_owned(),
                "/var/lib/postgresql/15/main".to_owned(),
            ),
            (
                "SCRIP_DATABASE_PASSWORD".to_owned(),
                self.secret("scrip").to_owned(),
            ),
        ];
        for (role, user) in [
            ("superuser", "postgres"),
            ("replication", "replicator"),
            ("rewind", "rewinder"),
            ("restapi", "patroni"),
        ] {
            let prefix = format!("PATRONI_{}", role.to_uppercase());
            environment.push((format!("{prefix}_USERNAME"), user.to_owned()));
            environment.push((format!("{prefix}_PASSWORD"), self.secret(role).to_owned()));
        }
        self.host(name).start(&["patroni", PATRONI], &environment)
    }

    pub fn start_balancer(&self) -> anyhow::Result<()> {
        let command_line = [
            "haproxy",
            "-q",
            "-W",
            "-db",
            "-f",
            "/etc/haproxy/haproxy.cfg",
        ];
        self.host(HostName::Balancer).start(&command_line, &[])
    }

    pub fn start_node(&self, name: HostName) -> anyhow::Result<()> {
        let program = self.program.to_string_lossy();
        self.host(name).start(
            &[&program, "serve", "--config", CONFIGURATION],
            &self.node_environment()?,
        )
    }

    fn node_environment(&self) -> anyhow::Result<Vec<(String, String)>> {
        let lines = environment_file("/etc/scrip/scrip.env")?;
        let filled = lines
            .into_iter()
            .map(|(name, value)| (name, value.replace("PASSWORD", self.secret("scrip"))));
        let origin = ("SCRIP_LOG_ORIGIN".to_owned(), ORIGIN.to_owned());
        Ok(filled.chain([origin]).collect())
    }

    /// Runs `scrip` on a node to its end and answers what it printed.
    pub fn scrip(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let program = self.program.to_string_lossy();
        let host = self.host(HostName::Node(1));
        run(host
            .command(&[&[&*program], arguments].concat())
            .envs(self.node_environment()?))
    }

    /// Founds the parties, gives every node the key, and starts the nodes and the balancer.
    pub async fn open(&self) -> anyhow::Result<Parties> {
        let parties = parties::found(BASE_URL, Origin::OwnAddress, |arguments| {
            self.scrip(arguments)
        })?;
        let first = self.host(NODES[0]).directory.join("lib/scrip");
        for name in &NODES[1..] {
            let host = self.host(*name);
            run(Command::new("cp")
                .arg("-a")
                .arg(&first)
                .arg(host.directory.join("lib/scrip")))?;
        }
        NODES
            .into_iter()
            .try_for_each(|name| self.start_node(name))?;
        self.start_balancer()?;
        for name in NODES {
            self.wait_for_node(name).await?;
        }
        self.wait_for_balancer().await?;
        Ok(parties)
    }

    /// Waits until one database leads, and the other one follows it so closely that it may take over.
    pub async fn wait_for_databases(&self) -> anyhow::Result<()> {
        let is_synchronous = std::fs::read_to_string(PATRONI)?.contains(SYNCHRONOUS);
        let way = if is_synchronous { "'sync'" } else { "'async'" };
        let replicas = format!("{REPLICAS}{way}");
        self.wait("the databases work", async || {
            let leader = self.leader().await?;
            let replica = self
                .host(leader)
                .command(&psql(&replicas))
                .env("PGCONNECT_TIMEOUT", "2")
                .output()
                .ok()?;
            Some(()).filter(|()| String::from_utf8_lossy(&replica.stdout).trim() == "1")?;
            // Commits wait for the replica for some seconds before Patroni would let it take over.
            match is_synchronous {
                true => {
                    let replica = other(leader).text();
                    self.is_well(&format!("http://{replica}:8008/synchronous"))
                        .await
                }
                false => Some(()),
            }
        })
        .await
    }

    pub async fn wait_for_node(&self, name: HostName) -> anyhow::Result<()> {
        let url = format!("http://{}:8080/readyz", name.text());
        self.wait(&format!("{name:?} is ready"), async || {
            self.is_well(&url).await
        })
        .await
    }

    async fn wait_for_balancer(&self) -> anyhow::Result<()> {
        self.wait("the balancer works", async || {
            self.is_well(&format!("{BASE_URL}/livez")).await
        })
        .await
    }

    async fn is_well(&self, url: &str) -> Option<()> {
        let answer = self.http.get(url).send().await.ok()?;
        Some(()).filter(|()| answer.status() == StatusCode::OK)
    }

    /// The database that leads; none while none does.
    async fn leader(&self) -> Option<HostName> {
        for name in DATABASES {
            let url = format!("http://{}:8008/primary", name.text());
            if self.is_well(&url).await.is_some() {
                return Some(name);
            }
        }
        None
    }

    /// The database that leads, as soon as one does.
    pub async fn primary(&self) -> anyhow::Result<HostName> {
        self.wait("a database leads", async || self.leader().await)
            .await
    }

    /// Asks Patroni to change the roles.
    pub async fn switch_over(&self) -> anyhow::Result<()> {
        let leader = self.primary().await?;
        let candidate = other(leader);
        let body = json!({ "leader": leader.text(), "candidate": candidate.text() });
        let answer = self
            .http
            .post(format!("http://{}:8008/switchover", leader.text()))
            .basic_auth("patroni", Some(self.secret("restapi")))
            .timeout(Duration::from_secs(60))
            .json(&body)
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            bail!("the switchover was refused: {status} {text}");
        }
        Ok(())
    }

    async fn wait<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> Option<T>,
    ) -> anyhow::Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(seen) = look().await {
                return Ok(seen);
            }
            if WORKING_MAX < begun.elapsed() {
                bail!("not within {WORKING_MAX:?}: {what}");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits until no process is left on the host.
    pub async fn wait_until_gone(&self, name: HostName) -> anyhow::Result<()> {
        self.wait(&format!("nothing runs on {name:?}"), async || {
            host::processes(name).ok().filter(Vec::is_empty).map(drop)
        })
        .await
    }

    /// Tells all nodes to stop, and waits until they have.
    pub async fn close_nodes(&self) -> anyhow::Result<()> {
        for name in NODES {
            host::signal(name, Signal::Terminate)?;
        }
        for name in NODES {
            self.wait_until_gone(name).await?;
        }
        Ok(())
    }
}

/// Asks the server on the same machine, and prints nothing but what it answers.
pub fn psql(query: &str) -> [&str; 7] {
    [
        "psql",
        "-h",
        "/run/postgresql",
        "-XqtA",
        "-c",
        query,
        "postgres",
    ]
}

/// The one database or the other.
pub fn other(name: HostName) -> HostName {
    if name == DATABASES[0] {
        DATABASES[1]
    } else {
        DATABASES[0]
    }
}

/// The variables of a file of `NAME=value` lines.
fn environment_file(path: &str) -> anyhow::Result<Vec<(String, String)>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line
                .split_once('=')
                .with_context(|| format!("{path}: {line:?}"))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}
