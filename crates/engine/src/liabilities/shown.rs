//! Statements as they stand in the journal.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use liabilities::statement::Statement;
use store::row::Key;

use crate::liabilities::{LiabilitiesError, Ports};

/// A statement with the entry that published it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub entry: Entry,
    pub content: Arc<[u8]>,
    pub statement: Statement,
}

impl Ports {
    /// The newest statement; none before the first.
    pub async fn newest(&self) -> Result<Option<Shown>, LiabilitiesError> {
        match self.newest_entry().await? {
            Some(entry) => self.published_in(entry).await,
            None => Ok(None),
        }
    }

    /// The entry with the newest statement; none before the first.
    pub(super) async fn newest_entry(&self) -> Result<Option<Sequence>, LiabilitiesError> {
        let key = Key::Document(DocumentName::Liabilities);
        let rows = self.store.load(&[key]).await?;
        let document = rows.document(DocumentName::Liabilities);
        Ok(document.map(|document| document.version))
    }

    /// The statement in this entry; none if the entry is another one, or there is none.
    pub async fn published_in(&self, entry: Sequence) -> Result<Option<Shown>, LiabilitiesError> {
        let found = self.store.entries_at(&[entry]).await?;
        let Some(entry) = found.into_iter().next() else {
            return Ok(None);
        };
        let Fact::DocumentSaved { name, content } = entry.fact() else {
            return Ok(None);
        };
        if *name != DocumentName::Liabilities {
            return Ok(None);
        }
        let content = Arc::clone(content);
        let unreadable = || LiabilitiesError::Unreadable(entry.sequence());
        let statement = Statement::decode(&content).ok_or_else(unreadable)?;
        Ok(Some(Shown {
            entry,
            content,
            statement,
        }))
    }

    /// At most so many statements before this one, newest first.
    pub async fn before(
        &self,
        shown: &Shown,
        count: usize,
    ) -> Result<Vec<Shown>, LiabilitiesError> {
        let mut found: Vec<Shown> = Vec::new();
        while found.len() < count {
            let before = found.last().unwrap_or(shown).statement.before;
            match self.published_in(before).await? {
                Some(older) => found.push(older),
                None => break,
            }
        }
        Ok(found)
    }
}
