//! Reading the journal.

use std::collections::HashMap;
use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use store::codec;
use store::failure::Failure;

use crate::database::{Client, Database};
use crate::failure::Problem;
use crate::row::{sequence, stored};
use crate::statements::{ENTRIES_AFTER, ENTRIES_AT, HEAD};

impl Database {
    pub async fn head(self: &Arc<Self>) -> Result<Sequence, Failure> {
        self.ask(|client| async move {
            let statement = client.prepare_cached(HEAD).await?;
            let row = client.query_one(&statement, &[]).await?;
            Ok(sequence(row.try_get(0)?))
        })
        .await
    }

    pub async fn entries_after(
        self: &Arc<Self>,
        after: Sequence,
        count: usize,
    ) -> Result<Vec<Arc<Entry>>, Failure> {
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        self.ask(move |client| async move {
            let statement = client.prepare_cached(ENTRIES_AFTER).await?;
            let rows = client
                .query(&statement, &[&stored(after.0), &limit])
                .await?;
            let mut entries = Vec::with_capacity(rows.len());
            let mut expected = after.next();
            for row in &rows {
                let entry = entry(row)?;
                if entry.sequence() != expected {
                    return Err(Problem::damaged("entries are missing"));
                }
                expected = expected.next();
                entries.push(Arc::new(entry));
            }
            Ok(entries)
        })
        .await
    }

    pub async fn entries_at(
        self: &Arc<Self>,
        sequences: &[Sequence],
    ) -> Result<Vec<Entry>, Failure> {
        let wanted: Arc<Vec<i64>> =
            Arc::new(sequences.iter().map(|wanted| stored(wanted.0)).collect());
        self.ask(move |client| entries_at(client, Arc::clone(&wanted)))
            .await
    }
}

async fn entries_at(client: Client, wanted: Arc<Vec<i64>>) -> Result<Vec<Entry>, Problem> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let statement = client.prepare_cached(ENTRIES_AT).await?;
    let rows = client.query(&statement, &[&*wanted]).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let entry = entry(row)?;
        found.insert(stored(entry.sequence().0), entry);
    }
    Ok(wanted
        .iter()
        .filter_map(|wanted| found.get(wanted).cloned())
        .collect())
}

fn entry(row: &tokio_postgres::Row) -> Result<Entry, Problem> {
    let number = sequence(row.try_get(0)?);
    let body: &[u8] = row.try_get(1)?;
    codec::decode_placed(body, number)
        .map_err(|error| Problem::damaged(format!("entry {}: {error}", number.0)))
}
