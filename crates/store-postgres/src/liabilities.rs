//! Parts of the sum trees of statements over a database.

use std::sync::Arc;

use ids::command::Sequence;
use liabilities::part::Place;
use store::failure::Failure;
use store::liabilities::{PartStorage, SealedPart};
use store::port::Answer;
use tokio_postgres::Row;

use crate::failure::Problem;
use crate::row::{sequence, stored};
use crate::statements::{FORGET_PARTS, PARTS, STATEMENTS, STORE_PARTS};
use crate::store::PostgresStore;

impl PartStorage for PostgresStore {
    fn store_parts(
        &self,
        statement: Sequence,
        parts: Arc<[SealedPart]>,
    ) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.database.ask(move |client| {
            let parts = Arc::clone(&parts);
            async move {
                let places: Vec<Place> = parts.iter().map(|part| part.place).collect();
                let (currencies, depths, prefixes) = columns(&places);
                let sealed: Vec<&[u8]> = parts.iter().map(|part| &*part.sealed).collect();
                let insert = client.prepare_cached(STORE_PARTS).await?;
                let number = stored(statement.0);
                client
                    .execute(
                        &insert,
                        &[&number, &currencies, &depths, &prefixes, &sealed],
                    )
                    .await?;
                Ok(())
            }
        }))
    }

    fn read_parts<'a>(
        &'a self,
        statement: Sequence,
        places: &'a [Place],
    ) -> Answer<'a, Result<Vec<SealedPart>, Failure>> {
        let places: Arc<[Place]> = Arc::from(places);
        Box::pin(self.database.ask(move |client| {
            let places = Arc::clone(&places);
            async move {
                let (currencies, depths, prefixes) = columns(&places);
                let select = client.prepare_cached(PARTS).await?;
                let number = stored(statement.0);
                let rows = client
                    .query(&select, &[&number, &currencies, &depths, &prefixes])
                    .await?;
                rows.iter().map(part_of).collect()
            }
        }))
    }

    fn statements(&self) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        Box::pin(self.database.ask(move |client| async move {
            let select = client.prepare_cached(STATEMENTS).await?;
            let rows = client.query(&select, &[]).await?;
            rows.iter()
                .map(|row| Ok(sequence(row.try_get(0)?)))
                .collect()
        }))
    }

    fn forget_parts(&self, statement: Sequence) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.database.ask(move |client| async move {
            let delete = client.prepare_cached(FORGET_PARTS).await?;
            client.execute(&delete, &[&stored(statement.0)]).await?;
            Ok(())
        }))
    }
}

fn columns(places: &[Place]) -> (Vec<i32>, Vec<i32>, Vec<i64>) {
    let each = places.iter();
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for place in each {
        columns.0.push(i32::from(place.currency));
        columns.1.push(i32::from(place.depth));
        columns.2.push(i64::from(place.prefix));
    }
    columns
}

fn part_of(row: &Row) -> Result<SealedPart, Problem> {
    let [currency, depth]: [i32; 2] = [row.try_get(0)?, row.try_get(1)?];
    let prefix: i64 = row.try_get(2)?;
    let sealed: &[u8] = row.try_get(3)?;
    let damaged = || Problem::damaged("a part of a statement is at no place");
    Ok(SealedPart {
        place: Place {
            currency: u16::try_from(currency).map_err(|_| damaged())?,
            depth: u8::try_from(depth).map_err(|_| damaged())?,
            prefix: u32::try_from(prefix).map_err(|_| damaged())?,
        },
        sealed: Arc::from(sealed),
    })
}
