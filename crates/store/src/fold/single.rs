//! One thing from its own entries, for whoever compares it with its row.

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::voucher::Serial;
use voucher::state::Change;
use voucher::voucher::{NewVoucher, Voucher};

use crate::fold::order_cancellation;

/// The voucher after these entries, of which the first issues it; none where they do not fit each other.
pub fn voucher(serial: Serial, entries: &[Entry]) -> Option<Voucher> {
    let mut found: Option<Voucher> = None;
    for entry in entries {
        if let Some(new) = issued(entry, serial) {
            if found.is_some() {
                return None;
            }
            found = Some(Voucher::issue(new, entry.at(), entry.sequence()));
        }
        for change in changes(entry, serial) {
            found = Some(found?.apply(change, entry.at(), entry.sequence()).ok()?);
        }
    }
    found
}

fn issued(entry: &Entry, serial: Serial) -> Option<&NewVoucher> {
    let among = match entry.fact() {
        Fact::VouchersIssued { vouchers, .. } => vouchers.as_slice(),
        Fact::OrderDelivered { voucher, .. } => std::slice::from_ref(voucher),
        Fact::PaymentChanged { replacements, .. } => replacements.as_slice(),
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => &[],
    };
    among.iter().find(|new| new.serial == serial)
}

fn changes(entry: &Entry, serial: Serial) -> Vec<Change> {
    match entry.fact() {
        Fact::VoucherChanged {
            serial: changed,
            change,
            ..
        } if *changed == serial => vec![*change],
        Fact::OrderCancelled {
            serial: cancelled,
            amount,
            ..
        } if *cancelled == serial => vec![order_cancellation(*amount)],
        Fact::PaymentChanged { effects, .. } => {
            let own = effects.iter().filter(|(changed, _)| *changed == serial);
            own.map(|(_, change)| *change).collect()
        }
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => Vec::new(),
    }
}
