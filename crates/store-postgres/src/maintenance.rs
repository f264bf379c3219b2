//! What is tidied behind the writers: appended balances are folded; what became of old batches, and debts that
//! are paid, are forgotten.
//!
//! Every node does it; each step is one transaction, and two at once share the work.

use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::database::{Client, Database};
use crate::failure::Problem;
use crate::limits::ANSWER_MAX;
use crate::statements::{FOLD_BALANCES, FORGET_BATCHES, FORGET_DEBTS};

const PAUSE: Duration = Duration::from_secs(2);

/// Goes on until the database is closed.
pub(crate) fn start(database: &Arc<Database>) {
    let weak = Arc::downgrade(database);
    database.spawn(run(weak));
}

async fn run(database: Weak<Database>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let Some(database) = database.upgrade() else {
            return;
        };
        if let Err(problem) = database.once(ANSWER_MAX, tidy).await {
            // The next round does what this one did not.
            tracing::debug!(?problem, "tidying the database was put off");
        }
    }
}

pub(crate) async fn tidy(client: Client) -> Result<(), Problem> {
    for statement in [FOLD_BALANCES, FORGET_BATCHES, FORGET_DEBTS] {
        let statement = client.prepare_cached(statement).await?;
        client.execute(&statement, &[]).await?;
    }
    Ok(())
}
