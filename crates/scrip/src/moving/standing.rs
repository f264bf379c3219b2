//! What may be served and what may not, in words that say what to do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use store::moving::{Source, Standing};
use store_postgres::store::PostgresStore;
use tokio_util::sync::CancellationToken;

/// Refuses data of which only a part has arrived, or which goes on elsewhere.
pub fn require_served(standing: Standing, place: &str) -> anyhow::Result<()> {
    match standing {
        Standing::Serving { .. } => Ok(()),
        Standing::Receiving { from, .. } => bail!(
            "{place} is being filled from {from} and is not complete: give the same `scrip migrate-store` again to \
             finish, or delete what is in it"
        ),
        Standing::Moved { to, .. } => bail!("{}", moved(place, &to)),
    }
}

/// How often a node looks whether its data is still served here.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Stops a node whose data has moved away or is on its way in: one that slept meanwhile, or that was started at the
/// moment of the move. The storage itself takes nothing from it either. Ends with `stop`.
pub async fn watch(store: Arc<PostgresStore>, stop: CancellationToken) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        // A storage that does not answer says nothing about its data.
        if let Ok(standing) = store.standing().await
            && let Err(refused) = require_served(standing, store.place())
        {
            tracing::error!(error = %refused, "this node stops");
            stop.cancel();
            return Err(refused);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    Ok(())
}

/// Where the data is, and how it comes back.
pub fn moved(place: &str, to: &str) -> String {
    format!(
        "the data of {place} has moved to {to} and goes on there. To undo that, move it back: `scrip migrate-store \
         --from` that one, `--to` this one. If that one is lost for good, `scrip migrate-store --reopen` lets this one \
         go on from where it was"
    )
}
