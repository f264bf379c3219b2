//! Whose API key it is.

use accounting::fact::Party;
use ids::command::ApiKeyDigest;
use store::fold::Rows;
use store::row::{ApiKeyStatus, Key};
use store::snapshot::Snapshot;

use crate::core::Engine;
use crate::error::CommandError;

/// The party with this API key, unless the key is unknown or revoked, and a snapshot that holds it.
pub async fn owner(
    engine: &Engine,
    api_key: &str,
) -> Result<(Option<Party>, Snapshot), CommandError> {
    let digest = ApiKeyDigest(engine.vault().api_key_digest(api_key));
    let rows = engine.store().load(&[Key::ApiKey(digest)]).await?;
    let active = rows
        .api_key(digest)
        .filter(|key| key.status == ApiKeyStatus::Active);
    Ok((active.map(|key| key.owner), rows))
}
