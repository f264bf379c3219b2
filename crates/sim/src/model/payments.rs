//! Merchants and their payments in the model.

use std::collections::BTreeMap;

use engine::command::Pay;
use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::voucher::{Country, Serial};
use money::currency::Currency;
use payment::duplicate::{DuplicateResponse, Remedy};
use payment::label::Label;
use payment::merchant::{self, Merchant};
use payment::payment::PaymentRequest;
use payment::state::{Canceler, CaptureMode, Finality, Status};

use crate::model::books::{HELD, MERCHANT_FEES, PAYABLE};
use crate::model::reason::Reason;
use crate::model::screening::{Asked, Waiting};
use crate::model::{Model, Standing};

const MINUTE: i64 = 60_000;
/// How long a payer has.
const LIFETIME: i64 = 30 * MINUTE;
/// The bounds of capture windows.
const WINDOW: std::ops::RangeInclusive<i64> = MINUTE..=7 * 24 * 60 * MINUTE;
/// Wrong PINs that end a payment.
const WRONG_PINS_MAX: u8 = 5;
/// Vouchers that one payment takes.
pub(super) const VOUCHERS_MAX: usize = 10;

/// What a merchant agreed to.
#[derive(Clone, Debug)]
pub struct Terms {
    pub standing: Standing,
    pub currencies: Vec<Currency>,
    pub fee_basis_points: u16,
    pub submerchants: BTreeMap<String, Standing>,
    pub duplicates: DuplicateResponse,
    pub duplicate_window: i64,
}

/// A payment.
#[derive(Clone, Debug)]
pub struct Payment {
    pub amount: i64,
    pub currency: Currency,
    pub customer: String,
    pub country: Option<Country>,
    pub account: AccountDemand,
    pub window: i64,
    pub mode: CaptureMode,
    pub status: Status,
    pub before_expiry: Option<Status>,
    /// Held value that went back because its time was over.
    pub lapsed: i64,
    pub created_at: i64,
    pub due_at: i64,
    pub parts: Vec<Part>,
    pub fee: i64,
    pub wrong_pins: u8,
    pub refunds: BTreeMap<RefundId, RefundDone>,
    pub order: Option<String>,
    /// When and by which entry it was authorised.
    pub authorized: Option<(i64, Sequence)>,
    pub duplicate: Option<(PaymentId, Remedy)>,
    pub movement: Movement,
    pub asked: Option<Asked>,
    pub waiting: Option<Waiting>,
    pub label: Option<Label>,
}

/// Whether anything but its release may change a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    Free,
    Stopped,
}

/// Whether the shop wants a payer with a verified account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountDemand {
    None,
    Demanded,
}

/// What one voucher gives.
#[derive(Clone, Debug)]
pub struct Part {
    pub serial: Serial,
    pub authorized: i64,
    pub held: i64,
    pub captured: i64,
    pub refunded: i64,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundDone {
    Checked { minor: i64, at: i64 },
    Paid { minor: i64 },
    Lapsed { minor: i64 },
}

impl Part {
    pub(super) fn held((serial, share): (Serial, i64)) -> Part {
        Part {
            serial,
            authorized: share,
            held: share,
            captured: 0,
            refunded: 0,
        }
    }
}

impl Payment {
    pub fn held(&self) -> i64 {
        self.parts.iter().map(|part| part.held).sum()
    }

    pub fn captured(&self) -> i64 {
        self.parts.iter().map(|part| part.captured).sum()
    }

    pub fn refundable(&self) -> i64 {
        let parts = self.parts.iter();
        parts.map(|part| part.captured - part.refunded).sum()
    }

    /// Whether nothing was decided yet.
    pub fn is_waiting(&self) -> bool {
        matches!(self.status, Status::Initiated | Status::Redirected)
    }

    pub(super) fn require_moving(&self) -> Result<(), Reason> {
        match self.movement {
            Movement::Free => Ok(()),
            Movement::Stopped => Err(Reason::Stopped),
        }
    }

    fn require_payable(&self, now: i64) -> Result<(), Reason> {
        self.require_moving()?;
        self.require_not_in_review()?;
        if !self.is_waiting() {
            Err(Reason::PaymentState)
        } else if self.due_at <= now {
            Err(Reason::TimeOver)
        } else {
            Ok(())
        }
    }
}

impl Model {
    pub(super) fn save_merchant(&mut self, merchant: &Merchant) -> Result<(), Reason> {
        if !WINDOW.contains(&merchant.capture_window.0) {
            return Err(Reason::WindowOutOfBounds);
        }
        let submerchants = merchant.submerchants.iter();
        let terms = Terms {
            standing: standing(merchant.standing),
            currencies: merchant.currencies.clone(),
            fee_basis_points: merchant.fee_basis_points,
            submerchants: submerchants
                .map(|submerchant| (submerchant.id.clone(), standing(submerchant.standing)))
                .collect(),
            duplicates: merchant.duplicates.response,
            duplicate_window: merchant.duplicates.window.0,
        };
        self.merchants.insert(merchant.id, terms);
        Ok(())
    }

