//! Debts for wrong tries, by the clock of the database.

use ids::time::Span;
use store::debt::{Charge, Debtor, Debts};
use store::failure::Failure;
use store::port::Answer;

use crate::statements::{CHARGE_DEBTS, OWED};
use crate::store::PostgresStore;

impl Debts for PostgresStore {
    fn owed<'a>(&'a self, debtors: &'a [Debtor]) -> Answer<'a, Result<Vec<Span>, Failure>> {
        let names: Vec<Vec<u8>> = debtors.iter().map(|debtor| debtor.0.to_vec()).collect();
        Box::pin(self.database.ask(move |client| {
            let names = names.clone();
            async move {
                let statement = client.prepare_cached(OWED).await?;
                let rows = client.query(&statement, &[&names]).await?;
                let spans = rows.iter().map(|row| row.try_get(0).map(Span));
                Ok(spans.collect::<Result<_, _>>()?)
            }
        }))
    }

    fn charge<'a>(&'a self, charges: &'a [Charge]) -> Answer<'a, Result<(), Failure>> {
        let debtors: Vec<Vec<u8>> = charges.iter().map(|it| it.debtor.0.to_vec()).collect();
        let spans: Vec<i64> = charges.iter().map(|it| it.span.0).collect();
        let mosts: Vec<i64> = charges.iter().map(|it| it.most.0).collect();
        Box::pin(self.database.ask(move |client| {
            let (debtors, spans, mosts) = (debtors.clone(), spans.clone(), mosts.clone());
            async move {
                let statement = client.prepare_cached(CHARGE_DEBTS).await?;
                client
                    .execute(&statement, &[&debtors, &spans, &mosts])
                    .await?;
                Ok(())
            }
        }))
    }
}
