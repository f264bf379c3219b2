//! The platform put together: storage, keys, engine, timers, messages and the routes of every edge.

mod background;
mod measured;

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use engine::atlas::Atlas;
use engine::clock::{Clock, SystemClock};
use engine::core::Engine;
use engine::erasing::Eraser;
use engine::figures::deliveries::Deliveries;
use engine::guard::{Guard, GuardLimits};
use engine::judge::{Judge, LetPass};
use engine::lease::HeldLeases;
use engine::liabilities;
use engine::liabilities::desk::Desk;
use engine::liabilities::publishing::Publisher;
use engine::log::promise::Promiser;
use engine::log::receipts::Receipts;
use engine::log::witnessing::Witnesses;
use engine::log::{self, Log};
use engine::risk::{ENTITIES_DEFAULT, Risk};
use engine::service::analyst::AnalystService;
use engine::service::distributor::DistributorService;
use engine::service::merchant::MerchantService;
use engine::service::operator::OperatorService;
use engine::service::payer::PayerService;
use explorer::PublishedLog;
use ids::command::Sequence;
use ids::time::Span;
use mail::post::Post;
use mail::smtp::SmtpServer;
use store::outbox::Outbox;
use store::port::Store;
use store_postgres::store::PostgresStore;
use tokio_util::sync::CancellationToken;
use vault::vault::Vault;

use crate::anchored::AnchorSettings;
use crate::atlas::AtlasFile;
use crate::backend::Backend;
use crate::cli::DataDirectory;
use crate::keys;
use crate::moving::standing;
use crate::remembered::Remembered;
use crate::witnesses::{self, AskedWitnesses};

pub use background::Background;

/// Open storage with its engine.
pub struct Platform {
    pub engine: Arc<Engine>,
    backend: Backend,
    guard: Arc<Guard>,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    pub risk: Arc<Risk>,
    judging: Judging,
    deliveries: Arc<Deliveries>,
    leases: Arc<HeldLeases>,
    remembered: Remembered,
    atlas: Arc<Atlas>,
    /// What the atlas is read from.
    atlas_file: Option<AtlasFile>,
    /// The transparency log, where one is named.
    log: Option<Arc<Log>>,
    /// Whoever cosigns it, where a policy says who.
    witnesses: Option<Arc<dyn Witnesses>>,
    /// Where it is anchored, if it is.
    anchors: Option<AnchorSettings>,
    /// Whom everybody is told to believe about the log.
    policy: Arc<str>,
    /// Where everybody asks about what is owed, and how often it is stated.
    liabilities: Option<Arc<Desk>>,
    liabilities_every: Option<Span>,
}

/// Whether attempts to pay are judged, and by how much memory.
#[derive(Clone, Copy, Debug)]
pub struct RiskSetup {
    pub judging: Judging,
    /// Profiles that are remembered at most.
    pub entities_max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judging {
    On,
    Off,
}

impl Default for RiskSetup {
    fn default() -> RiskSetup {
        RiskSetup {
            judging: Judging::On,
            entities_max: ENTITIES_DEFAULT,
        }
    }
}

impl Platform {
    /// Opens the storage of the data directory, or makes it where there is none.
    pub fn open(data: &Path) -> anyhow::Result<Platform> {
        Platform::open_with(data, RiskSetup::default())
    }

    fn open_with(data: &Path, risk: RiskSetup) -> anyhow::Result<Platform> {
        make_directory(data)?;
        let backend = Backend::embedded(data)?;
        Platform::over(backend, keys::open(data)?, data, risk)
    }

    /// Opens the storage that `url` names; an empty one names the data directory, where the keys are in any case.
    pub async fn connect(data: &Path, url: &str) -> anyhow::Result<Platform> {
        Platform::connect_with(data, url, RiskSetup::default()).await
    }

    /// The same, judged as the setup says.
    pub async fn connect_with(data: &Path, url: &str, risk: RiskSetup) -> anyhow::Result<Platform> {
        if url.is_empty() {
            return Platform::open_with(data, risk);
        }
        make_directory(data)?;
        let backend = Backend::shared(url).await?;
        let vault = match &backend {
            Backend::Shared(store) => keys::open_for(data, store).await?,
            Backend::Embedded(_) => keys::open(data)?,
        };
        Platform::over(backend, vault, data, risk)
    }

