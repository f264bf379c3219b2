//! Leases, by the clock of the database.

use std::time::Duration;

use store::failure::Failure;
use store::lease::{FencingToken, Held, Holder, LeaseName, Leases, Renewal};
use store::port::Answer;

use crate::row::{restored, stored};
use crate::statements::{ACQUIRE_LEASE, RELEASE_LEASE, RENEW_LEASE};
use crate::store::PostgresStore;

impl Leases for PostgresStore {
    fn acquire(
        &self,
        name: LeaseName,
        holder: Holder,
        span: Duration,
    ) -> Answer<'_, Result<Option<FencingToken>, Failure>> {
        // Asking again after a lost answer finds the lease taken, by this very holder: it waits until that one ends.
        Box::pin(self.database.ask(move |client| async move {
            let statement = client.prepare_cached(ACQUIRE_LEASE).await?;
            let taken = client
                .query_opt(
                    &statement,
                    &[&name.as_str(), &holder.0.as_slice(), &milliseconds(span)],
                )
                .await?;
            let token = taken.map(|row| row.try_get(0)).transpose()?;
            Ok(token.map(|token| FencingToken(restored(token))))
        }))
    }

    fn renew(&self, held: Held, span: Duration) -> Answer<'_, Result<Renewal, Failure>> {
        Box::pin(self.database.ask(move |client| async move {
            let Held {
                name,
                holder,
                token,
            } = held;
            let statement = client.prepare_cached(RENEW_LEASE).await?;
            let renewed = client
                .execute(
                    &statement,
                    &[
                        &name.as_str(),
                        &holder.0.as_slice(),
                        &stored(token.0),
                        &milliseconds(span),
                    ],
                )
                .await?;
            Ok(if renewed == 1 {
                Renewal::Prolonged
            } else {
                Renewal::Lost
            })
        }))
    }

    fn release(&self, held: Held) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.database.ask(move |client| async move {
            let Held {
                name,
                holder,
                token,
            } = held;
            let statement = client.prepare_cached(RELEASE_LEASE).await?;
            client
                .execute(
                    &statement,
                    &[&name.as_str(), &holder.0.as_slice(), &stored(token.0)],
                )
                .await?;
            Ok(())
        }))
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
