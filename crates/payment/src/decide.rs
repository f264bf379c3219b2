//! Decisions: what a command makes of a payment, or why it is refused.
//!
//! Every function is total and computes only; the vouchers' side is decided in the same breath by the
//! engine, so that one entry holds both or neither.

use ids::object::{PaymentId, RefundId};
use ids::time::{Span, Timestamp};
use ids::voucher::{Country, ProductId, Serial};
use money::amount::{Amount, allocate};
use money::currency::Currency;

use crate::payment::{Customer, Payment};
use crate::refund::{Refund, RefundRequest, RefundStatus};
use crate::state::{Canceler, CaptureMode, Change, Finality, Hold, Status, StopCause};

/// How long a payer has, from the creation of the payment.
pub const PAYMENT_LIFETIME: Span = Span::MINUTE.times(30);
/// Vouchers in one payment at most.
pub const VOUCHERS_MAX: usize = 10;
/// Wrong PINs after which a payment is cancelled.
pub const REJECTED_PINS_MAX: u8 = 5;
/// Refunds of one payment at most, checked or carried out: a payment is read and written as a whole.
pub const REFUNDS_MAX: usize = 100;
/// How long after its creation a payment may be refunded.
pub const REFUND_WINDOW: Span = Span::DAY.times(45);

/// How long a refund that was checked waits to be carried out. Whoever ends it reads the journal that far back.
pub const REFUND_VALIDATION_LIFETIME: Span = Span::DAY;

/// A voucher that is offered for a payment, as far as the payment has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub serial: Serial,
    pub product: ProductId,
    pub country: Country,
    /// What it can pay, minor units and currency.
    pub available: Amount,
}

/// Why a command leaves a payment as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the payment is {status:?}")]
    InvalidState { status: Status },
    #[error("the time to pay is over")]
    PaymentTimeOver,
    #[error("the capture window is over")]
    CaptureWindowOver,
    #[error("the time for refunds is over")]
    RefundWindowOver,
    #[error("the time of the payment is not over")]
    NotDue,
    #[error("a payment takes at most {VOUCHERS_MAX} vouchers")]
    TooManyVouchers,
    #[error("the same voucher was offered twice")]
    VoucherOfferedTwice,
    #[error("the vouchers hold {available_minor} minor units where {wanted_minor} are asked for")]
    InsufficientValue {
        available_minor: i64,
        wanted_minor: i64,
    },
    #[error("the voucher is in {found}, the payment in {expected}")]
    OtherCurrency { found: Currency, expected: Currency },
    #[error("the shop takes vouchers from {expected} only")]
    OtherCountry { expected: Country },
    #[error("the shop demands a verified account")]
    AccountRequired,
    #[error("{available_minor} minor units are left to capture")]
    CaptureExceedsHold { available_minor: i64 },
    #[error("{refundable_minor} minor units are left to refund")]
    RefundExceedsCapture { refundable_minor: i64 },
    #[error("a payment takes at most {REFUNDS_MAX} refunds")]
    TooManyRefunds,
    #[error("the refund names another customer")]
    OtherCustomer,
    #[error("the refund is {status:?}")]
    RefundInvalidState { status: RefundStatus },
    #[error("the amount is not positive")]
    NotPositive,
    #[error("nothing of the payer has come since the payer was erased")]
    PayerErased,
    #[error("the payment is stopped")]
    Stopped,
    #[error("the payment is not stopped")]
    NotStopped,
    #[error("the payment is no duplicate of the other one")]
    NotDuplicate,
    #[error("the duplicate has been dealt with")]
    DuplicateResolved,
    #[error("the payment waits for a person's decision")]
    InReview,
    #[error("the payment waits for nobody's decision")]
    NotInReview,
    #[error("the payment has this label")]
    Labelled,
    #[error("two people must let the payment go, and this one has done so already")]
    SamePerson,
}

/// The payer opened the checkout.
pub fn open(
    payment: &Payment,
    address: Option<std::net::IpAddr>,
    now: Timestamp,
) -> Result<Change, Refusal> {
    require_running(payment)?;
    match payment.status {
        Status::Initiated if now < payment.due_at => Ok(Change::Open { address }),
        Status::Initiated => Err(Refusal::PaymentTimeOver),
        status => Err(Refusal::InvalidState { status }),
    }
}

/// Whether vouchers may be offered to the payment at all.
pub fn require_payable(payment: &Payment, now: Timestamp) -> Result<(), Refusal> {
    require_running(payment)?;
    if payment.review.is_some() {
        return Err(Refusal::InReview);
    }
    match payment.status {
        Status::Initiated | Status::Redirected if now < payment.due_at => Ok(()),
        Status::Initiated | Status::Redirected => Err(Refusal::PaymentTimeOver),
        status => Err(Refusal::InvalidState { status }),
    }
}

