//! Four witnesses, of which three are enough, on the same two cores.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use engine::log::Log;
use scrip::server::{self, Server};
use tlog::key::KeyName;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vault::vault::Vault;
use witness::routes::{Served, router};
use witness::witness::{KeyChoice, Setup, Witness};

const NAMES: [&str; 4] = ["north", "south", "east", "west"];

/// The witnesses, and the policy that names them.
pub struct Gathering {
    pub policy: PathBuf,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Gathering {
    pub async fn start(place: &Path, vault: &Vault, origin: &str) -> anyhow::Result<Gathering> {
        let log = Log::named(origin, vault)?;
        let stop = CancellationToken::new();
        let mut policy = format!("log {}\n", log.public_key());
        let mut tasks = Vec::new();
        for name in NAMES {
            let setup = Setup {
                directory: place.join(name),
                key: KeyChoice::Own {
                    name: Some(KeyName::parse(&format!("{name}.example"))?),
                },
                logs: vec![log.public_key().clone()],
            };
            let witness = Witness::open(setup)?;
            let listener = server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
            let address = listener.local_addr()?;
            let key = witness.public_key();
            writeln!(policy, "witness {name} {key} http://{address}/")?;
            let server = Server {
                listener,
                tls: None,
                connections_max: 64,
                drain: Duration::ZERO,
                figures: Arc::default(),
            };
            let served = Served {
                witness: Arc::new(witness),
                now,
            };
            tasks.push(tokio::spawn(server.run(router(served), stop.clone())));
        }
        writeln!(policy, "group witnesses 3 {}", NAMES.join(" "))?;
        writeln!(policy, "quorum witnesses")?;
        let path = place.join("policy");
        std::fs::write(&path, policy)?;
        Ok(Gathering {
            policy: path,
            stop,
            tasks,
        })
    }

    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            // What ended in a panic has said so.
            let _ = task.await;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the clock of its machine"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Since 1970.
pub fn seconds() -> u64 {
    let since = now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
