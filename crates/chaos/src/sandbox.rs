//! A network, a process table and an `/etc` of one's own, which vanish with whoever made them.
//!
//! Nothing in here is seen outside: the addresses exist in a network namespace that no packet leaves, and when its first
//! process ends, so does every process within, however it was started.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, bail};

use crate::command::run;

/// Where the files of a run are. `/etc` in the sandbox is a copy in there.
pub struct Sandbox {
    pub directory: PathBuf,
}

/// The shell is the first process: it outlives the databases' parents and so inherits and reaps their children.
const FIRST_PROCESS: &str = r#"exec 3<&0; "$@" <&3 & wait $!"#;

/// Programs that the sandbox is made with, all of which Debian has.
const PROGRAMS: [&str; 4] = ["unshare", "ip", "tc", "setpriv"];

/// What is missing here for a sandbox; none where it can be made.
pub fn obstacle() -> Option<String> {
    for program in PROGRAMS {
        if run(Command::new("which").arg(program)).is_err() {
            return Some(format!("the program `{program}` is missing"));
        }
    }
    let script = "mount -t tmpfs tmpfs /run && ip link add name a type bridge && ip netns add b";
    let tried = run(unshare().args(["sh", "-c", script]));
    tried
        .err()
        .map(|error| format!("namespaces cannot be made here (root may): {error:#}"))
}

/// Runs this program again within a sandbox, with these arguments. It ends when this process does.
pub fn run_within(arguments: &[String]) -> anyhow::Result<ExitStatus> {
    let program = std::env::current_exe().context("this program has no path")?;
    let mut child = unshare()
        .args(["sh", "-c", FIRST_PROCESS, "sh"])
        .arg(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .context("could not start unshare")?;
    // The other end is held until the child has ended.
    let held = child.stdin.take();
    let status = child
        .wait()
        .context("the sandbox could not be waited for")?;
    drop(held);
    Ok(status)
}

fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args([
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ]);
    command
}

impl Sandbox {
    /// Makes the `/etc` of the sandbox, and lets this process end when the one outside does.
    ///
    /// # Errors
    ///
    /// If this process is in no sandbox: it must not touch the real `/etc`.
    pub fn enter(directory: &Path) -> anyhow::Result<Sandbox> {
        let first = std::fs::read("/proc/1/cmdline").context("there is no /proc")?;
        if !String::from_utf8_lossy(&first).contains(FIRST_PROCESS) {
            bail!("this is not the sandbox; start the program without `within`");
        }
        end_with_standard_input();
        let etc = directory.join("etc");
        run(Command::new("cp").args(["-a", "/etc"]).arg(&etc))?;
        run(Command::new("mount").arg("--bind").arg(&etc).arg("/etc"))?;
        run(Command::new("mount").args(["-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"]))?;
        run(Command::new("ip").args(["link", "set", "lo", "up"]))?;
        Ok(Sandbox {
            directory: directory.to_owned(),
        })
    }
}

/// The process outside holds the other end; when it is gone, there is nobody to tell anything to.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing is left that a destructor could save: the namespaces go too"
)]
fn end_with_standard_input() {
    std::thread::spawn(|| {
        let mut rest = Vec::new();
        let _ = std::io::stdin().read_to_end(&mut rest);
        std::process::exit(1);
    });
}
