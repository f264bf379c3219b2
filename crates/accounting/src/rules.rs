//! Posting rules: one fact, one balanced set of postings.

use ids::object::PaymentId;
use ids::party::DistributorId;
use ledger::postings::Postings;
use money::amount::Amount;
use money::currency::Currency;
use voucher::state::{Change, Sale};
use voucher::voucher::{Activation, NewVoucher};

use crate::chart::{
    DISTRIBUTOR_RECEIVABLE, EXPIRED_VALUE, MAINTENANCE_FEES, MERCHANT_FEES, MERCHANT_PAYABLE,
    STOCK, VOUCHERS_HELD, VOUCHERS_REMAINING, distributor, issuer, merchant,
};
use crate::fact::Fact;

pub fn postings(fact: &Fact) -> Postings {
    match fact {
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::PaymentCreated { .. } => Postings::NONE,
        Fact::VouchersIssued { vouchers, .. } => issued(vouchers),
        Fact::VoucherChanged {
            currency,
            distributor,
            change,
            ..
        } => voucher_changed(*currency, *distributor, *change),
        Fact::OrderDelivered { voucher, .. } => issued(std::slice::from_ref(voucher)),
        Fact::OrderCancelled { order, amount, .. } => Postings::transfer(
            issuer(VOUCHERS_REMAINING),
            distributor(DISTRIBUTOR_RECEIVABLE, order.distributor),
            *amount,
        ),
        Fact::PaymentChanged {
            id,
            change,
            effects,
            replacements,
        } => {
            let mut moved = Moved {
                fee: fee(change),
                ..Moved::default()
            };
            effects.iter().for_each(|(_, effect)| moved.add(*effect));
            moved.refunded += replacements
                .iter()
                .map(|voucher| voucher.face.minor)
                .sum::<i64>();
            moved.postings(*id)
        }
    }
}

/// Vouchers of one entry share a distributor and a currency in practice; neighbours that do are posted as one.
fn issued(vouchers: &[NewVoucher]) -> Postings {
    let alike = |a: &NewVoucher, b: &NewVoucher| {
        a.distributor == b.distributor
            && a.face.currency == b.face.currency
            && matches!(a.activation, Activation::Pending)
                == matches!(b.activation, Activation::Pending)
    };
    vouchers
        .chunk_by(alike)
        .fold(Postings::NONE, |postings, group| {
            let first = &group[0];
            let minor = group.iter().map(|voucher| voucher.face.minor).sum();
            let account = match first.activation {
                Activation::Pending => STOCK,
                Activation::Immediate { .. } => DISTRIBUTOR_RECEIVABLE,
            };
            postings.and(Postings::transfer(
                distributor(account, first.distributor),
                issuer(VOUCHERS_REMAINING),
                Amount::new(minor, first.face.currency),
            ))
        })
}

fn voucher_changed(currency: Currency, seller: DistributorId, change: Change) -> Postings {
    let remaining = issuer(VOUCHERS_REMAINING);
    let held = issuer(VOUCHERS_HELD);
    let amount = |minor| Amount::new(minor, currency);
    match change {
        Change::Freeze { .. } | Change::Unfreeze => Postings::NONE,
        Change::Activate { minor, .. } => Postings::transfer(
            distributor(DISTRIBUTOR_RECEIVABLE, seller),
            distributor(STOCK, seller),
            amount(minor),
        ),
        Change::Hold { minor } => Postings::transfer(remaining, held, amount(minor)),
        Change::Release { minor } => Postings::transfer(held, remaining, amount(minor)),
        // A merchant stands on the other side of these two: they occur as effects of a payment alone.
        Change::Capture { .. } | Change::Refund { .. } => Postings::NONE,
        Change::ChargeFee { minor, .. } => {
            Postings::transfer(remaining, issuer(MAINTENANCE_FEES), amount(minor))
        }
        Change::Expire { minor } => {
            Postings::transfer(remaining, issuer(EXPIRED_VALUE), amount(minor))
        }
        Change::Void { minor, sale } => {
            let account = match sale {
                Sale::NotSold => STOCK,
                Sale::Sold => DISTRIBUTOR_RECEIVABLE,
            };
            Postings::transfer(remaining, distributor(account, seller), amount(minor))
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
    fn add(&mut self, effect: Change) {
        match effect {
            Change::Hold { minor } => self.held += minor,
            Change::Release { minor } => self.released += minor,
            Change::Capture { minor } => self.captured += minor,
            Change::Refund { minor } => self.refunded += minor,
            Change::Activate { .. }
            | Change::Freeze { .. }
            | Change::Unfreeze
            | Change::ChargeFee { .. }
            | Change::Expire { .. }
            | Change::Void { .. } => {}
        }
    }

    fn postings(self, id: PaymentId) -> Postings {
        let remaining = issuer(VOUCHERS_REMAINING);
        let held = issuer(VOUCHERS_HELD);
        let payable = merchant(MERCHANT_PAYABLE, id.mid.merchant);
        let amount = |minor| Amount::new(minor, id.mid.currency);
        Postings::transfer(remaining, held, amount(self.held))
            .and(Postings::transfer(held, remaining, amount(self.released)))
            .and(Postings::transfer(held, payable, amount(self.captured)))
            .and(Postings::transfer(
                payable,
                issuer(MERCHANT_FEES),
                amount(self.fee),
            ))
            .and(Postings::transfer(
                payable,
                remaining,
                amount(self.refunded),
            ))
    }
}

fn fee(change: &payment::state::Change) -> i64 {
    use payment::state::Change;
    match change {
        Change::Authorize { fee_minor, .. } | Change::Capture { fee_minor, .. } => *fee_minor,
        Change::Open { .. }
        | Change::RejectPin
        | Change::Cancel { .. }
        | Change::Expire
        | Change::ValidateRefund { .. }
        | Change::Refund { .. } => 0,
    }
}
