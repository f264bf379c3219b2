//! Balances: folded ones, and what was appended since.

use std::sync::Arc;

use ledger::account::AccountId;
use ledger::balances::Balances;
use store::codec;
use store::failure::Failure;

use crate::database::{Client, Database};
use crate::failure::Problem;
use crate::statements::BALANCES;

impl Database {
    pub async fn balances(self: &Arc<Self>) -> Result<Balances, Failure> {
        self.ask(balances).await
    }
}

async fn balances(client: Client) -> Result<Balances, Problem> {
    let statement = client.prepare_cached(BALANCES).await?;
    let mut balances = Balances::default();
    for row in client.query(&statement, &[]).await? {
        let account: &[u8] = row.try_get(0)?;
        let account: AccountId = codec::decode(account)?;
        balances.put(account, row.try_get(1)?);
    }
    Ok(balances)
}
