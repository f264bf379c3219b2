//! Named lists that rules ask with `listed(...)`: networks, devices, countries, serials. Their entries expire.

mod network;

use crate::bytes::{DecodeError, Reader, Writer};
use crate::name::Name;
use ids::time::Timestamp;
pub use network::{InvalidNetwork, Network};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Bytes of an entry.
pub const ENTRY_BYTES_MAX: usize = 128;
/// Lists of a rule set.
pub const LISTS_MAX: usize = 64;
/// Entries of all lists of a rule set together.
pub const ENTRIES_MAX: usize = 20_000;

/// What a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// Addresses and networks; an address is listed if a network on the list holds it.
    Networks,
    /// Texts, each exactly as it is: devices, countries, serials, customers.
    Texts,
}

impl ListKind {
    pub const ALL: [ListKind; 2] = [ListKind::Networks, ListKind::Texts];

    pub fn word(self) -> &'static str {
        match self {
            ListKind::Networks => "networks",
            ListKind::Texts => "texts",
        }
    }
}

/// Why an entry is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    #[error(transparent)]
    Network(#[from] InvalidNetwork),
    #[error("an entry is one line of 1 to {max} bytes", max = ENTRY_BYTES_MAX)]
    Text,
}

/// What stands on a list. The order makes the bytes canonical.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    Network(Network),
    Text(Box<str>),
}

/// A list, as it was at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    name: Name,
    kind: ListKind,
    /// When each entry expires; none if never.
    entries: BTreeMap<Entry, Option<Timestamp>>,
    /// The lengths of the networks on the list, longest first: what has to be looked up.
    lengths: Vec<u8>,
    hash: [u8; 32],
}

impl List {
    pub fn new(name: Name, kind: ListKind) -> List {
        List::of(name, kind, BTreeMap::new())
    }

    fn of(name: Name, kind: ListKind, entries: BTreeMap<Entry, Option<Timestamp>>) -> List {
        let lengths = entries.keys().filter_map(|entry| match entry {
            Entry::Network(network) => Some(network.length()),
            Entry::Text(_) => None,
        });
        let mut lengths: Vec<u8> = lengths.collect();
        lengths.sort_unstable_by(|left, right| right.cmp(left));
        lengths.dedup();
        let mut list = List {
            name,
            kind,
            entries,
            lengths,
            hash: [0; 32],
        };
        let mut bytes = Writer::default();
        list.write(&mut bytes);
        list.hash = Sha256::digest(bytes.finish()).into();
        list
    }

    pub fn name(&self) -> &Name {
        &self.name
    }

    pub fn kind(&self) -> ListKind {
        self.kind
    }

    /// Entries, also those that have expired and were not cleared away yet.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What names the content.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Every entry as people write it, with the time at which it expires.
    pub fn entries(&self) -> impl Iterator<Item = (String, Option<Timestamp>)> {
        self.entries.iter().map(|(entry, until)| {
            let text = match entry {
                Entry::Network(network) => network.to_string(),
                Entry::Text(text) => text.to_string(),
            };
            (text, *until)
        })
    }

    /// Whether the list holds the text at a time. A text that is no address is on no list of networks.
    pub fn holds(&self, text: &str, at: Timestamp) -> bool {
        match self.kind {
            ListKind::Networks => Network::parse(text).is_ok_and(|asked| {
                let lengths = self.lengths.iter();
                let wider = lengths.filter_map(|length| asked.widened(*length));
                wider
                    .into_iter()
                    .any(|network| self.holds_entry(&Entry::Network(network), at))
            }),
            ListKind::Texts => self.holds_entry(&Entry::Text(text.into()), at),
        }
    }

    fn holds_entry(&self, entry: &Entry, at: Timestamp) -> bool {
        let until = self.entries.get(entry);
        until.is_some_and(|until| until.is_none_or(|until| at < until))
    }

