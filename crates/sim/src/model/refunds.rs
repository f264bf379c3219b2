//! Refunds in the model.

use engine::command::NewRefund;
use ids::object::{PaymentId, RefundId};
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use payment::refund::RefundRequest;
use voucher::voucher::{Activation, NewVoucher};

use crate::model::Model;
use crate::model::books::{PAYABLE, REMAINING};
use crate::model::payments::RefundDone;
use crate::model::reason::Reason;

/// How long after its creation a payment may be refunded, milliseconds.
const WINDOW: i64 = 45 * 86_400_000;
/// Refunds that one payment takes.
const REFUNDS_MAX: usize = 100;

impl Model {
    pub(super) fn validate_refund(
        &mut self,
        payment: PaymentId,
        id: RefundId,
        request: &RefundRequest,
        now: i64,
    ) -> Result<(), Reason> {
        self.require_refundable(payment, request, now)?;
        let payment = self.payment(payment)?;
        if payment.refunds.contains_key(&id) {
            return Err(Reason::RefundState);
        }
        if REFUNDS_MAX <= payment.refunds.len() {
            return Err(Reason::TooManyRefunds);
        }
        let minor = request.minor;
        payment
            .refunds
            .insert(id, RefundDone::Checked { minor, at: now });
        Ok(())
    }

    pub(super) fn refund(&mut self, new: &NewRefund, now: i64) -> Result<(), Reason> {
        self.require_refundable(new.payment, &new.request, now)?;
        let payment = self.payment(new.payment)?;
        match payment.refunds.get(&new.id) {
            Some(RefundDone::Paid { .. } | RefundDone::Lapsed { .. }) => {
                return Err(Reason::RefundState);
            }
            Some(RefundDone::Checked { .. }) => {}
            None if REFUNDS_MAX <= payment.refunds.len() => return Err(Reason::TooManyRefunds),
            None => {}
        }
        let mut rest = new.request.minor;
        let mut shares = Vec::new();
        for part in &payment.parts {
            let share = rest.min(part.captured - part.refunded);
            rest -= share;
            if 0 < share {
                shares.push((part.serial, share));
            }
        }
        let fresh = self.fresh_vouchers(&shares, new, now)?;
        for voucher in &fresh {
            self.add_voucher(voucher);
        }
        for (serial, share) in shares {
            self.give_back(new.payment, serial, share, now);
        }
        let minor = new.request.minor;
        let payment = self.payment(new.payment)?;
        payment.refunds.insert(new.id, RefundDone::Paid { minor });
        Ok(())
    }

    fn give_back(&mut self, payment: PaymentId, serial: Serial, share: i64, now: i64) {
        let voucher = self.known(serial);
        if voucher.takes_refunds_at(now) {
            voucher.spent -= share;
            voucher.remaining += share;
        }
        let currency = payment.mid.currency;
        let owner = u64::from(payment.mid.merchant.number());
        self.books
            .transfer((PAYABLE, owner, currency), (REMAINING, 0, currency), share);
        let parts = self
            .payments
            .get_mut(&payment)
            .map(|found| &mut found.parts);
        for part in parts.into_iter().flatten() {
            if part.serial == serial {
                part.refunded += share;
            }
        }
    }

    /// The vouchers that take the place of those which take nothing back.
    fn fresh_vouchers(
        &self,
        shares: &[(Serial, i64)],
        new: &NewRefund,
        now: i64,
    ) -> Result<Vec<NewVoucher>, Reason> {
        let mut fresh: Vec<NewVoucher> = Vec::new();
        let mut missing = 0;
        for (serial, share) in shares {
            let closed = &self.vouchers[serial];
            if closed.takes_refunds_at(now) {
                continue;
            }
            let mut offered = new.replacements.iter();
            let Some(offer) = offered.find(|offer| offer.source == *serial) else {
                missing += 1;
                continue;
            };
            fresh.push(NewVoucher {
                serial: offer.serial,
                pin: offer.pin,
                distributor: closed.distributor,
                product: closed.product.product,
                country: closed.product.country,
                face: Amount::new(*share, closed.product.currency),
                activation: Activation::Immediate {
                    expires_at: Timestamp::NEVER,
                    fee_due_at: Timestamp::NEVER,
                },
            });
        }
        if 0 < missing {
            return Err(Reason::ReplacementsNeeded { count: missing });
        }
        for (place, voucher) in fresh.iter().enumerate() {
            let collides = |earlier: &NewVoucher| {
                earlier.serial == voucher.serial || earlier.pin == voucher.pin
            };
            if self.is_taken(voucher) || fresh[..place].iter().any(collides) {
                return Err(Reason::VoucherTaken);
            }
        }
        Ok(fresh)
    }

    fn require_refundable(
        &self,
        id: PaymentId,
        request: &RefundRequest,
        now: i64,
    ) -> Result<(), Reason> {
        let payment = self.payments.get(&id).ok_or(Reason::UnknownPayment)?;
        let movement = payment.require_moving();
        let terms = &self.merchants[&id.mid.merchant];
        terms.require_submerchant(request.submerchant.as_ref())?;
        movement?;
        if payment.captured() == 0 {
            return Err(Reason::PaymentState);
        }
        if payment.created_at + WINDOW < now {
            return Err(Reason::TimeOver);
        }
        if request.customer_id != payment.customer {
            return Err(Reason::OtherCustomer);
        }
        if request.minor <= 0 {
            return Err(Reason::AmountOutOfBounds);
        }
        let left = payment.refundable();
        if left < request.minor {
            return Err(Reason::RefundTooMuch { left });
        }
        Ok(())
    }
}
