//! The store itself: what others open and call.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use ledger::balances::Balances;
use payment::payment::Payment;
use store::failure::Failure;
use store::port::{Answer, Batch, CommitError, Due, Store};
use store::query::{MovementQuery, Page, PaymentQuery, ReversalQuery};
use store::row::Key;
use store::shift::Shift;
use store::snapshot::Snapshot;

use crate::connections::Connections;
use crate::database::Database;
use crate::statements::{CLAIM_SETTING, SETTING};
use crate::target::Target;
use crate::{maintenance, migrations};

/// One node's way to a database that other nodes use as well.
///
/// The futures wait without blocking, and what they began goes on when they are dropped.
#[derive(Debug)]
pub struct PostgresStore {
    pub(crate) database: Arc<Database>,
}

impl PostgresStore {
    /// Connects, and brings the schema up to this program if that is needed.
    pub async fn open(target: &Target) -> Result<Arc<PostgresStore>, Failure> {
        let database = Database::new(target)?;
        let own_target = target.clone();
        database
            .run(async move { migrations::migrate(&own_target).await })
            .await?;
        Ok(PostgresStore::over(database))
    }

    /// Connects to a platform that is there, with the schema of this program. Anything else is refused, and not changed.
    pub async fn open_existing(target: &Target) -> Result<Arc<PostgresStore>, Failure> {
        let database = Database::new(target)?;
        let own_target = target.clone();
        database
            .run(async move { migrations::require_current(&own_target).await })
            .await?;
        Ok(PostgresStore::over(database))
    }

    fn over(database: Arc<Database>) -> Arc<PostgresStore> {
        maintenance::start(&database);
        Arc::new(PostgresStore { database })
    }

    /// The connections of this node.
    pub fn connections(&self) -> Connections {
        self.database.connections()
    }

    /// The database in words.
    pub fn place(&self) -> &str {
        self.database.place()
    }

    /// Notes a fact about the installation if none is noted under this name; answers what is noted.
    pub async fn claim_setting(
        &self,
        name: &'static str,
        value: String,
    ) -> Result<String, Failure> {
        let value = Arc::new(value);
        self.database
            .ask(move |client| {
                let value = Arc::clone(&value);
                async move {
                    let claim = client.prepare_cached(CLAIM_SETTING).await?;
                    client.execute(&claim, &[&name, &*value]).await?;
                    let read = client.prepare_cached(SETTING).await?;
                    Ok(client.query_one(&read, &[&name]).await?.try_get(0)?)
                }
            })
            .await
    }

    /// A fact about the installation.
    pub async fn setting(&self, name: &'static str) -> Result<Option<String>, Failure> {
        self.database
            .ask(move |client| async move {
                let read = client.prepare_cached(SETTING).await?;
                let row = client.query_opt(&read, &[&name]).await?;
                Ok(row.map(|row| row.try_get(0)).transpose()?)
            })
            .await
    }

    /// Lets go of the connections. Whatever is asked afterwards fails.
    pub fn close(&self) {
        self.database.close();
    }
}

impl Store for PostgresStore {
    fn load<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Result<Snapshot, Failure>> {
        Box::pin(self.database.load(keys))
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Result<Shift, CommitError>> {
        Box::pin(self.database.commit(batch))
    }

    fn head(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(self.database.head())
    }

    fn entries_after(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        Box::pin(self.database.entries_after(after, count))
    }

    fn entries_at<'a>(
        &'a self,
        sequences: &'a [Sequence],
    ) -> Answer<'a, Result<Vec<Entry>, Failure>> {
        Box::pin(self.database.entries_at(sequences))
    }

    fn due(&self, now: Timestamp, count: usize) -> Answer<'_, Result<Vec<Due>, Failure>> {
        Box::pin(self.database.due(now, count))
    }

    fn payments<'a>(
        &'a self,
        query: &'a PaymentQuery,
    ) -> Answer<'a, Result<Page<Arc<Payment>>, Failure>> {
        Box::pin(self.database.payments(query))
    }

    fn voucher_entries(&self, serial: Serial) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        Box::pin(self.database.voucher_entries(serial))
    }

    fn movements<'a>(
        &'a self,
        query: &'a MovementQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(self.database.movements(query))
    }

    fn reversals<'a>(
        &'a self,
        query: &'a ReversalQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(self.database.reversals(query))
    }

    fn balances(&self) -> Answer<'_, Result<Balances, Failure>> {
        Box::pin(self.database.balances())
    }
}