    pub(super) fn create(
        &mut self,
        id: PaymentId,
        request: &PaymentRequest,
        now: i64,
    ) -> Result<(), Reason> {
        let amount = request.amount;
        let terms = self
            .merchants
            .get(&id.mid.merchant)
            .ok_or(Reason::UnknownParty)?;
        if terms.standing == Standing::Stopped {
            return Err(Reason::Suspended);
        }
        if !terms.currencies.contains(&amount.currency) {
            return Err(Reason::Currency);
        }
        if amount.minor <= 0 || most(amount.currency) < amount.minor {
            return Err(Reason::AmountOutOfBounds);
        }
        if !WINDOW.contains(&request.capture_window.0) {
            return Err(Reason::WindowOutOfBounds);
        }
        terms.require_submerchant(request.submerchant.as_ref())?;
        if id.mid.currency != amount.currency {
            return Err(Reason::Currency);
        }
        if self.payments.contains_key(&id) {
            return Err(Reason::Duplicate);
        }
        self.payments.insert(id, waiting(request, now));
        Ok(())
    }

    pub(super) fn open(&mut self, id: PaymentId, now: i64) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        payment.require_moving()?;
        if payment.status != Status::Initiated {
            return Err(Reason::PaymentState);
        }
        if payment.due_at <= now {
            return Err(Reason::TimeOver);
        }
        payment.status = Status::Redirected;
        Ok(())
    }

    pub(super) fn pay(&mut self, pay: &Pay, now: i64) -> Result<(), Reason> {
        self.payment(pay.payment)?.require_payable(now)?;
        let can_pay = |serial: &Serial| {
            let voucher = self.vouchers.get(serial);
            voucher.is_some_and(|voucher| voucher.can_pay_at(now))
        };
        let mut offered: Vec<Serial> = pay.basket.iter().copied().filter(can_pay).collect();
        if let Some(pin) = pay.pin {
            match self.pins.get(&pin).copied().filter(can_pay) {
                Some(serial) => offered.push(serial),
                None => {
                    self.count_wrong_pin(pay.payment);
                    return Ok(());
                }
            }
        }
        let mut missing = self.require_suitable(pay.payment, &offered)?;
        let mut shares = Vec::new();
        for serial in offered {
            let share = missing.min(self.known(serial).remaining);
            missing -= share;
            if 0 < share {
                shares.push((serial, share));
            }
        }
        if 0 < missing {
            return Err(Reason::MoreNeeded { minor: missing });
        }
        self.screen(pay, shares, now)
    }

    fn count_wrong_pin(&mut self, id: PaymentId) {
        if let Some(payment) = self.payments.get_mut(&id) {
            if payment.wrong_pins + 1 < WRONG_PINS_MAX {
                payment.wrong_pins += 1;
            } else {
                payment.status = Status::CanceledCustomer;
                payment.due_at = i64::MAX;
            }
        }
    }

    /// The amount that suitable vouchers must cover.
    fn require_suitable(&self, id: PaymentId, offered: &[Serial]) -> Result<i64, Reason> {
        let payment = self.payments.get(&id).ok_or(Reason::UnknownPayment)?;
        if VOUCHERS_MAX < offered.len() {
            return Err(Reason::TooManyVouchers);
        }
        for (place, serial) in offered.iter().enumerate() {
            let product = self.vouchers[serial].product;
            if product.currency != payment.currency {
                return Err(Reason::OtherCurrency);
            }
            if payment.country.is_some_and(|only| only != product.country) {
                return Err(Reason::OtherCountry);
            }
            if payment.account == AccountDemand::Demanded {
                return Err(Reason::AccountRequired);
            }
            if offered[..place].contains(serial) {
                return Err(Reason::OfferedTwice);
            }
        }
        Ok(payment.amount)
    }

    pub(super) fn authorize(&mut self, id: PaymentId, shares: Vec<(Serial, i64)>, now: i64) {
        for (serial, share) in &shares {
            self.hold(*serial, *share);
        }
        let entry = self.head.next();
        let payment = self.payments.get_mut(&id).expect("it was looked up before");
        payment.status = Status::Authorized;
        payment.authorized = Some((now, entry));
        payment.due_at = now + payment.window;
        payment.parts = shares.into_iter().map(Part::held).collect();
        if payment.mode == CaptureMode::Automatic {
            let all = payment.held();
            self.take(id, all);
            self.end(id, Status::Success);
        }
    }