/// Whether one voucher suits the payment, whatever it is worth.
pub fn require_suitable(payment: &Payment, offer: &Offer) -> Result<(), Refusal> {
    let expected = payment.request.amount.currency;
    let customer: &Customer = &payment.request.customer;
    if offer.available.currency != expected {
        return Err(Refusal::OtherCurrency {
            found: offer.available.currency,
            expected,
        });
    }
    if let Some(country) = customer
        .country_restriction
        .filter(|country| *country != offer.country)
    {
        return Err(Refusal::OtherCountry { expected: country });
    }
    if customer.min_age.is_some() || customer.kyc_level.is_some() {
        return Err(Refusal::AccountRequired);
    }
    Ok(())
}

/// Holds the amount on the offered vouchers, first come first.
pub fn authorize(
    payment: &Payment,
    offers: &[Offer],
    fee_basis_points: u16,
    now: Timestamp,
) -> Result<Change, Refusal> {
    require_payable(payment, now)?;
    if VOUCHERS_MAX < offers.len() {
        return Err(Refusal::TooManyVouchers);
    }
    for (place, offer) in offers.iter().enumerate() {
        require_suitable(payment, offer)?;
        if offers[..place]
            .iter()
            .any(|earlier| earlier.serial == offer.serial)
        {
            return Err(Refusal::VoucherOfferedTwice);
        }
    }
    let amount = payment.request.amount;
    let available: Vec<i64> = offers.iter().map(|offer| offer.available.minor).collect();
    let shares = allocate(amount.minor, &available).ok_or(Refusal::InsufficientValue {
        available_minor: available.iter().sum(),
        wanted_minor: amount.minor,
    })?;
    let holds = offers
        .iter()
        .zip(shares)
        .filter(|(_, share)| 0 < *share)
        .map(|(offer, minor)| Hold {
            serial: offer.serial,
            product: offer.product,
            country: offer.country,
            minor,
        });
    let mode = payment.request.capture;
    Ok(Change::Authorize {
        holds: holds.collect(),
        hold_until: now.plus(payment.request.capture_window),
        mode,
        fee_minor: match mode {
            CaptureMode::Manual => 0,
            CaptureMode::Automatic => fee_on(amount, fee_basis_points),
        },
    })
}

/// Captures `wanted` minor units, or all that is held.
pub fn capture(
    payment: &Payment,
    wanted: Option<i64>,
    finality: Finality,
    fee_basis_points: u16,
    now: Timestamp,
) -> Result<Change, Refusal> {
    require_running(payment)?;
    match payment.status {
        Status::Authorized if now < payment.due_at => {}
        Status::Authorized => return Err(Refusal::CaptureWindowOver),
        _ if 0 < payment.lapsed_minor => return Err(Refusal::CaptureWindowOver),
        status => return Err(Refusal::InvalidState { status }),
    }
    let held: Vec<i64> = payment.allocations.iter().map(|part| part.held).collect();
    let available_minor = held.iter().sum();
    let wanted = wanted.unwrap_or(available_minor);
    if wanted <= 0 {
        return Err(Refusal::NotPositive);
    }
    let shares = allocate(wanted, &held).ok_or(Refusal::CaptureExceedsHold { available_minor })?;
    Ok(Change::Capture {
        shares,
        fee_minor: fee_on_capture(payment, wanted, fee_basis_points),
        finality,
    })
}

/// Ends the payment before its time.
pub fn cancel(payment: &Payment, by: Canceler) -> Result<Change, Refusal> {
    require_running(payment)?;
    let allowed = match by {
        Canceler::Merchant | Canceler::DuplicateOf(_) => !payment.status.is_final(),
        Canceler::Reviewer => payment.review.is_some(),
        Canceler::Customer | Canceler::PinLimit | Canceler::Risk | Canceler::ChallengeLimit => {
            match payment.status {
                Status::Initiated | Status::Redirected => true,
                Status::Authorized
                | Status::Success
                | Status::CanceledMerchant
                | Status::CanceledCustomer
                | Status::Expired => false,
            }
        }
    };
    if allowed {
        Ok(Change::Cancel { by })
    } else {
        Err(Refusal::InvalidState {
            status: payment.status,
        })
    }
}

/// Marks the payment as the second one for its order.
pub fn flag_duplicate(payment: &Payment, of: PaymentId) -> Result<Change, Refusal> {
    require_running(payment)?;
    Ok(Change::FlagDuplicate { of })
}

/// Ends the payment because its time is over.
pub fn expire(payment: &Payment, now: Timestamp) -> Result<Change, Refusal> {
    if payment.status.is_final() {
        return Err(Refusal::InvalidState {
            status: payment.status,
        });
    }
    require_running(payment)?;
    if now < payment.due_at {
        Err(Refusal::NotDue)
    } else {
        Ok(Change::Expire {
            before: Some(payment.status),
        })
    }
}

/// Checks a refund without carrying it out.
pub fn validate_refund(
    payment: &Payment,
    id: RefundId,
    request: RefundRequest,
    now: Timestamp,
) -> Result<Change, Refusal> {
    require_refundable(payment, &request, now)?;
    match payment.refund(id) {
        Some(Refund { status, .. }) => Err(Refusal::RefundInvalidState { status: *status }),
        None if REFUNDS_MAX <= payment.refunds.len() => Err(Refusal::TooManyRefunds),
        None => Ok(Change::ValidateRefund { id, request }),
    }
}