    fn over(
        backend: Backend,
        vault: Vault,
        data: &Path,
        setup: RiskSetup,
    ) -> anyhow::Result<Platform> {
        let vault = Arc::new(vault);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let risk = Arc::new(Risk::new(Arc::clone(&vault), setup.entities_max));
        let judge: Arc<dyn Judge> = match setup.judging {
            Judging::On => Arc::clone(&risk) as Arc<dyn Judge>,
            Judging::Off => Arc::new(LetPass),
        };
        let engine = Engine::start(
            backend.store(),
            Arc::clone(&clock),
            Arc::clone(&vault),
            judge,
        )
        .context("the engine's thread could not be started")?;
        let guard = guard(GuardLimits::default(), &backend, &clock, &vault);
        Ok(Platform {
            engine,
            backend,
            guard,
            vault,
            clock,
            risk,
            judging: setup.judging,
            deliveries: Arc::default(),
            leases: Arc::default(),
            remembered: Remembered::at(data),
            atlas: Arc::default(),
            atlas_file: None,
            log: None,
            witnesses: None,
            anchors: None,
            policy: Arc::from(""),
            liabilities: None,
            liabilities_every: None,
        })
    }

    /// The same, knowing from a file where addresses are; before it serves anybody. An empty path names no file.
    pub fn locating(self, path: &Path) -> anyhow::Result<Platform> {
        if path.as_os_str().is_empty() {
            return Ok(self);
        }
        let (file, atlas) = AtlasFile::open(path)?;
        Ok(Platform {
            atlas: Arc::new(atlas),
            atlas_file: Some(file),
            ..self
        })
    }

    /// The same with a transparency log of this name, cosigned by the witnesses of a policy file; an empty name names no log,
    /// and an empty path no witnesses.
    pub fn keeping_log(self, origin: &str, policy: &Path) -> anyhow::Result<Platform> {
        if origin.is_empty() {
            return Ok(self);
        }
        let log = Log::named(origin, &self.vault).context("log.origin")?;
        tracing::info!(key = %log.public_key(), "the transparency log is checked with this key");
        let mut witnesses: Option<Arc<dyn Witnesses>> = None;
        let mut shown = witnesses::policy_of_nobody(log.public_key());
        if !policy.as_os_str().is_empty() {
            let (ports, clock) = (self.log_ports(), Arc::clone(&self.clock));
            let asked = AskedWitnesses::of_policy(policy, log.public_key(), ports, clock)?;
            shown = asked.shown_policy().to_owned();
            witnesses = Some(Arc::new(asked));
        }
        let log = Arc::new(log);
        let receipts = Receipts::new(self.log_ports(), Arc::clone(&log));
        let desk = Desk::new(self.publisher(), receipts, Arc::from(shown.as_str()));
        Ok(Platform {
            log: Some(log),
            witnesses,
            policy: shown.into(),
            liabilities: Some(Arc::new(desk)),
            ..self
        })
    }

    /// The same, stating what is owed every so many hours; with 0 only when somebody asks.
    pub fn stating_every(self, hours: u32) -> Platform {
        let every = (0 < hours).then(|| Span::HOUR.times(i64::from(hours)));
        Platform {
            liabilities_every: every,
            ..self
        }
    }

    /// Where everybody asks about what is owed; none where there is no transparency log.
    pub fn liabilities(&self) -> Option<Arc<Desk>> {
        self.liabilities.clone()
    }

    /// What states what is owed.
    pub fn publisher(&self) -> Publisher {
        let ports = liabilities::Ports {
            store: self.store_port(),
            parts: self.backend.parts(),
            vault: Arc::clone(&self.vault),
        };
        Publisher::new(Arc::clone(&self.engine), ports)
    }

    /// The same with the log anchored on a chain.
    #[must_use]
    pub fn anchoring(self, anchors: Option<AnchorSettings>) -> Platform {
        Platform { anchors, ..self }
    }

    /// What everybody may read of the transparency log; none where there is none.
    pub fn published_log(&self) -> Option<PublishedLog> {
        let log = self.log.as_ref()?;
        Some(PublishedLog {
            storage: self.backend.log_storage(),
            origin: Arc::from(log.origin()),
            policy: Arc::clone(&self.policy),
        })
    }

    /// The same with other limits for wrong PINs; before anything watches for them.
    pub fn limiting_guesses(self, limits: GuardLimits) -> Platform {
        let guard = guard(limits, &self.backend, &self.clock, &self.vault);
        Platform { guard, ..self }
    }