    pub(super) fn capture(
        &mut self,
        id: PaymentId,
        wanted: Option<i64>,
        finality: Finality,
        now: i64,
    ) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        payment.require_moving()?;
        match payment.status {
            Status::Authorized if now < payment.due_at => {}
            Status::Authorized => return Err(Reason::TimeOver),
            _ if payment.lapsed != 0 => return Err(Reason::TimeOver),
            _ => return Err(Reason::PaymentState),
        }
        let left = payment.held();
        let wanted = wanted.unwrap_or(left);
        if wanted <= 0 {
            return Err(Reason::AmountOutOfBounds);
        }
        if left < wanted {
            return Err(Reason::CaptureTooMuch { left });
        }
        self.take(id, wanted);
        if finality == Finality::Final || wanted == left {
            self.end(id, Status::Success);
        }
        Ok(())
    }

    /// Moves held value to the merchant, first come first, and charges the issuer's fee.
    pub(super) fn take(&mut self, id: PaymentId, wanted: i64) {
        let terms = &self.merchants[&id.mid.merchant];
        let rate = i64::from(terms.fee_basis_points);
        let payable = (
            PAYABLE,
            u64::from(id.mid.merchant.number()),
            id.mid.currency,
        );
        let payment = self.payments.get_mut(&id).expect("it was looked up before");
        let total = payment.captured() + wanted;
        let fee_of_all = ((total * rate + 5_000) / 10_000).min(total);
        let fee = (fee_of_all - payment.fee).max(0).min(wanted);
        payment.fee += fee;
        let mut rest = wanted;
        for part in &mut payment.parts {
            let share = rest.min(part.held);
            rest -= share;
            part.held -= share;
            part.captured += share;
            let voucher = self.vouchers.get_mut(&part.serial);
            let voucher = voucher.expect("a voucher that pays is never forgotten");
            voucher.held -= share;
            voucher.spent += share;
        }
        self.books
            .transfer((HELD, 0, id.mid.currency), payable, wanted);
        self.books
            .transfer(payable, (MERCHANT_FEES, 0, id.mid.currency), fee);
    }

    pub(super) fn cancel(&mut self, id: PaymentId, by: Canceler) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        payment.require_moving()?;
        let (allowed, status) = match by {
            Canceler::Merchant | Canceler::DuplicateOf(_) => (
                payment.is_waiting() || payment.status == Status::Authorized,
                Status::CanceledMerchant,
            ),
            Canceler::Customer | Canceler::PinLimit | Canceler::Risk | Canceler::ChallengeLimit => {
                (payment.is_waiting(), Status::CanceledCustomer)
            }
            Canceler::Reviewer => (payment.waiting.is_some(), Status::CanceledCustomer),
        };
        if !allowed {
            return Err(Reason::PaymentState);
        }
        self.end(id, status);
        Ok(())
    }

    pub(super) fn expire_payment(&mut self, id: PaymentId, now: i64) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        let before = payment.status;
        if !payment.is_waiting() && before != Status::Authorized {
            return Err(Reason::PaymentState);
        }
        payment.require_moving()?;
        if now < payment.due_at {
            return Err(Reason::NotDue);
        }
        if payment.captured() == 0 {
            payment.before_expiry = Some(before);
        }
        if before == Status::Authorized {
            payment.lapsed = payment.held();
        }
        self.end(id, Status::Expired);
        Ok(())
    }

    /// Gives back what is held. Whatever was captured makes the payment a success.
    pub(super) fn end(&mut self, id: PaymentId, status: Status) {
        let payment = self.payments.get_mut(&id).expect("it was looked up before");
        payment.status = if 0 < payment.captured() {
            Status::Success
        } else {
            status
        };
        payment.due_at = i64::MAX;
        payment.waiting = None;
        let held: Vec<(Serial, i64)> = payment
            .parts
            .iter_mut()
            .map(|part| (part.serial, std::mem::take(&mut part.held)))
            .collect();
        for (serial, minor) in held {
            self.release(serial, minor);
        }
    }

    pub(super) fn payment(&mut self, id: PaymentId) -> Result<&mut Payment, Reason> {
        self.payments.get_mut(&id).ok_or(Reason::UnknownPayment)
    }
}

impl Terms {
    pub(super) fn require_submerchant(&self, id: Option<&String>) -> Result<(), Reason> {
        match id.map(|id| self.submerchants.get(id)) {
            None | Some(Some(Standing::Good)) => Ok(()),
            Some(Some(Standing::Stopped) | None) => Err(Reason::Submerchant),
        }
    }
}

fn waiting(request: &PaymentRequest, now: i64) -> Payment {
    let customer = &request.customer;
    let demands = customer.min_age.is_some() || customer.kyc_level.is_some();
    Payment {
        amount: request.amount.minor,
        currency: request.amount.currency,
        customer: customer.id.clone(),
        country: customer.country_restriction,
        account: if demands {
            AccountDemand::Demanded
        } else {
            AccountDemand::None
        },
        window: request.capture_window.0,
        mode: request.capture,
        status: Status::Initiated,
        before_expiry: None,
        lapsed: 0,
        created_at: now,
        due_at: now + LIFETIME,
        parts: Vec::new(),
        fee: 0,
        wrong_pins: 0,
        refunds: BTreeMap::new(),
        order: request.order_reference.as_ref().map(ToString::to_string),
        authorized: None,
        duplicate: None,
        movement: Movement::Free,
        asked: None,
        waiting: None,
        label: None,
    }
}

/// The most that one payment may ask for, in the currencies of the workload.
fn most(currency: Currency) -> i64 {
    match currency.code() {
        "GBP" => 90_000,
        _ => 100_000,
    }
}

fn standing(standing: merchant::Standing) -> Standing {
    match standing {
        merchant::Standing::Active => Standing::Good,
        merchant::Standing::Suspended => Standing::Stopped,
    }
}
