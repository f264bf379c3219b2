//! Addresses that leave with their vouchers.
//!
//! An address is needed until every letter about its voucher was sent or given up, the one about the entry that ended the
//! voucher among them. So its parting is a message of the outbox, written behind those letters in the step that moves the
//! reader's cursor, and done when none of them waits any more. It survives a crash, as they do, and it is never given up.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::{Actor, Entry};
use engine::core::Engine;
use engine::service::contact::{self, ContactError};
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use store::failure::Failure;
use store::fold::Rows;
use store::outbox::{Channel, Message, MessageStatus, NewMessage, Outbox, Queue, Recipient};
use store::port::Store;
use store::row::Key;

/// The name of a parting in the outbox.
pub const EVENT: &str = "owner.parting";
/// How long a parting waits at least behind a letter that is on its way.
pub const BEHIND_A_LETTER_MIN: Span = Span::SECOND.times(5);
/// How long a parting that has waited for long waits at most until it looks again.
pub const BEHIND_A_LETTER_MAX: Span = Span::HOUR;
/// Letters in one look into the outbox.
const PAGE_SIZE: usize = 100;

/// Takes the addresses away whose time has come.
#[derive(Clone)]
pub struct Partings {
    engine: Arc<Engine>,
    outbox: Arc<dyn Outbox>,
}

/// What became of a parting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parted {
    /// The address is gone, or stays: somebody gave value back to the voucher, or a later parting is about it.
    Done,
    /// A letter to the address waits.
    LettersWait { until: Timestamp },
    /// The address could not be taken away now.
    NotYet,
}

/// The partings of the vouchers that have ended, of those that these entries are about. Every voucher is to be one with an
/// address.
///
/// A voucher that a later entry changed once more parts when that entry is read: until then letters may come.
pub async fn of<'a>(
    store: &dyn Store,
    entries: impl Iterator<Item = (&'a Entry, Vec<Serial>)>,
) -> Result<Vec<NewMessage>, Failure> {
    let mut touched: BTreeMap<Serial, &Entry> = BTreeMap::new();
    let mut last = None;
    for (entry, serials) in entries {
        last = Some(entry.sequence());
        touched.extend(serials.into_iter().map(|serial| (serial, entry)));
    }
    let keys: Vec<Key> = touched.keys().copied().map(Key::Voucher).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = store.load(&keys).await?;
    let has_ended = |serial: &Serial| {
        let voucher = rows.voucher(*serial);
        voucher.is_some_and(|voucher| voucher.is_closed() && Some(voucher.version) <= last)
    };
    Ok(touched
        .into_iter()
        .filter(|(serial, _)| has_ended(serial))
        .map(|(serial, entry)| parting(serial, entry))
        .collect())
}

fn parting(serial: Serial, entry: &Entry) -> NewMessage {
    NewMessage {
        recipient: Recipient::Owner(serial),
        channel: Channel::Parting,
        event: EVENT.to_owned(),
        url: String::new(),
        body: String::new(),
        entry: Some(entry.sequence()),
        created_at: entry.at(),
    }
}

impl Partings {
    pub fn new(engine: Arc<Engine>, outbox: Arc<dyn Outbox>) -> Partings {
        Partings { engine, outbox }
    }

    /// Takes the address of this parting away, if all letters to it are over. An error means that the storage did not say so.
    pub async fn part(&self, parting: &Message) -> Result<Parted, Failure> {
        let Recipient::Owner(serial) = parting.content.recipient else {
            return Ok(Parted::Done);
        };
        let name = DocumentName::VoucherContact(serial);
        let keys = [Key::Voucher(serial), Key::Document(name)];
        let rows = self.engine.store().load(&keys).await?;
        let voucher = rows.voucher(serial).filter(|voucher| voucher.is_closed());
        let (Some(voucher), Some(_)) = (voucher, contact::of(&rows, serial)) else {
            return Ok(Parted::Done);
        };
        // An entry that changed the voucher since, and that no letters were written about yet, brings its own parting.
        if self.outbox.cursor().await? < voucher.version {
            return Ok(Parted::Done);
        }
        if let Some(letter_at) = self.letter_waits(serial).await? {
            let now = self.engine.clock().now();
            let age = Span(now.0 - parting.content.created_at.0);
            let pause = age.clamp(BEHIND_A_LETTER_MIN, BEHIND_A_LETTER_MAX);
            let until = now.max(letter_at).plus(pause);
            return Ok(Parted::LettersWait { until });
        }
        Ok(
            match contact::take_away(&self.engine, Actor::Timer, serial).await {
                // Its owner changed it at this moment, which is an entry with a parting of its own.
                Ok(()) | Err(ContactError::StaleLink) => Parted::Done,
                Err(error) => {
                    tracing::warn!(%error, "an address stays behind its voucher for now");
                    Parted::NotYet
                }
            },
        )
    }

    /// When the last of the letters to the owner is tried next; none if all of them are over.
    async fn letter_waits(&self, serial: Serial) -> Result<Option<Timestamp>, Failure> {
        let (mut latest, mut before) = (None, None);
        loop {
            let page = self
                .outbox
                .messages(Recipient::Owner(serial), before, PAGE_SIZE)
                .await?;
            for message in &page {
                let is_letter = message.content.channel.queue() == Queue::Letters;
                if let MessageStatus::Pending { next_attempt_at } = message.status
                    && is_letter
                {
                    latest = latest.max(Some(next_attempt_at));
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE_SIZE => before = Some(last.id),
                Some(_) | None => return Ok(latest),
            }
        }
    }
}
