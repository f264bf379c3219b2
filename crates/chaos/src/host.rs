//! Processes on a host, and what signals do to all of them at once.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::command::run;
use crate::network::HostName;

/// A signal that no process can ignore, or that asks it to end.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    Kill,
    Stop,
    Continue,
    Terminate,
}

impl Signal {
    fn option(self) -> &'static str {
        match self {
            Signal::Kill => "-KILL",
            Signal::Stop => "-STOP",
            Signal::Continue => "-CONT",
            Signal::Terminate => "-TERM",
        }
    }
}

/// A machine: its place on the network, and its files.
#[derive(Clone, Debug)]
pub struct Host {
    pub name: HostName,
    /// What it sees as `/run`, `/var/lib` and `/etc/patroni/tls` is in here, as is what its servers say.
    pub directory: PathBuf,
}

/// Gives the host its own directories before the command runs as the ordinary user.
const SCRIPT: &str = r#"
directory=$1 user=$2
shift 2
mount --bind "$directory/run" /run && mount --bind "$directory/lib" /var/lib || exit 1
[ ! -d "$directory/tls" ] || mount --bind "$directory/tls" /etc/patroni/tls || exit 1
exec setpriv --reuid "$user" --regid "$user" --init-groups "$@"
"#;

/// As whom servers run: not as root, which PostgreSQL refuses.
pub const USER: &str = "postgres";

impl Host {
    pub fn new(name: HostName, directory: PathBuf) -> anyhow::Result<Host> {
        let host = Host { name, directory };
        for part in ["run/postgresql", "lib"] {
            std::fs::create_dir_all(host.directory.join(part))?;
        }
        host.give_to_user("run")?;
        host.give_to_user("lib")?;
        Ok(host)
    }

    /// Makes the ordinary user the owner of a part of the directory.
    pub fn give_to_user(&self, part: &str) -> anyhow::Result<()> {
        run(Command::new("chown")
            .args(["-R", &format!("{USER}:{USER}")])
            .arg(self.directory.join(part)))
        .map(drop)
    }

    /// A command line that runs on this host.
    pub fn command(&self, command_line: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.name.text(), "sh", "-c", SCRIPT, "sh"])
            .arg(&self.directory)
            .arg(USER)
            .args(command_line)
            .current_dir("/")
            .env("HOME", "/nonexistent");
        command
    }

    /// Starts a server; what it says is added to the host's log. The sandbox's first process reaps what it leaves.
    pub fn start(
        &self,
        command_line: &[&str],
        environment: &[(String, String)],
    ) -> anyhow::Result<()> {
        let log = self.directory.join("log");
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .context("a host's log")?;
        let mut child = self
            .command(command_line)
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("could not start {command_line:?} on {:?}", self.name))?;
        std::thread::spawn(move || child.wait());
        Ok(())
    }
}

/// The processes of a host, with their command lines.
pub fn processes(host: HostName) -> anyhow::Result<Vec<(u32, String)>> {
    let listed = run(Command::new("ip").args(["netns", "pids", &host.text()]))?;
    let ids = listed.lines().filter_map(|line| line.trim().parse().ok());
    Ok(ids.map(|id: u32| (id, command_line(id))).collect())
}

fn command_line(id: u32) -> String {
    let bytes = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// Sends the signal to every process of the host, by id.
pub fn signal(host: HostName, signal: Signal) -> anyhow::Result<()> {
    signal_where(host, signal, |_| true)
}

/// Ends every process of the host, also those that are started meanwhile.
///
/// # Errors
///
/// If some are left after several tries.
pub fn kill_all(host: HostName) -> anyhow::Result<()> {
    for _ in 0..KILL_TRIES_MAX {
        signal(host, Signal::Kill)?;
        if processes(host)?.is_empty() {
            return Ok(());
        }
        std::thread::sleep(KILL_PAUSE);
    }
    bail!("processes of {host:?} do not end: {:?}", processes(host)?)
}

const KILL_TRIES_MAX: usize = 100;
const KILL_PAUSE: Duration = Duration::from_millis(20);

/// Sends the signal to those whose command line is wanted. One that has ended meanwhile is none the worse for it.
pub fn signal_where(
    host: HostName,
    signal: Signal,
    wanted: impl Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let ids = processes(host)?
        .into_iter()
        .filter(|(_, line)| wanted(line));
    let ids: Vec<String> = ids.map(|(id, _)| id.to_string()).collect();
    if !ids.is_empty() {
        let _ = Command::new("kill")
            .arg(signal.option())
            .args(&ids)
            .stderr(Stdio::null())
            .status();
    }
    Ok(())
}
