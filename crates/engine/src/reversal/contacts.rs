//! Addresses of owners whose vouchers have ended: nobody needs them any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use ids::voucher::Serial;
use store::fold::{Rows, vouchers_touched};
use store::row::Key;

use crate::core::Engine;
use crate::error::CommandError;
use crate::service::contact::{self, ContactError};

/// Takes the addresses away that are left with vouchers which ended in these entries.
pub async fn take_away_of_ended(
    engine: &Engine,
    entries: &[Arc<Entry>],
) -> Result<(), CommandError> {
    let touched: BTreeSet<Serial> = entries.iter().flat_map(|entry| touched(entry)).collect();
    if touched.is_empty() {
        return Ok(());
    }
    let contacts: Vec<Key> = touched
        .iter()
        .map(|serial| Key::Document(DocumentName::VoucherContact(*serial)))
        .collect();
    let rows = engine.store().load(&contacts).await?;
    let reachable: Vec<Serial> = touched
        .into_iter()
        .filter(|serial| contact::of(&rows, *serial).is_some())
        .collect();
    if reachable.is_empty() {
        return Ok(());
    }
    let vouchers: Vec<Key> = reachable
        .iter()
        .map(|serial| Key::Voucher(*serial))
        .collect();
    let rows = engine.store().load(&vouchers).await?;
    for serial in reachable {
        if rows
            .voucher(serial)
            .is_some_and(|voucher| voucher.is_closed())
        {
            match contact::take_away(engine, Actor::Timer, serial).await {
                // Its owner changed it at this moment; that is an entry, which is looked at in turn.
                Ok(()) | Err(ContactError::StaleLink) => {}
                // One address must not keep the watch from everything else.
                Err(ContactError::Command(
                    error @ (CommandError::Refused(_) | CommandError::Fault),
                )) => tracing::error!(%error, "an address stays behind its voucher"),
                Err(ContactError::Command(error)) => return Err(error),
                Err(ContactError::TooSoon { .. } | ContactError::VoucherEnded) => {}
            }
        }
    }
    Ok(())
}

/// The vouchers that an entry may have ended, or whose address came with it.
fn touched(entry: &Entry) -> Vec<Serial> {
    match entry.fact() {
        Fact::DocumentSaved {
            name: DocumentName::VoucherContact(serial),
            ..
        } => vec![*serial],
        Fact::VoucherChanged { .. } | Fact::OrderCancelled { .. } | Fact::PaymentChanged { .. } => {
            vouchers_touched(entry)
        }
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => Vec::new(),
    }
}