    pub fn merchants(&self) -> MerchantService {
        let merchants = MerchantService::new(Arc::clone(&self.engine));
        match &self.log {
            Some(log) => {
                let promiser = Promiser::new(Arc::clone(log), self.log_ports());
                merchants
                    .promising(Arc::new(promiser))
                    .giving_receipts(self.receipts(log))
            }
            None => merchants,
        }
    }

    fn receipts(&self, log: &Arc<Log>) -> Arc<Receipts> {
        Arc::new(Receipts::new(self.log_ports(), Arc::clone(log)))
    }

    pub fn distributors(&self) -> DistributorService {
        let distributors = DistributorService::new(Arc::clone(&self.engine));
        match &self.log {
            Some(log) => distributors.giving_receipts(self.receipts(log)),
            None => distributors,
        }
    }

    pub fn operator(&self) -> OperatorService {
        OperatorService::new(Arc::clone(&self.engine))
    }

    pub fn eraser(&self) -> Eraser {
        Eraser::new(Arc::clone(&self.engine), self.log_ports())
    }

    pub fn analysts(&self) -> AnalystService {
        AnalystService::new(Arc::clone(&self.engine), Arc::clone(&self.risk))
    }

    pub fn payers(&self) -> PayerService {
        let payers = PayerService::new(Arc::clone(&self.engine), Arc::clone(&self.guard))
            .locating(Arc::clone(&self.atlas));
        match &self.log {
            Some(log) => payers.giving_receipts(self.receipts(log)),
            None => payers,
        }
    }

    /// What a transparency log is made of and kept in.
    pub fn log_ports(&self) -> log::Ports {
        log::Ports {
            store: self.store_port(),
            seeds: self.backend.seeds(),
            log: self.backend.log_storage(),
            vault: Arc::clone(&self.vault),
        }
    }

    /// What writes to owners of vouchers by way of this server; their pages are at `base_url`.
    pub fn post(&self, server: SmtpServer, base_url: &str) -> Arc<Post> {
        Arc::new(Post {
            store: self.store_port(),
            vault: Arc::clone(&self.vault),
            server,
            base_url: base_url.into(),
        })
    }

    pub fn store_port(&self) -> Arc<dyn Store> {
        self.backend.store()
    }

    pub fn outbox_port(&self) -> Arc<dyn Outbox> {
        self.backend.outbox()
    }

    /// The storage, if its data may move meanwhile: no other process can have a directory open.
    pub fn shared_store(&self) -> Option<Arc<PostgresStore>> {
        match &self.backend {
            Backend::Embedded(_) => None,
            Backend::Shared(store) => Some(Arc::clone(store)),
        }
    }

    /// Ends with `stop`, or stops it with the reason why the data may not be served here any more.
    pub fn watch_standing(
        &self,
        stop: CancellationToken,
    ) -> impl Future<Output = anyhow::Result<()>> + Send + 'static {
        let watched = self.shared_store();
        async move {
            match watched {
                Some(store) => standing::watch(store, stop).await,
                None => Ok(()),
            }
        }
    }

    /// The last entry of the journal.
    pub async fn store_head(&self) -> anyhow::Result<Sequence> {
        Ok(self.backend.store().head().await?)
    }

    /// Finishes the waiting commands and closes the storage.
    pub fn close(self) -> anyhow::Result<()> {
        self.engine.stop();
        self.backend.close();
        Ok(())
    }
}

impl DataDirectory {
    /// The platform that the arguments of a command name.
    pub async fn open(&self) -> anyhow::Result<Platform> {
        Platform::connect(&self.data, &self.store).await
    }
}

/// Over several nodes, one that counts with the others.
fn guard(
    limits: GuardLimits,
    backend: &Backend,
    clock: &Arc<dyn Clock>,
    vault: &Arc<Vault>,
) -> Arc<Guard> {
    let clock = Arc::clone(clock);
    Arc::new(match backend.debts() {
        Some(debts) => Guard::shared(limits, clock, debts, Arc::clone(vault)),
        None => Guard::new(limits, clock),
    })
}

/// Whoever may read the directory reads customer ids, addresses and keys.
pub(crate) fn make_directory(data: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .with_context(|| format!("cannot make the data directory {}", data.display()))
}
