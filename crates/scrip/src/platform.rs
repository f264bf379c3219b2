//! The platform put together: storage, keys, engine, timers, messages and the routes of every edge.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use api::webhook::address::TargetPolicy;
use api::webhook::{self, Ports, Settings};
use engine::clock::{Clock, SystemClock};
use engine::core::Engine;
use engine::guard::{Guard, GuardLimits};
use engine::reversal::Watch;
use engine::service::distributor::DistributorService;
use engine::service::merchant::MerchantService;
use engine::service::operator::OperatorService;
use engine::service::payer::PayerService;
use engine::timers;
use ids::command::Sequence;
use store::outbox::Outbox;
use store::port::Store;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vault::vault::Vault;

/// The file of the data directory that holds the keys.
const KEY_FILE: &str = "vault.key";
/// The file that says which keys the data belongs to.
const KEY_ID_FILE: &str = "vault.id";

/// An open data directory with its engine.
pub struct Platform {
    pub engine: Arc<Engine>,
    pub store: Arc<SqliteStore>,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
}

/// The tasks that serve readers of the journal and watch the time.
pub struct Background {
    stop: CancellationToken,
    messages: webhook::Tasks,
    timers: JoinHandle<()>,
    watch: JoinHandle<()>,
}

impl Platform {
    /// Opens the data directory, or makes it where there is none.
    pub fn open(data: &Path) -> anyhow::Result<Platform> {
        // Whoever may read the directory reads customer ids and addresses.
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data)
            .with_context(|| format!("cannot make the data directory {}", data.display()))?;
        let store = SqliteStore::open(data, Options::default())?;
        let vault = Arc::new(open_vault(data)?);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let port = Arc::clone(&store) as Arc<dyn Store>;
        let engine = Engine::start(port, Arc::clone(&clock), Arc::clone(&vault))
            .context("the engine's thread could not be started")?;
        Ok(Platform {
            engine,
            store,
            vault,
            clock,
        })
    }

    pub fn merchants(&self) -> MerchantService {
        MerchantService::new(Arc::clone(&self.engine))
    }

    pub fn distributors(&self) -> DistributorService {
        DistributorService::new(Arc::clone(&self.engine))
    }

    pub fn operator(&self) -> OperatorService {
        OperatorService::new(Arc::clone(&self.engine))
    }

    pub fn payers(&self) -> PayerService {
        let guard = Guard::new(GuardLimits::default(), Arc::clone(&self.clock));
        PayerService::new(Arc::clone(&self.engine), Arc::new(guard))
    }

    /// Starts the timers and the delivery of messages.
    pub fn start_background(&self, targets: TargetPolicy) -> anyhow::Result<Background> {
        let stop = CancellationToken::new();
        let ports = Ports {
            store: self.store_port(),
            outbox: self.outbox_port(),
            vault: Arc::clone(&self.vault),
            clock: Arc::clone(&self.clock),
        };
        let settings = Settings {
            targets,
            ..Settings::default()
        };
        let messages = webhook::start(ports, settings, &stop)
            .context("the delivery of webhooks cannot be started")?;
        let timers = tokio::spawn(timers::run(Arc::clone(&self.engine)));
        let watch = tokio::spawn(Watch::new(Arc::clone(&self.engine)).run());
        Ok(Background {
            stop,
            messages,
            timers,
            watch,
        })
    }

    pub fn store_port(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    pub fn outbox_port(&self) -> Arc<dyn Outbox> {
        Arc::clone(&self.store) as Arc<dyn Outbox>
    }

    /// The last entry of the journal.
    pub async fn store_head(&self) -> anyhow::Result<Sequence> {
        Ok(self.store.head().await?)
    }

    /// Finishes the waiting commands and closes the storage.
    pub fn close(self) -> anyhow::Result<()> {
        self.engine.stop();
        self.store.close();
        Ok(())
    }
}

impl Background {
    /// Ends the tasks; what they had not finished, they take up after the next start.
    pub async fn stop(self, platform: &Platform) {
        self.stop.cancel();
        // A command that a timer has handed over is carried out all the same.
        self.timers.abort();
        self.watch.abort();
        self.messages.join().await;
        for (name, task) in [("timers", self.timers), ("watch", self.watch)] {
            if let Err(error) = task.await
                && error.is_panic()
            {
                tracing::error!(%error, name, "a task ended in a panic");
            }
        }
        platform.engine.stop();
    }
}

/// The keys of the directory. Data that exists is never opened with other keys than its own.
fn open_vault(data: &Path) -> anyhow::Result<Vault> {
    let key_file = data.join(KEY_FILE);
    let id_file = data.join(KEY_ID_FILE);
    let vault = if id_file.exists() {
        Vault::open(&key_file)?
    } else {
        Vault::open_or_create(&key_file)?
    };
    let id = vault.key_id().to_string();
    match std::fs::read_to_string(&id_file) {
        Ok(found) if found.trim() == id => Ok(vault),
        Ok(found) => anyhow::bail!(
            "{} is not the key of this data directory: it has the id {id}, the data belongs to {}; put the right key file back",
            key_file.display(),
            found.trim()
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::write(&id_file, format!("{id}\n"))
                .with_context(|| format!("cannot write {}", id_file.display()))?;
            Ok(vault)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", id_file.display())),
    }
}
