//! What the risk engine remembers of the journal: profiles, tills, and the payments that wait for a person.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::party::DistributorId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use payment::state::Change;
use risk::event::Event;
use risk::profile::snapshot::SnapshotError;
use risk::profile::store::{ProfileSettings, Profiles};

use crate::idempotency::truncated;
use crate::risk::sold::{Sold, Till};

/// Payments that wait for a person, in memory at once; of more the oldest are kept, and the others end at their time.
pub const REVIEWS_MAX: usize = 100_000;

/// Stands in front of a snapshot.
const MAGIC: &[u8; 8] = b"scriprk2";

#[derive(Debug)]
pub struct Memory {
    pub profiles: Profiles,
    pub sold: Sold,
    /// Each with when it was put there.
    pub reviews: BTreeMap<PaymentId, Timestamp>,
    /// The last entry that is in here, and when it was made.
    pub read: Sequence,
    pub read_at: Timestamp,
}

/// What names the keys of a platform: nobody else's snapshot means anything here.
pub type Mark = [u8; 16];

/// Why bytes are no snapshot of this memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    #[error("the snapshot of what risk remembers is cut short or of another kind")]
    Foreign,
    #[error("the snapshot of what risk remembers is damaged")]
    Damaged,
    #[error(transparent)]
    Profiles(#[from] SnapshotError),
    #[error("the snapshot was made with other settings")]
    OtherSettings,
}

impl Memory {
    pub fn new(settings: ProfileSettings) -> Memory {
        Memory {
            profiles: Profiles::new(settings),
            sold: Sold::default(),
            reviews: BTreeMap::new(),
            read: Sequence(0),
            read_at: Timestamp(0),
        }
    }

    /// Learns from entries that follow the last one, as events.
    pub fn learn(&mut self, entries: &[Arc<Entry>], events: &[Event]) {
        events.iter().for_each(|event| self.profiles.apply(event));
        entries.iter().for_each(|entry| self.note_review(entry));
        if let Some(last) = entries.last() {
            self.read = last.sequence();
            self.read_at = last.at();
        }
    }

    fn note_review(&mut self, entry: &Entry) {
        let Fact::PaymentChanged { id, change, .. } = entry.fact() else {
            return;
        };
        match change {
            Change::Review { .. } if self.reviews.len() < REVIEWS_MAX => {
                self.reviews.insert(*id, entry.at());
            }
            Change::Release { .. } | Change::Cancel { .. } | Change::Expire { .. } => {
                self.reviews.remove(id);
            }
            _ => {}
        }
    }

    /// Everything as bytes: whose it is, where it stands in the journal, tills, reviews, profiles. Each list has its
    /// count in front.
    pub fn snapshot(&self, mark: Mark) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(mark);
        bytes.extend(self.read.0.to_le_bytes());
        bytes.extend(self.read_at.0.to_le_bytes());
        let sales: Vec<(Serial, Till)> = self.sold.iter().collect();
        bytes.extend((sales.len() as u64).to_le_bytes());
        for (serial, till) in sales {
            bytes.extend(serial.number().to_le_bytes());
            bytes.extend(till.distributor.number().to_le_bytes());
            text(&mut bytes, till.terminal.as_str());
        }
        bytes.extend((self.reviews.len() as u64).to_le_bytes());
        for (id, at) in &self.reviews {
            bytes.extend(at.0.to_le_bytes());
            text(&mut bytes, &id.to_string());
        }
        // The profiles have a digest of their own.
        let digest = truncated(&[&bytes]);
        bytes.extend(digest);
        bytes.extend(self.profiles.snapshot());
        bytes
    }

    /// The memory as [`Memory::snapshot`] wrote it, if it was made with these settings and this mark.
    pub fn restore(
        bytes: &[u8],
        mark: Mark,
        settings: ProfileSettings,
    ) -> Result<Memory, MemoryError> {
        let mut rest = Rest(bytes);
        let is_own =
            rest.take(MAGIC.len()) == Some(&MAGIC[..]) && rest.take(mark.len()) == Some(&mark[..]);
        if !is_own {
            return Err(MemoryError::Foreign);
        }
        let mut memory = Memory {
            read: Sequence(rest.number().ok_or(MemoryError::Foreign)?),
            read_at: Timestamp(rest.number().ok_or(MemoryError::Foreign)?.cast_signed()),
            ..Memory::new(ProfileSettings {
                entities_max: 0,
                ..settings
            })
        };
        rest.sales(&mut memory.sold).ok_or(MemoryError::Foreign)?;
        rest.reviews(&mut memory.reviews)
            .ok_or(MemoryError::Foreign)?;
        let digest = truncated(&[&bytes[..bytes.len() - rest.0.len()]]);
        if rest.take(digest.len()) != Some(&digest[..]) {
            return Err(MemoryError::Damaged);
        }
        memory.profiles = Profiles::restore(rest.0)?;
        if memory.profiles.settings() != Profiles::new(settings).settings() {
            return Err(MemoryError::OtherSettings);
        }
        Ok(memory)
    }
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    bytes.extend(text.bytes().take(usize::from(u8::MAX)));
}

/// What is left of a snapshot.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::from(*self.take(1)?.first()?);
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn sales(&mut self, sold: &mut Sold) -> Option<()> {
        for _ in 0..self.number()? {
            let serial = Serial::new(self.number()?).ok()?;
            let till = Till {
                distributor: DistributorId::new(self.number()?).ok()?,
                terminal: self.text()?.parse().ok()?,
            };
            sold.note(serial, till);
        }
        Some(())
    }

    fn reviews(&mut self, reviews: &mut BTreeMap<PaymentId, Timestamp>) -> Option<()> {
        for _ in 0..self.number()? {
            let at = Timestamp(self.number()?.cast_signed());
            reviews.insert(self.text()?.parse().ok()?, at);
        }
        Some(())
    }
}
