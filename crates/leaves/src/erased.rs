//! An entry without what is known of the payer.

use std::sync::Arc;

use accounting::entry::{Circumstances, Entry};
use accounting::fact::Fact;
use payment::state::Change;

/// The entry as it stands once its payer was erased: the group of payer's fields is empty, and every other group is what it
/// was. None if the entry says nothing of a payer.
pub fn without_payer(entry: &Entry) -> Option<Entry> {
    let mut fact = entry.fact().clone();
    let said_something = match &mut fact {
        Fact::PaymentCreated { request, .. } => {
            let address = &mut Arc::make_mut(request).customer.address;
            address.take().is_some()
        }
        Fact::PaymentChanged {
            change, attempt, ..
        } => take_payer(change) | attempt.take().is_some(),
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::VouchersIssued { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::DocumentSaved { .. } => false,
    };
    let circumstances = Circumstances {
        sequence: entry.sequence(),
        at: entry.at(),
        actor: entry.actor(),
        idempotency: entry.idempotency(),
    };
    said_something.then(|| Entry::new(circumstances, fact))
}

/// Takes away what a change says of the payer, and answers whether there was something.
fn take_payer(change: &mut Change) -> bool {
    match change {
        Change::Open { address } => address.take().is_some(),
        Change::ValidateRefund { request, .. } | Change::Refund { request, .. } => {
            request.customer_email.take().is_some()
        }
        Change::RejectPin
        | Change::Authorize { .. }
        | Change::Capture { .. }
        | Change::Cancel { .. }
        | Change::Expire { .. }
        | Change::LapseRefund { .. }
        | Change::FlagDuplicate { .. }
        | Change::Stop { .. }
        | Change::Resume { .. }
        | Change::Challenge { .. }
        | Change::FailChallenge
        | Change::Review { .. }
        | Change::Approve { .. }
        | Change::Release { .. }
        | Change::Label { .. }
        | Change::ErasePayer => false,
    }
}
