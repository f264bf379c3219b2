//! Merchants, products and API keys.

use accounting::document::DocumentName;
use accounting::fact::{Fact, Party};
use ids::command::{ApiKeyDigest, Sequence};
use ids::time::Span;
use money::amount::Amount;
use payment::duplicate::{DUPLICATE_WINDOW_MAX, DUPLICATE_WINDOW_MIN};
use payment::merchant::{CAPTURE_WINDOW_MAX, CAPTURE_WINDOW_MIN, Merchant};
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::distributor::Distributor;
use voucher::order::{CONFIRMATION_WINDOW_MAX, CONFIRMATION_WINDOW_MIN};
use voucher::product::Product;

use crate::decide::vouchers::require_face;
use crate::error::Refusal;

/// Replaces a merchant. Terms that were read before (version above 0) must still be the current ones, so that two
/// changes at the same moment do not undo each other; version 0 replaces whatever there is.
pub fn save_merchant(rows: &Snapshot, merchant: &Merchant) -> Result<Fact, Refusal> {
    let current = rows
        .merchant(merchant.id)
        .map_or(Sequence(0), |current| current.version);
    if merchant.version != Sequence(0) && merchant.version != current {
        return Err(Refusal::ChangedMeanwhile);
    }
    if merchant.capture_window < CAPTURE_WINDOW_MIN || CAPTURE_WINDOW_MAX < merchant.capture_window
    {
        return Err(Refusal::CaptureWindowOutOfBounds);
    }
    let window = merchant.duplicates.window;
    if window < DUPLICATE_WINDOW_MIN || DUPLICATE_WINDOW_MAX < window {
        return Err(Refusal::DuplicateWindowOutOfBounds);
    }
    Ok(Fact::MerchantSaved(Box::new(merchant.clone())))
}

pub fn save_distributor(distributor: &Distributor) -> Result<Fact, Refusal> {
    require_confirmation_window(distributor.confirmation_window)?;
    Ok(Fact::DistributorSaved(distributor.clone()))
}

/// Whether a till may be given this long to confirm.
pub fn require_confirmation_window(window: Option<Span>) -> Result<(), Refusal> {
    match window {
        Some(window) if window < CONFIRMATION_WINDOW_MIN || CONFIRMATION_WINDOW_MAX < window => {
            Err(Refusal::ConfirmationWindowOutOfBounds)
        }
        Some(_) | None => Ok(()),
    }
}

pub fn save_product(product: &Product) -> Result<Fact, Refusal> {
    for minor in &product.denominations {
        require_face(Amount::new(*minor, product.key.currency))?;
    }
    if product.maintenance_fee.is_some_and(|fee| fee.minor <= 0) {
        return Err(Refusal::AmountNotPositive);
    }
    Ok(Fact::ProductSaved(product.clone()))
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
        Party::Operator(id) => rows
            .document(DocumentName::Operator(id))
            .map(|_| ())
            .ok_or(Refusal::UnknownOperator)?,
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
