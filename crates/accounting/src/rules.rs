//! Posting rules: one fact, one balanced set of postings.

use ids::object::PaymentId;
use ids::party::DistributorId;
use ledger::postings::{Leg, Postings};
use money::amount::Amount;
use money::currency::Currency;
use voucher::state::{Change, Sale};
use voucher::voucher::{Activation, NewVoucher};

use crate::chart::{
    DISTRIBUTOR_RECEIVABLE, EXPIRED_VALUE, MAINTENANCE_FEES, MERCHANT_FEES, MERCHANT_PAYABLE,
    STOCK, VOUCHERS_HELD, VOUCHERS_REMAINING, distributor, issuer, merchant,
};
use crate::fact::Fact;

/// The amounts of a fact do not fit an account: no decision makes such a fact, damage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the amounts of the fact exceed 64 bits")]
pub struct OutOfRange;

pub fn postings(fact: &Fact) -> Result<Postings, OutOfRange> {
    match fact {
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => Ok(Postings::NONE),
        Fact::VouchersIssued { vouchers, .. } => issued(vouchers),
        Fact::VoucherChanged {
            currency,
            distributor,
            change,
            ..
        } => voucher_changed(*currency, *distributor, *change),
        Fact::OrderDelivered { voucher, .. } => issued(std::slice::from_ref(voucher)),
        Fact::OrderCancelled { order, amount, .. } => transfer(
            issuer(VOUCHERS_REMAINING),
            distributor(DISTRIBUTOR_RECEIVABLE, order.distributor),
            *amount,
        ),
        Fact::PaymentChanged {
            id,
            change,
            effects,
            replacements,
            attempt: _,
        } => {
            let mut moved = Moved {
                fee: fee(change),
                ..Moved::default()
            };
            for (_, effect) in effects {
                moved.add(*effect)?;
            }
            for voucher in replacements {
                add(&mut moved.refunded, voucher.face.minor)?;
            }
            moved.postings(*id)
        }
    }
}

/// Vouchers of one entry share a distributor and a currency in practice; neighbours that do are posted as one.
fn issued(vouchers: &[NewVoucher]) -> Result<Postings, OutOfRange> {
    let alike = |a: &NewVoucher, b: &NewVoucher| {
        a.distributor == b.distributor
            && a.face.currency == b.face.currency
            && matches!(a.activation, Activation::Pending)
                == matches!(b.activation, Activation::Pending)
    };
    vouchers
        .chunk_by(alike)
        .try_fold(Postings::NONE, |postings, group| {
            let first = &group[0];
            let mut minor = 0;
            for voucher in group {
                add(&mut minor, voucher.face.minor)?;
            }
            let account = match first.activation {
                Activation::Pending => STOCK,
                Activation::Immediate { .. } => DISTRIBUTOR_RECEIVABLE,
            };
            Ok(postings.and(transfer(
                distributor(account, first.distributor),
                issuer(VOUCHERS_REMAINING),
                Amount::new(minor, first.face.currency),
            )?))
        })
}

fn voucher_changed(
    currency: Currency,
    seller: DistributorId,
    change: Change,
) -> Result<Postings, OutOfRange> {
    let remaining = issuer(VOUCHERS_REMAINING);
    let held = issuer(VOUCHERS_HELD);
    let amount = |minor| Amount::new(minor, currency);
    match change {
        Change::Freeze { .. } | Change::Unfreeze => Ok(Postings::NONE),
        Change::Activate { minor, .. } => transfer(
            distributor(DISTRIBUTOR_RECEIVABLE, seller),
            distributor(STOCK, seller),
            amount(minor),
        ),
        Change::Hold { minor } => transfer(remaining, held, amount(minor)),
        Change::Release { minor } => transfer(held, remaining, amount(minor)),
        // A merchant stands on the other side of these two: they occur as effects of a payment alone.
        Change::Capture { .. } | Change::Refund { .. } => Ok(Postings::NONE),
        Change::ChargeFee { minor, .. } => {
            transfer(remaining, issuer(MAINTENANCE_FEES), amount(minor))
        }
        Change::Expire { minor } => transfer(remaining, issuer(EXPIRED_VALUE), amount(minor)),
        Change::Void { minor, sale } => {
            let account = match sale {
                Sale::NotSold => STOCK,
                Sale::Sold => DISTRIBUTOR_RECEIVABLE,
            };
            transfer(remaining, distributor(account, seller), amount(minor))
        }
    }
}

/// What one entry moves on all vouchers of a payment, minor units.
#[derive(Clone, Copy, Default)]
struct Moved {
    held: i64,
    released: i64,
    captured: i64,
    refunded: i64,
    fee: i64,
}

impl Moved {
    fn add(&mut self, effect: Change) -> Result<(), OutOfRange> {
        match effect {
            Change::Hold { minor } => add(&mut self.held, minor),
            Change::Release { minor } => add(&mut self.released, minor),
            Change::Capture { minor } => add(&mut self.captured, minor),
            Change::Refund { minor } => add(&mut self.refunded, minor),
            Change::Activate { .. }
            | Change::Freeze { .. }
            | Change::Unfreeze
            | Change::ChargeFee { .. }
            | Change::Expire { .. }
            | Change::Void { .. } => Ok(()),
        }
    }

    fn postings(self, id: PaymentId) -> Result<Postings, OutOfRange> {
        let remaining = issuer(VOUCHERS_REMAINING);
        let held = issuer(VOUCHERS_HELD);
        let payable = merchant(MERCHANT_PAYABLE, id.mid.merchant);
        let amount = |minor| Amount::new(minor, id.mid.currency);
        Ok(transfer(remaining, held, amount(self.held))?
            .and(transfer(held, remaining, amount(self.released))?)
            .and(transfer(held, payable, amount(self.captured))?)
            .and(transfer(payable, issuer(MERCHANT_FEES), amount(self.fee))?)
            .and(transfer(payable, remaining, amount(self.refunded))?))
    }
}

fn transfer(debit: Leg, credit: Leg, amount: Amount) -> Result<Postings, OutOfRange> {
    amount.minor.checked_neg().ok_or(OutOfRange)?;
    Ok(Postings::transfer(debit, credit, amount))
}

fn add(sum: &mut i64, minor: i64) -> Result<(), OutOfRange> {
    *sum = sum.checked_add(minor).ok_or(OutOfRange)?;
    Ok(())
}

fn fee(change: &payment::state::Change) -> i64 {
    use payment::state::Change;
    match change {
        Change::Authorize { fee_minor, .. }
        | Change::Capture { fee_minor, .. }
        | Change::Release { fee_minor, .. } => *fee_minor,
        Change::Open { .. }
        | Change::RejectPin
        | Change::Cancel { .. }
        | Change::Expire { .. }
        | Change::ValidateRefund { .. }
        | Change::Refund { .. }
        | Change::LapseRefund { .. }
        | Change::FlagDuplicate { .. }
        | Change::Stop { .. }
        | Change::Resume { .. }
        | Change::Challenge { .. }
        | Change::FailChallenge
        | Change::Review { .. }
        | Change::Approve { .. }
        | Change::Label { .. }
        | Change::ErasePayer => 0,
    }
}
