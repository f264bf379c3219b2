//! What a platform in memory states that it owes, in a log of its own.

use std::sync::Arc;

use accounting::entry::Actor;
use engine::core::Engine;
use engine::liabilities;
use engine::liabilities::desk::Desk;
use engine::liabilities::publishing::Publisher;
use engine::log::receipts::Receipts;
use engine::log::sequencer::{Round, Sequencer};
use engine::log::{self, Log};
use sim::memory::MemoryStore;
use vault::vault::Vault;

const ORIGIN: &str = "pay.example/log";

pub struct Stated {
    pub desk: Arc<Desk>,
    pub statements: liabilities::Ports,
    ports: log::Ports,
    log: Arc<Log>,
}

impl Stated {
    /// The pages are given the policy of the log that `shown` keys sign.
    pub fn over(
        engine: &Arc<Engine>,
        store: &Arc<MemoryStore>,
        vault: &Arc<Vault>,
        shown: &Vault,
    ) -> Stated {
        let log = Arc::new(Log::named(ORIGIN, vault).unwrap());
        let ports = log::Ports {
            store: store.clone(),
            seeds: store.clone(),
            log: store.clone(),
            vault: Arc::clone(vault),
        };
        let statements = liabilities::Ports {
            store: store.clone(),
            parts: store.clone(),
            vault: Arc::clone(vault),
        };
        let policy = Log::named(ORIGIN, shown).unwrap();
        let policy = format!("log {}\nquorum none\n", policy.public_key());
        let desk = Desk::new(
            Publisher::new(Arc::clone(engine), statements.clone()),
            Receipts::new(ports.clone(), Arc::clone(&log)),
            Arc::from(policy),
        );
        Stated {
            desk: Arc::new(desk),
            statements,
            ports,
            log,
        }
    }

    /// States what is owed, and lets the log have it.
    pub async fn state(&self) {
        self.desk.publish(Actor::Operator).await.unwrap();
        self.grow().await;
    }

    /// Lets the log have what was written.
    pub async fn grow(&self) {
        let sequencer = Sequencer::new(self.ports.clone(), Arc::clone(&self.log));
        while sequencer.round().await.unwrap() != Round::CaughtUp {}
    }
}
