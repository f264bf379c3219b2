//! What merchants, payers and the timers ask of payments.

use std::sync::Arc;

use accounting::entry::Actor;
use engine::command::{Command, NewRefund, Pay, Replacement, SecondPayment};
use ids::object::{PaymentId, RefundId};
use ids::party::Mid;
use ids::time::Span;
use ids::voucher::{PinIndex, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::order_reference::OrderReference;
use payment::payment::{Customer, KycLevel, PaymentRequest};
use payment::refund::RefundRequest;
use payment::state::{Canceler, CaptureMode, Finality, Status, StopCause};
use rand::Rng;
use rand::seq::IteratorRandom;

use crate::model::Model;
use crate::model::payments::{Movement, Payment, RefundDone};
use crate::workload::screening::attempt;
use crate::workload::{Workload, cast};

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

impl Workload {
    pub(super) fn create_payment(&mut self, model: &Model) -> (Actor, Command) {
        let merchant = self.any_merchant();
        let currency = if self.happens(80) {
            Currency::EUR
        } else {
            Currency::GBP
        };
        let minor = match self.chance.random_range(0..100) {
            0..2 => 0,
            2..4 => 100_001,
            // The price of a thing that is bought again and again.
            4..44 => 700,
            _ => self.chance.random_range(1..=6_000),
        };
        let request = self.request(Amount::new(minor, currency));
        let id = match self.any(&model.payments) {
            Some(known) if self.happens(4) => known,
            Some(_) | None => PaymentId {
                mid: Mid { merchant, currency },
                token: self.fresh_token(),
            },
        };
        let command = Command::CreatePayment {
            id,
            request: Arc::new(request),
        };
        (Actor::Merchant(merchant), command)
    }

    fn request(&mut self, amount: Amount) -> PaymentRequest {
        let kyc_level = self.happens(3).then_some(KycLevel::Simple);
        let country_restriction = self.happens(8).then(|| cast::country("AT"));
        let submerchant = match self.chance.random_range(0..100) {
            0..8 => Some("north"),
            8..10 => Some("south"),
            10..12 => Some("nowhere"),
            _ => None,
        };
        PaymentRequest {
            amount,
            success_url: "https://shop.example/ok".to_owned(),
            failure_url: "https://shop.example/no".to_owned(),
            notification_url: "https://shop.example/told".to_owned(),
            customer: Customer {
                id: "c1".to_owned(),
                address: None,
                min_age: None,
                kyc_level,
                country_restriction,
            },
            submerchant: submerchant.map(str::to_owned),
            shop_id: None,
            capture_window: Span::MINUTE.times(self.chance.random_range(1..=200)),
            capture: if self.happens(25) {
                CaptureMode::Automatic
            } else {
                CaptureMode::Manual
            },
            order_reference: self.order_reference(),
        }
    }

    /// Few orders, so that some are paid twice.
    fn order_reference(&mut self) -> Option<OrderReference> {
        let number = self.chance.random_range(0..2);
        let text = format!("order {number}");
        self.happens(70)
            .then(|| text.parse().expect("it can be printed"))
    }

    pub(super) fn open_payment(&mut self, model: &Model) -> Command {
        Command::OpenPayment {
            id: self.payment(model, |payment| payment.status == Status::Initiated),
            address: None,
        }
    }

    pub(super) fn pay(&mut self, model: &Model) -> Command {
        let payment = self.payment(model, Payment::is_waiting);
        if let Some(answered) = self.answer(model, payment) {
            return answered;
        }
        let basket_size = match self.chance.random_range(0..100) {
            0..40 => 0,
            40..95 => self.chance.random_range(1..4),
            _ => 11,
        };
        let mut basket: Vec<Serial> = (0..basket_size)
            .filter_map(|_| self.voucher_for(model, payment))
            .collect();
        if self.happens(3)
            && let Some(first) = basket.first()
        {
            basket.push(*first);
        }
        let pin = match self.chance.random_range(0..100) {
            0..15 => Some(PinIndex([0xff; 16])),
            15..20 => None,
            _ => self
                .voucher_for(model, payment)
                .map(|serial| model.vouchers[&serial].pin),
        };
        Command::Pay(Box::new(Pay {
            payment,
            basket,
            pin,
            answers: Vec::new(),
            attempt: attempt(),
        }))
    }

    /// A voucher that mostly suits the payment, and mostly has something left.
    fn voucher_for(&mut self, model: &Model, payment: PaymentId) -> Option<Serial> {
        if self.happens(12) {
            return self.any(&model.vouchers);
        }
        let suiting = model.vouchers.iter().filter(|(_, voucher)| {
            voucher.product.currency == payment.mid.currency && 0 < voucher.remaining
        });
        suiting.map(|(serial, _)| *serial).choose(&mut self.chance)
    }

    pub(super) fn capture(&mut self, model: &Model) -> (Actor, Command) {
        let id = self.payment(model, |payment| payment.status == Status::Authorized);
        let held = model.payments.get(&id).map_or(0, Payment::held);
        let wanted_minor = match self.chance.random_range(0..100) {
            0..30 => None,
            30..35 => Some(0),
            35..42 => Some(held + 1),
            _ => Some(self.chance.random_range(1..=held.max(1))),
        };
        let finality = if self.happens(40) {
            Finality::Final
        } else {
            Finality::Open
        };
        let command = Command::CapturePayment {
            id,
            wanted_minor,
            finality,
        };
        (Actor::Merchant(id.mid.merchant), command)
    }

    pub(super) fn cancel_payment(&mut self, model: &Model) -> (Actor, Command) {
        let id = self.payment(model, |payment| {
            payment.is_waiting() || payment.status == Status::Authorized
        });
        let (actor, by) = if self.happens(60) {
            (Actor::Merchant(id.mid.merchant), Canceler::Merchant)
        } else {
            (Actor::Payer, Canceler::Customer)
        };
        (actor, Command::CancelPayment { id, by })
    }

    pub(super) fn expire_payment(&mut self, model: &Model) -> Command {
        Command::ExpirePayment {
            id: self.payment(model, |payment| payment.due_at < i64::MAX),
        }
    }

    pub(super) fn validate_refund(&mut self, model: &Model) -> (Actor, Command) {
        let payment = self.payment(model, |payment| 0 < payment.refundable());
        let id = self.refund_id(model, payment);
        let command = Command::ValidateRefund {
            payment,
            id,
            request: self.refund_request(model, payment),
        };
        (Actor::Merchant(payment.mid.merchant), command)
    }

    pub(super) fn refund(&mut self, model: &Model, now: i64) -> (Actor, Command) {
        let only_closed = self.happens(40);
        let payment = self.payment(model, |payment| {
            let mut parts = payment.parts.iter();
            let any_closed = parts.any(|part| !model.vouchers[&part.serial].takes_refunds_at(now));
            0 < payment.refundable() && (any_closed || !only_closed)
        });
        let mut replacements = Vec::new();
        let parts = model.payments.get(&payment).map(|found| &found.parts);
        for part in parts.into_iter().flatten() {
            let is_closed = !model.vouchers[&part.serial].takes_refunds_at(now);
            if is_closed && self.happens(85) || self.happens(5) {
                let (serial, pin) = self.fresh_voucher();
                replacements.push(Replacement {
                    source: part.serial,
                    serial,
                    pin,
                    sealed_pin: pin.0.as_slice().into(),
                });
            }
        }
        self.spoil(model, &mut replacements);
        let command = Command::Refund(Box::new(NewRefund {
            payment,
            id: self.refund_id(model, payment),
            request: self.refund_request(model, payment),
            replacements,
        }));
        (Actor::Merchant(payment.mid.merchant), command)
    }

    /// What the timers look after beside payments and vouchers.
    pub(super) fn reversal(&mut self, model: &Model, now: i64) -> (Actor, Command) {
        let command = match self.chance.random_range(0..100) {
            0..20 => self.lapse_refund(model),
            20..80 => self.resolve_duplicate(model, now),
            80..87 => Command::StopPayment {
                id: self.payment(model, |payment| payment.movement == Movement::Free),
                cause: StopCause::Mismatch,
            },
            _ => Command::ResumePayment {
                id: self.payment(model, |payment| payment.movement == Movement::Stopped),
            },
        };
        (Actor::Timer, command)
    }

    fn lapse_refund(&mut self, model: &Model) -> Command {
        let is_checked = |refund: &RefundDone| matches!(refund, RefundDone::Checked { .. });
        let payment = self.payment(model, |payment| payment.refunds.values().any(is_checked));
        let id = self.refund_id(model, payment);
        Command::LapseRefund { payment, id }
    }

    fn resolve_duplicate(&mut self, model: &Model, now: i64) -> Command {
        let latest = model.payments.values().map(|payment| payment.authorized);
        let latest = latest.max().flatten().map_or(0, |(at, _)| at);
        let stands = |payment: &Payment| 0 < payment.held() + payment.refundable();
        let id = self.payment(model, |payment| {
            let is_recent = payment.authorized.is_some_and(|(at, _)| latest - DAY < at);
            payment.order.is_some() && is_recent && stands(payment)
        });
        let later = model.payments.get(&id);
        let of = self.payment(model, |earlier| {
            later.is_some_and(|later| {
                earlier.authorized.is_some()
                    && earlier.authorized < later.authorized
                    && earlier.order == later.order
                    && earlier.amount == later.amount
                    && earlier.currency == later.currency
                    && stands(earlier)
            })
        });
        let mut replacements = Vec::new();
        for part in later.into_iter().flat_map(|later| &later.parts) {
            if !model.vouchers[&part.serial].takes_refunds_at(now) && self.happens(85) {
                let (serial, pin) = self.fresh_voucher();
                replacements.push(Replacement {
                    source: part.serial,
                    serial,
                    pin,
                    sealed_pin: pin.0.as_slice().into(),
                });
            }
        }
        let refund = self.refund_id(model, id);
        Command::ResolveDuplicate(Box::new(SecondPayment {
            id,
            of,
            refund,
            replacements,
        }))
    }

    /// Seldom, a fresh voucher has a PIN that another has too.
    fn spoil(&mut self, model: &Model, replacements: &mut [Replacement]) {
        if !self.happens(12) {
            return;
        }
        let known = self.any(&model.pins);
        match (replacements, known) {
            ([first, second, ..], _) => second.pin = first.pin,
            ([only], Some(known)) => only.pin = known,
            ([], _) | ([_], None) => {}
        }
    }

    /// A fresh id, or one that the payment knows already.
    fn refund_id(&mut self, model: &Model, payment: PaymentId) -> RefundId {
        let known = model.payments.get(&payment);
        let known = known.and_then(|payment| self.any(&payment.refunds));
        match known {
            Some(id) if self.happens(40) => id,
            Some(_) | None => RefundId {
                mid: payment.mid,
                token: self.fresh_token(),
            },
        }
    }

    fn refund_request(&mut self, model: &Model, payment: PaymentId) -> RefundRequest {
        let left = model.payments.get(&payment).map_or(0, Payment::refundable);
        let minor = match self.chance.random_range(0..100) {
            0..20 => left,
            20..26 => left + 1,
            26..28 => -5,
            _ => self.chance.random_range(1..=left.max(1)),
        };
        let customer_id = if self.happens(96) { "c1" } else { "c2" };
        let submerchant = match self.chance.random_range(0..100) {
            0..5 => Some("north"),
            5..8 => Some("south"),
            _ => None,
        };
        RefundRequest {
            minor,
            customer_id: customer_id.to_owned(),
            customer_email: None,
            submerchant: submerchant.map(str::to_owned),
            comment: None,
        }
    }

    /// A payment that is mostly of the wanted kind, and seldom one that nobody knows.
    pub(super) fn payment(
        &mut self,
        model: &Model,
        is_wanted: impl Fn(&Payment) -> bool,
    ) -> PaymentId {
        let mut found = None;
        if self.happens(88) {
            let wanted = model.payments.iter().filter(|(_, known)| is_wanted(known));
            found = wanted.map(|(id, _)| *id).choose(&mut self.chance);
        }
        let found = found.or_else(|| self.any(&model.payments));
        match found {
            Some(id) if self.happens(99) => id,
            Some(_) | None => PaymentId {
                mid: Mid {
                    merchant: cast::BOOKSHOP,
                    currency: Currency::EUR,
                },
                token: self.fresh_token(),
            },
        }
    }
}
