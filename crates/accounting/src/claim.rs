//! What an entry changes in what the issuer owes: to each voucher its value, remaining or held, and to each merchant what
//! is payable.

use ids::party::MerchantId;
use ids::voucher::Serial;
use money::currency::Currency;
use voucher::state::Change;
use voucher::voucher::NewVoucher;

use crate::chart::MERCHANT_PAYABLE;
use crate::entry::Entry;
use crate::fact::Fact;

/// Whom the issuer owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// Whoever has the voucher.
    Voucher(Serial),
    Merchant(MerchantId),
}

/// A change of what one holder is owed in one currency, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimChange {
    pub holder: Holder,
    pub currency: Currency,
    pub minor: i64,
}

/// What the entry changes, in its order; a holder may occur several times. Together the changes are what its postings add
/// to the liabilities of the chart.
pub fn changes(entry: &Entry) -> Vec<ClaimChange> {
    let mut changes = of_vouchers(entry.fact());
    let legs = entry.postings().legs().iter();
    let payable = legs.filter(|leg| leg.account.code == MERCHANT_PAYABLE);
    changes.extend(payable.filter_map(|leg| {
        let number = u32::try_from(leg.account.owner).ok()?;
        Some(ClaimChange {
            holder: Holder::Merchant(MerchantId::new(number).ok()?),
            currency: leg.account.currency,
            minor: leg.minor.saturating_neg(),
        })
    }));
    changes.retain(|change| change.minor != 0);
    changes
}

fn of_vouchers(fact: &Fact) -> Vec<ClaimChange> {
    match fact {
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => Vec::new(),
        Fact::VouchersIssued { vouchers, .. } => vouchers.iter().map(issued).collect(),
        Fact::VoucherChanged {
            serial,
            currency,
            change,
            ..
        } => vec![claim(*serial, *currency, of_change(*change))],
        Fact::OrderDelivered { voucher, .. } => vec![issued(voucher)],
        Fact::OrderCancelled { serial, amount, .. } => {
            vec![claim(
                *serial,
                amount.currency,
                amount.minor.saturating_neg(),
            )]
        }
        Fact::PaymentChanged {
            id,
            effects,
            replacements,
            ..
        } => {
            let currency = id.mid.currency;
            let effects = effects
                .iter()
                .map(|(serial, effect)| claim(*serial, currency, of_effect(*effect)));
            effects.chain(replacements.iter().map(issued)).collect()
        }
    }
}

fn issued(voucher: &NewVoucher) -> ClaimChange {
    claim(voucher.serial, voucher.face.currency, voucher.face.minor)
}

/// Of a change that no payment makes. Value that is held is owed as before.
fn of_change(change: Change) -> i64 {
    match change {
        Change::ChargeFee { minor, .. } | Change::Expire { minor } | Change::Void { minor, .. } => {
            minor.saturating_neg()
        }
        Change::Activate { .. }
        | Change::Freeze { .. }
        | Change::Unfreeze
        | Change::Hold { .. }
        | Change::Release { .. }
        // As in the posting rules: these two occur as effects of a payment alone.
        | Change::Capture { .. }
        | Change::Refund { .. } => 0,
    }
}

/// Of a change that is the effect of a payment's.
fn of_effect(effect: Change) -> i64 {
    match effect {
        Change::Capture { minor } => minor.saturating_neg(),
        Change::Refund { minor } => minor,
        Change::Hold { .. }
        | Change::Release { .. }
        | Change::Activate { .. }
        | Change::Freeze { .. }
        | Change::Unfreeze
        | Change::ChargeFee { .. }
        | Change::Expire { .. }
        | Change::Void { .. } => 0,
    }
}

fn claim(serial: Serial, currency: Currency, minor: i64) -> ClaimChange {
    ClaimChange {
        holder: Holder::Voucher(serial),
        currency,
        minor,
    }
}
