//! Programs that come from the system's package manager: the browser, its driver, the database server with what keeps
//! it available, the balancer, what watches all of them, and the runtimes of the peers.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// A program and the Debian packages that bring it.
struct Program {
    name: &'static str,
    packages: &'static [&'static str],
}

const PROGRAMS: [Program; 11] = [
    Program {
        name: "chromium",
        packages: &["chromium"],
    },
    Program {
        name: "chromedriver",
        packages: &["chromium-driver"],
    },
    Program {
        name: "node",
        packages: &["nodejs"],
    },
    Program {
        name: "npm",
        packages: &["npm"],
    },
    Program {
        name: "python3",
        packages: &["python3", "python3-venv"],
    },
    Program {
        name: "etcd",
        packages: &["etcd-server"],
    },
    Program {
        name: "patroni",
        packages: &["patroni"],
    },
    Program {
        name: "haproxy",
        packages: &["haproxy"],
    },
    Program {
        name: "tc",
        packages: &["iproute2"],
    },
    Program {
        name: "promtool",
        packages: &["prometheus"],
    },
    Program {
        name: "amtool",
        packages: &["prometheus-alertmanager"],
    },
];

pub struct DebianPrograms {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
    /// The directory of the server's programs, which is not on the search path.
    pub postgres: PathBuf,
}

/// Where Debian puts the programs of this version of PostgreSQL.
const POSTGRES_DIRECTORY: &str = "/usr/lib/postgresql/15/bin";
const POSTGRES_PACKAGE: &str = "postgresql-15";

/// Installs what is missing, and says where the programs are.
pub fn install() -> anyhow::Result<DebianPrograms> {
    let mut missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|program| find(program.name).is_none())
        .flat_map(|program| program.packages.iter().copied())
        .collect();
    let (postgres, package) = postgres();
    missing.extend(package);
    if !missing.is_empty() {
        install_packages(&missing)?;
    }
    Ok(DebianPrograms {
        chromium: require("chromium")?,
        chromedriver: require("chromedriver")?,
        postgres,
    })
}

/// Installs the database server alone, if it is missing, and says where its programs are.
pub fn install_postgres() -> anyhow::Result<PathBuf> {
    let (postgres, package) = postgres();
    if let Some(package) = package {
        install_packages(&[package])?;
    }
    Ok(postgres)
}

/// Where the server's programs are, and the package that is missing if they are not there yet.
fn postgres() -> (PathBuf, Option<&'static str>) {
    let postgres = PathBuf::from(POSTGRES_DIRECTORY);
    let package = (!postgres.join("initdb").exists()).then_some(POSTGRES_PACKAGE);
    (postgres, package)
}

/// Installs packages, as root on Debian and its like.
pub fn install_packages(packages: &[&str]) -> anyhow::Result<()> {
    let list = packages.join(" ");
    if find("apt-get").is_none() {
        bail!(
            "the tests need these Debian packages or their like, and there is no apt-get here: {list}"
        );
    }
    if !is_root()? {
        bail!("the tests need some packages; install them with: sudo apt-get install {list}");
    }
    let _quiet = ServicesStayDown::begin()?;
    process::with_retries(&list, || {
        process::run_installer(apt_get().args(["update", "--quiet"]))?;
        process::run_installer(
            apt_get()
                .args(["install", "--yes", "--quiet", "--no-install-recommends"])
                .args(packages),
        )
    })
}

/// While this lives, packages start no servers of their own: the tests start what they need, where they need it.
struct ServicesStayDown {
    /// The policy is ours to remove; none where the machine had one before.
    policy: Option<&'static Path>,
}

/// Debian asks this program whether a package may start its service.
const SERVICE_POLICY: &str = "/usr/sbin/policy-rc.d";
/// Starting is forbidden by policy.
const FORBID: &str = "#!/bin/sh\nexit 101\n";

impl ServicesStayDown {
    fn begin() -> anyhow::Result<Self> {
        let policy = Path::new(SERVICE_POLICY);
        if policy.exists() {
            return Ok(Self { policy: None });
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o755);
        file.open(policy)
            .and_then(|mut file| file.write_all(FORBID.as_bytes()))
            .with_context(|| format!("could not write {SERVICE_POLICY}"))?;
        Ok(Self {
            policy: Some(policy),
        })
    }
}

impl Drop for ServicesStayDown {
    fn drop(&mut self) {
        if let Some(policy) = self.policy {
            let _ = std::fs::remove_file(policy);
        }
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> anyhow::Result<bool> {
    Ok(process::read(Command::new("id").arg("-u"))?.trim() == "0")
}

fn require(program: &str) -> anyhow::Result<PathBuf> {
    find(program).with_context(|| {
        format!("`{program}` is not on the PATH although its package is installed")
    })
}

/// Where servers and tools of administrators are, which is not on the search path of everyone.
const SYSTEM_PROGRAMS: &str = "/usr/sbin";

#[expect(
    clippy::disallowed_methods,
    reason = "programs are looked up the way a shell does it"
)]
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .chain([PathBuf::from(SYSTEM_PROGRAMS)])
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
}
