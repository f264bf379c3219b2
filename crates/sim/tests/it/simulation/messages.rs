//! Messages to merchants: each once, in order, and none missing.

use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use api::webhook::reader::Reader;
use ids::command::Sequence;
use ids::party::MerchantId;
use payment::state::Change;
use sim::memory::MemoryStore;
use sim::workload::cast;
use store::outbox::{Channel, Message, Outbox};
use store::port::Store;
use store::row::Key;

use crate::simulation::world::World;

/// A reader that nothing disturbs, and what it wrote.
pub struct Undisturbed {
    reader: Reader,
    outbox: Arc<MemoryStore>,
}

impl Undisturbed {
    pub fn over(store: Arc<MemoryStore>) -> Undisturbed {
        let outbox = Arc::new(MemoryStore::default());
        Undisturbed {
            reader: Reader::new(store, outbox.clone(), None),
            outbox,
        }
    }

    /// Whether the nodes' readers have written as much as this one.
    pub async fn is_caught_up_by(&mut self, store: &MemoryStore) -> bool {
        while 0 < self.reader.step().await.expect("memory can be read") {}
        for merchant in merchants() {
            let expected = messages(&self.outbox, merchant).await.len();
            if messages(store, merchant).await.len() < expected {
                return false;
            }
        }
        true
    }

    /// Compares what the nodes' readers wrote with this one's messages and with the journal.
    pub async fn audit(&self, world: &World) {
        let store = &world.network().store;
        let journal = store.entries_after(Sequence(0), usize::MAX).await;
        let journal = journal.expect("memory can be read");
        for merchant in merchants() {
            let written = messages(store, merchant).await;
            assert_eq!(written, messages(&self.outbox, merchant).await);
            for channel in [Channel::Webhook, Channel::Notification] {
                assert_no_gap(&written, channel);
            }
            assert_told(store, merchant, &journal, &written).await;
        }
    }
}

fn merchants() -> [MerchantId; 2] {
    [cast::BOOKSHOP, cast::cinema()]
}

/// All messages of a merchant, oldest first.
async fn messages(outbox: &MemoryStore, merchant: MerchantId) -> Vec<Message> {
    let found = outbox.messages(merchant.into(), None, usize::MAX).await;
    let mut found = found.expect("memory can be read");
    found.reverse();
    // Their ids depend on how the merchants' messages lie between each other.
    found.iter_mut().for_each(|message| message.id.0 = 0);
    found
}

fn assert_no_gap(messages: &[Message], channel: Channel) {
    let of_channel = messages.iter().filter(|it| it.content.channel == channel);
    let numbers: Vec<u64> = of_channel.map(|message| message.number).collect();
    let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, expected);
    let entries: Vec<Option<Sequence>> = messages.iter().map(|it| it.content.entry).collect();
    assert!(
        entries.is_sorted(),
        "messages are not in the order of the journal"
    );
}

/// Every payment that was created or authorised was told as the merchant wants it, once.
async fn assert_told(
    store: &MemoryStore,
    merchant: MerchantId,
    journal: &[Arc<Entry>],
    messages: &[Message],
) {
    let rows = store.load(&[Key::Merchant(merchant)]).await;
    let rows = rows.expect("memory can be read");
    let terms = rows.merchant(merchant).expect("it was founded");
    let hooks = usize::from(terms.webhook.is_some());
    for entry in journal {
        let (event, notifications) = match entry.fact() {
            Fact::PaymentCreated { id, .. } if id.mid.merchant == merchant => {
                ("payment.created", 0)
            }
            Fact::PaymentChanged {
                id,
                change: Change::Authorize { .. },
                ..
            } if id.mid.merchant == merchant => ("payment.authorized", 1),
            _ => continue,
        };
        let count = |channel| {
            let told = messages.iter().filter(|message| {
                message.content.entry == Some(entry.sequence())
                    && message.content.channel == channel
                    && (message.content.event == event || channel == Channel::Notification)
            });
            told.count()
        };
        assert_eq!(count(Channel::Webhook), hooks, "{event} of {entry:?}");
        assert_eq!(count(Channel::Notification), notifications, "{entry:?}");
    }
}