/// What a refund takes from each of the payment's vouchers, in the order in which they paid.
pub fn refund_shares(
    payment: &Payment,
    id: RefundId,
    request: &RefundRequest,
    now: Timestamp,
) -> Result<Vec<(Serial, i64)>, Refusal> {
    require_refundable(payment, request, now)?;
    match payment.refund(id).map(|refund| refund.status) {
        Some(RefundStatus::ValidationSuccessful) => {}
        Some(status @ (RefundStatus::Success | RefundStatus::Lapsed)) => {
            return Err(Refusal::RefundInvalidState { status });
        }
        None if REFUNDS_MAX <= payment.refunds.len() => return Err(Refusal::TooManyRefunds),
        None => {}
    }
    let refundable: Vec<i64> = payment
        .allocations
        .iter()
        .map(|part| part.refundable())
        .collect();
    let shares = allocate(request.minor, &refundable).ok_or(Refusal::RefundExceedsCapture {
        refundable_minor: refundable.iter().sum(),
    })?;
    let serials = payment.allocations.iter().map(|part| part.serial);
    Ok(serials
        .zip(shares)
        .filter(|(_, share)| 0 < *share)
        .collect())
}

/// Ends a refund that was checked and never carried out.
pub fn lapse_refund(payment: &Payment, id: RefundId, now: Timestamp) -> Result<Change, Refusal> {
    require_running(payment)?;
    let refund = payment.refund(id).ok_or(Refusal::NotDue)?;
    match refund.status {
        RefundStatus::ValidationSuccessful
            if refund.created_at.plus(REFUND_VALIDATION_LIFETIME) <= now =>
        {
            Ok(Change::LapseRefund { id })
        }
        RefundStatus::ValidationSuccessful => Err(Refusal::NotDue),
        status @ (RefundStatus::Success | RefundStatus::Lapsed) => {
            Err(Refusal::RefundInvalidState { status })
        }
    }
}

/// Stops the payment.
pub fn stop(payment: &Payment, cause: StopCause) -> Result<Change, Refusal> {
    require_running(payment)?;
    Ok(Change::Stop { cause })
}

/// Lets a stopped payment go. Its time went on meanwhile: whatever is open gets as long as a new payment.
pub fn resume(payment: &Payment, now: Timestamp) -> Result<Change, Refusal> {
    if payment.stopped.is_none() {
        return Err(Refusal::NotStopped);
    }
    let due_at = if payment.status.is_final() {
        Timestamp::NEVER
    } else {
        now.plus(PAYMENT_LIFETIME)
    };
    Ok(Change::Resume { due_at })
}

/// Forgets the payer of a payment that has ended; what came since an earlier time is forgotten too.
pub fn erase_payer(payment: &Payment) -> Result<Change, Refusal> {
    require_running(payment)?;
    if !payment.status.is_final() {
        return Err(Refusal::InvalidState {
            status: payment.status,
        });
    }
    if payment.erased == Some(payment.version) {
        return Err(Refusal::PayerErased);
    }
    Ok(Change::ErasePayer)
}

pub(crate) fn require_running(payment: &Payment) -> Result<(), Refusal> {
    match payment.stopped {
        None => Ok(()),
        Some(_) => Err(Refusal::Stopped),
    }
}

fn require_refundable(
    payment: &Payment,
    request: &RefundRequest,
    now: Timestamp,
) -> Result<(), Refusal> {
    require_running(payment)?;
    let refundable_minor = payment.captured() - payment.refunded();
    if payment.captured() == 0 {
        return Err(Refusal::InvalidState {
            status: payment.status,
        });
    }
    if payment.created_at.plus(REFUND_WINDOW) < now {
        return Err(Refusal::RefundWindowOver);
    }
    if request.customer_id != payment.request.customer.id {
        return Err(Refusal::OtherCustomer);
    }
    if request.minor <= 0 {
        return Err(Refusal::NotPositive);
    }
    if refundable_minor < request.minor {
        return Err(Refusal::RefundExceedsCapture { refundable_minor });
    }
    Ok(())
}

pub(crate) fn fee_on(amount: Amount, basis_points: u16) -> i64 {
    amount
        .share(basis_points)
        .map_or(0, |fee| fee.minor.min(amount.minor))
}

/// What is left of the fee on all that was captured, this capture included: in however many parts a payment is
/// captured, its fee is that of the whole. Where the terms changed between two parts, the fee of the second stays
/// between nothing and what it captures.
fn fee_on_capture(payment: &Payment, wanted: i64, basis_points: u16) -> i64 {
    let currency = payment.request.amount.currency;
    let total = Amount::new(payment.captured() + wanted, currency);
    (fee_on(total, basis_points) - payment.fee_minor).clamp(0, wanted)
}
