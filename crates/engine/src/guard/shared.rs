//! What the nodes over one storage tell each other of wrong tries.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use ids::time::Span;
use parking_lot::Mutex;
use store::debt::{Charge, Debtor, Debts};
use store::failure::Failure;
use vault::vault::Vault;

use crate::guard::Source;

/// Charges that may wait for a storage that does not answer; what comes beyond counts on this node alone.
const WAITING_MAX: usize = 10_000;
/// Charges that are told in one call.
const TOLD_AT_ONCE_MAX: usize = 1_000;

pub(super) struct Shared {
    debts: Arc<dyn Debts>,
    vault: Arc<Vault>,
    waiting: Mutex<VecDeque<Charge>>,
    /// Held by whoever tells: the others' charges wait and go together.
    telling: tokio::sync::Mutex<()>,
}

impl Shared {
    pub(super) fn new(debts: Arc<dyn Debts>, vault: Arc<Vault>) -> Shared {
        Shared {
            debts,
            vault,
            waiting: Mutex::default(),
            telling: tokio::sync::Mutex::default(),
        }
    }

    pub(super) async fn owed(&self, sources: &[Source; 3]) -> Result<Vec<Span>, Failure> {
        let debtors = sources.map(|source| self.debtor(source));
        self.debts.owed(&debtors).await
    }

    /// Keeps a charge until it is told.
    pub(super) fn add(&self, source: Source, span: Span, most: Span) {
        let charge = Charge {
            debtor: self.debtor(source),
            span,
            most,
        };
        let mut waiting = self.waiting.lock();
        if waiting.len() < WAITING_MAX {
            waiting.push_back(charge);
        }
    }

    /// Tells what waits. A charge is forgotten once it is known to be told: a caller that goes away leaves it to the next.
    pub(super) async fn tell(&self) -> Result<(), Failure> {
        let _telling = self.telling.lock().await;
        loop {
            let told: Vec<Charge> = {
                let waiting = self.waiting.lock();
                waiting.iter().take(TOLD_AT_ONCE_MAX).copied().collect()
            };
            if told.is_empty() {
                return Ok(());
            }
            self.debts.charge(&told).await?;
            // Others only add behind what was told.
            self.waiting.lock().drain(..told.len());
        }
    }

    fn debtor(&self, source: Source) -> Debtor {
        let (kind, address) = match source {
            Source::Address(address) => (b'a', Some(address)),
            Source::Network(address) => (b'n', Some(address)),
            Source::System => (b's', None),
        };
        let mut name = vec![kind];
        match address {
            Some(IpAddr::V4(address)) => name.extend(address.octets()),
            Some(IpAddr::V6(address)) => name.extend(address.octets()),
            None => {}
        }
        Debtor(self.vault.guess_source(&name))
    }
}
