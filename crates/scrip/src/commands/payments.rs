//! Payments from the command line, while the server is stopped.

use anyhow::Context;

use crate::cli::OnePayment;

pub async fn resume(one: OnePayment) -> anyhow::Result<()> {
    let platform = one.directory.open().await?;
    let resumed = platform.operator().resume_payment(one.id).await;
    resumed.with_context(|| format!("the payment {} was not let go", one.id))?;
    println!("payment {} goes on", one.id);
    platform.close()
}