    /// The list with one more entry, or with another end for one that it has. What expired before `at` goes.
    ///
    /// # Errors
    /// The text is no entry of a list of this kind.
    pub fn with(
        &self,
        text: &str,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<List, EntryError> {
        let entry = self.parse(text)?;
        let mut entries = self.lasting(at);
        entries.insert(entry, until);
        Ok(List::of(self.name.clone(), self.kind, entries))
    }

    /// The list without an entry; none if it does not have it. What expired before `at` goes.
    ///
    /// # Errors
    /// The text is no entry of a list of this kind.
    pub fn without(&self, text: &str, at: Timestamp) -> Result<Option<List>, EntryError> {
        let entry = self.parse(text)?;
        if !self.entries.contains_key(&entry) {
            return Ok(None);
        }
        let mut entries = self.lasting(at);
        entries.remove(&entry);
        Ok(Some(List::of(self.name.clone(), self.kind, entries)))
    }

    fn lasting(&self, at: Timestamp) -> BTreeMap<Entry, Option<Timestamp>> {
        let mut entries = self.entries.clone();
        entries.retain(|_, until| until.is_none_or(|until| at < until));
        entries
    }

    fn parse(&self, text: &str) -> Result<Entry, EntryError> {
        match self.kind {
            ListKind::Networks => Ok(Entry::Network(Network::parse(text)?)),
            ListKind::Texts => {
                let is_line = !text.is_empty() && !text.chars().any(char::is_control);
                let is_entry = is_line && text.len() <= ENTRY_BYTES_MAX;
                is_entry
                    .then(|| Entry::Text(text.into()))
                    .ok_or(EntryError::Text)
            }
        }
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.text(self.name.as_str());
        out.byte(self.kind as u8);
        out.length(self.entries.len());
        for (entry, until) in &self.entries {
            match entry {
                Entry::Network(network) => network.write(out),
                Entry::Text(text) => out.text(text),
            }
            out.optional(*until, Writer::time);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<List, DecodeError> {
        let name = read_name(reader)?;
        let kind = read_kind(reader)?;
        let mut list = List::new(name, kind);
        let mut last = None;
        for _ in 0..reader.length(ENTRIES_MAX)? {
            let entry = match kind {
                ListKind::Networks => Entry::Network(Network::read(reader)?),
                ListKind::Texts => list
                    .parse(reader.text(ENTRY_BYTES_MAX)?)
                    .map_err(|_| DecodeError::Invalid("entry"))?,
            };
            if last.as_ref().is_some_and(|last| entry <= *last) {
                return Err(DecodeError::Invalid("order of entries"));
            }
            let until = reader.optional(Reader::time)?;
            last = Some(entry.clone());
            list.entries.insert(entry, until);
        }
        Ok(List::of(list.name, kind, list.entries))
    }
}

pub(crate) fn read_name(reader: &mut Reader<'_>) -> Result<Name, DecodeError> {
    Name::parse(reader.text(Name::LENGTH_MAX)?).map_err(|_| DecodeError::Invalid("name"))
}

pub(crate) fn read_kind(reader: &mut Reader<'_>) -> Result<ListKind, DecodeError> {
    let kind = ListKind::ALL.get(usize::from(reader.byte()?)).copied();
    kind.ok_or(DecodeError::Invalid("kind of list"))
}

/// The lists that an expression may name, in the order in which the rule set keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListNames {
    names: Vec<(Name, ListKind)>,
}

impl ListNames {
    pub fn new(lists: impl IntoIterator<Item = (Name, ListKind)>) -> ListNames {
        let mut names: Vec<_> = lists.into_iter().collect();
        names.sort_by(|left, right| left.0.cmp(&right.0));
        ListNames { names }
    }

    pub(crate) fn find(&self, name: &str) -> Option<(u16, ListKind)> {
        let found = self
            .names
            .binary_search_by(|(each, _)| each.as_str().cmp(name));
        let index = found.ok()?;
        Some((u16::try_from(index).ok()?, self.names[index].1))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests;
