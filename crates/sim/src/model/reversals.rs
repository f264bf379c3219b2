//! What ends or is given back by itself, in the model.

use engine::command::{NewRefund, SecondPayment};
use ids::object::{OrderId, PaymentId, RefundId};
use payment::duplicate::{DuplicateResponse, Remedy};
use payment::refund::RefundRequest;
use payment::state::Status;

use crate::model::orders::Delivery;
use crate::model::payments::{Movement, Payment, RefundDone};
use crate::model::reason::Reason;
use crate::model::{Model, Standing};

const DAY: i64 = 86_400_000;
/// How long an open payment has after its release.
const AFTER_RELEASE: i64 = 30 * 60_000;

impl Model {
    pub(super) fn confirm_order(&mut self, id: OrderId, now: i64) -> Result<(), Reason> {
        self.require_confirmable(id)?;
        if let Some(order) = self.orders.get_mut(&id) {
            order.delivery = Delivery::Confirmed { at: now };
        }
        Ok(())
    }

    pub(super) fn lapse_order(&mut self, id: OrderId, now: i64) -> Result<(), Reason> {
        self.require_confirmable(id)?;
        match self.orders[&id].delivery {
            Delivery::Awaited { until } if until <= now => {}
            Delivery::Awaited { .. } | Delivery::Unquestioned | Delivery::Confirmed { .. } => {
                return Err(Reason::NotDue);
            }
        }
        match self.undo_order(id) {
            Ok(()) => Ok(()),
            Err(_) => self.confirm_order(id, now),
        }
    }

    fn require_confirmable(&self, id: OrderId) -> Result<(), Reason> {
        let order = self.orders.get(&id).ok_or(Reason::UnknownOrder)?;
        match (order.standing, order.delivery) {
            (Standing::Stopped, _) | (Standing::Good, Delivery::Confirmed { .. }) => {
                Err(Reason::OrderState)
            }
            (Standing::Good, Delivery::Awaited { .. } | Delivery::Unquestioned) => Ok(()),
        }
    }

    pub(super) fn lapse_refund(
        &mut self,
        payment: PaymentId,
        id: RefundId,
        now: i64,
    ) -> Result<(), Reason> {
        let payment = self.payment(payment)?;
        payment.require_moving()?;
        match payment.refunds.get(&id).copied() {
            None => Err(Reason::NotDue),
            Some(RefundDone::Checked { at, .. }) if now < at + DAY => Err(Reason::NotDue),
            Some(RefundDone::Checked { minor, .. }) => {
                payment.refunds.insert(id, RefundDone::Lapsed { minor });
                Ok(())
            }
            Some(RefundDone::Paid { .. } | RefundDone::Lapsed { .. }) => Err(Reason::RefundState),
        }
    }

    pub(super) fn stop_payment(&mut self, id: PaymentId) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        payment.require_moving()?;
        payment.movement = Movement::Stopped;
        payment.due_at = i64::MAX;
        Ok(())
    }

    pub(super) fn resume_payment(&mut self, id: PaymentId, now: i64) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        if payment.movement == Movement::Free {
            return Err(Reason::Stopped);
        }
        payment.movement = Movement::Free;
        if payment.is_waiting() || payment.status == Status::Authorized {
            payment.due_at = now + AFTER_RELEASE;
            if let Some(waiting) = &mut payment.waiting {
                waiting.until = now + AFTER_RELEASE;
            }
        }
        Ok(())
    }

    pub(super) fn resolve_duplicate(
        &mut self,
        second: &SecondPayment,
        now: i64,
    ) -> Result<(), Reason> {
        let later = self.payments.get(&second.id);
        let later = later.ok_or(Reason::UnknownPayment)?;
        let earlier = self.payments.get(&second.of);
        let earlier = earlier.ok_or(Reason::UnknownPayment)?;
        let terms = &self.merchants[&second.id.mid.merchant];
        let before = later.duplicate.map(|(_, remedy)| remedy);
        if terms.duplicates == DuplicateResponse::Off {
            return Err(Reason::NoDuplicate);
        }
        if before.is_none() {
            let is_same_shop = second.id.mid == second.of.mid;
            if !is_same_shop || !repeats(earlier, later, terms.duplicate_window) {
                return Err(Reason::NoDuplicate);
            }
        }
        match (terms.duplicates, before) {
            (DuplicateResponse::Flag, None) => {
                let payment = self.payment(second.id)?;
                payment.require_moving()?;
                payment.duplicate = Some((second.of, Remedy::Flagged));
                Ok(())
            }
            (DuplicateResponse::Return, None | Some(Remedy::Returned)) => {
                self.give_all_back(second, now)
            }
            (DuplicateResponse::Flag | DuplicateResponse::Return, Some(_))
            | (DuplicateResponse::Off, _) => Err(Reason::NoDuplicate),
        }
    }

    fn give_all_back(&mut self, second: &SecondPayment, now: i64) -> Result<(), Reason> {
        let payment = self.payment(second.id)?;
        if 0 < payment.held() {
            payment.require_moving()?;
            payment.duplicate = Some((second.of, Remedy::Returned));
            self.end(second.id, Status::CanceledMerchant);
            return Ok(());
        }
        let minor = payment.refundable();
        if minor == 0 {
            return Err(Reason::NoDuplicate);
        }
        let refund = NewRefund {
            payment: second.id,
            id: second.refund,
            request: RefundRequest {
                minor,
                customer_id: payment.customer.clone(),
                customer_email: None,
                submerchant: None,
                comment: None,
            },
            replacements: second.replacements.clone(),
        };
        self.refund(&refund, now)?;
        self.payment(second.id)?.duplicate = Some((second.of, Remedy::Returned));
        Ok(())
    }
}

/// Whether one payment pays what another has paid.
fn repeats(earlier: &Payment, later: &Payment, window: i64) -> bool {
    let (Some((first_at, first)), Some((second_at, second))) =
        (earlier.authorized, later.authorized)
    else {
        return false;
    };
    let stands =
        |payment: &Payment| payment.status == Status::Authorized || 0 < payment.refundable();
    earlier.order.is_some()
        && earlier.order == later.order
        && earlier.amount == later.amount
        && earlier.customer == later.customer
        && first < second
        && second_at <= first_at + window
        && stands(earlier)
        && stands(later)
}
