//! What may be served and what may not, in words that say what to do.

use anyhow::bail;
use store::moving::Standing;

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

/// Where the data is, and how it comes back.
pub fn moved(place: &str, to: &str) -> String {
    format!(
        "the data of {place} has moved to {to} and goes on there. To undo that, move it back: `scrip migrate-store \
         --from` that one, `--to` this one. If that one is lost for good, `scrip migrate-store --reopen` lets this one \
         go on from where it was"
    )
}
