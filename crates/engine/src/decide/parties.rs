//! Merchants and API keys.

use accounting::fact::{Fact, Party};
use ids::command::ApiKeyDigest;
use payment::merchant::{CAPTURE_WINDOW_MAX, CAPTURE_WINDOW_MIN, Merchant};
use store::fold::Rows;
use store::snapshot::Snapshot;

use crate::error::Refusal;

pub fn save_merchant(merchant: &Merchant) -> Result<Fact, Refusal> {
    if merchant.capture_window < CAPTURE_WINDOW_MIN || CAPTURE_WINDOW_MAX < merchant.capture_window
    {
        return Err(Refusal::CaptureWindowOutOfBounds);
    }
    Ok(Fact::MerchantSaved(Box::new(merchant.clone())))
}

pub fn issue_api_key(rows: &Snapshot, digest: ApiKeyDigest, owner: Party) -> Result<Fact, Refusal> {
    match owner {
        Party::Merchant(id) => rows
            .merchant(id)
            .map(|_| ())
            .ok_or(Refusal::UnknownMerchant)?,
        Party::Distributor(id) => rows
            .distributor(id)
            .map(|_| ())
            .ok_or(Refusal::UnknownDistributor)?,
    }
    if rows.api_key(digest).is_some() {
        return Err(Refusal::ApiKeyExists);
    }
    Ok(Fact::ApiKeyIssued { digest, owner })
}

pub fn revoke_api_key(rows: &Snapshot, digest: ApiKeyDigest) -> Result<Fact, Refusal> {
    rows.api_key(digest).ok_or(Refusal::UnknownApiKey)?;
    Ok(Fact::ApiKeyRevoked { digest })
}
