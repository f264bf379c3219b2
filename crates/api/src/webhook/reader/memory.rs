//! What the reader remembers, so that it seldom has to ask the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use accounting::entry::Entry;
use engine::history;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::party::MerchantId;
use payment::merchant::{Merchant, NotificationMode};
use payment::payment::Payment;
use store::failure::Failure;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;

/// How merchants want to be told, as of the entry that was read last.
#[derive(Default)]
pub struct Endpoints(HashMap<MerchantId, Terms>);

struct Terms {
    /// Where signed webhooks go.
    url: Option<Arc<str>>,
    notification: NotificationMode,
}

/// Payments of late, as of the entry that was read last.
///
/// Two generations: when the younger one is full, the older one is forgotten. What is used moves to the younger.
#[derive(Default)]
pub struct RecentPayments {
    young: HashMap<PaymentId, Payment>,
    old: HashMap<PaymentId, Payment>,
}

/// Payments in one generation, at which the next begins; a payment takes about a kilobyte.
const GENERATION_SIZE: usize = 4_096;

impl Endpoints {
    pub fn url(&self, merchant: MerchantId) -> Option<&str> {
        self.0.get(&merchant)?.url.as_deref()
    }

    /// Whether the merchant wants classic notifications.
    pub fn notifies(&self, merchant: MerchantId) -> bool {
        self.0
            .get(&merchant)
            .is_some_and(|terms| terms.notification == NotificationMode::Classic)
    }

    /// Whether the merchant is told anything at all.
    pub fn tells(&self, merchant: MerchantId) -> bool {
        self.url(merchant).is_some() || self.notifies(merchant)
    }

    pub fn save(&mut self, merchant: &Merchant) {
        let url = merchant
            .webhook
            .as_ref()
            .map(|webhook| Arc::from(webhook.url.as_str()));
        self.0.insert(
            merchant.id,
            Terms {
                url,
                notification: merchant.notification,
            },
        );
    }

    /// Loads the merchants that are not known yet.
    ///
    /// The store knows their terms of now. They are those of the entry unless the reader was stopped while the terms
    /// changed: then entries in between are told to the endpoint of now.
    pub async fn recall(
        &mut self,
        store: &dyn Store,
        merchants: impl Iterator<Item = MerchantId>,
    ) -> Result<(), Failure> {
        let unknown: HashSet<MerchantId> = merchants
            .filter(|merchant| !self.0.contains_key(merchant))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = unknown.iter().copied().map(Key::Merchant).collect();
        let rows = store.load(&keys).await?;
        for id in unknown {
            match rows.merchant(id) {
                Some(merchant) => self.save(merchant),
                None => {
                    self.0.insert(
                        id,
                        Terms {
                            url: None,
                            notification: NotificationMode::Off,
                        },
                    );
                }
            }
        }
        Ok(())
    }
}

impl RecentPayments {
    pub fn keep(&mut self, payment: Payment) {
        self.young.insert(payment.id, payment);
    }

    pub fn take(&mut self, id: PaymentId) -> Option<Payment> {
        self.young.remove(&id).or_else(|| self.old.remove(&id))
    }

    /// Loads those of the `needed` payments that are not known, as they were before the entry `first`.
    ///
    /// Only here is anything forgotten: what was kept or loaded since the last call is still known.
    pub async fn recall(
        &mut self,
        store: &dyn Store,
        needed: HashSet<PaymentId>,
        first: Sequence,
    ) -> Result<(), Failure> {
        if GENERATION_SIZE <= self.young.len() {
            self.old = std::mem::take(&mut self.young);
        }
        let unknown: Vec<PaymentId> = needed
            .into_iter()
            .filter(|id| !self.young.contains_key(id) && !self.old.contains_key(id))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let keys: Vec<Key> = unknown.iter().copied().map(Key::Payment).collect();
        let rows = store.load(&keys).await?;
        let mut wanted = Vec::new();
        for payment in unknown.iter().filter_map(|id| rows.payment(*id)) {
            if payment.version < first {
                self.keep(Payment::clone(payment));
            } else {
                let earlier = payment.entries.iter().filter(|entry| **entry < first);
                wanted.extend(earlier.copied());
            }
        }
        for entries in by_payment(store.entries_at(&wanted).await?).into_values() {
            if let Some(payment) = history::fold(&entries) {
                self.keep(payment);
            }
        }
        Ok(())
    }
}

/// The entries of each payment in their order.
fn by_payment(entries: Vec<Entry>) -> HashMap<PaymentId, Vec<Entry>> {
    let mut groups: HashMap<PaymentId, Vec<Entry>> = HashMap::new();
    for entry in entries {
        if let Some(id) = history::payment_of(&entry) {
            groups.entry(id).or_default().push(entry);
        }
    }
    groups
}
