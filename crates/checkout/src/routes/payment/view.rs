//! What the checkout pages show of a payment.

use engine::service::payer::told::{Frozen, Told};
use engine::service::payer::{BasketItem, Checkout};
use ids::voucher::Serial;
use money::amount::Amount;
use payment::decide::REJECTED_PINS_MAX;
use payment::payment::Payment;
use payment::return_url::with_payment_id;
use payment::screening::FAILED_CHALLENGES_MAX;
use payment::state::{Canceler, Status};
use risk::decision::explain::{PayerWords, Warning};

use super::super::link::{PaymentLink, Place};
use crate::pages::checkout::{ChallengeView, CheckoutLinks, CheckoutProblem, CheckoutView};
use crate::pages::notes::Notes;
use crate::pages::result::{Blocked, FrozenVouchers, Outcome, Paid, ResultView, Reviewed};
use crate::pages::{Shop, VoucherShare, seconds_between};

/// The vouchers that the payer has entered.
pub struct Entered<'a> {
    pub items: &'a [BasketItem],
    pub missing: Amount,
    pub sealed: String,
}

pub fn of_checkout(
    link: &PaymentLink,
    opened: &Checkout,
    entered: Entered<'_>,
    problem: Option<CheckoutProblem>,
    words: PayerWords,
) -> CheckoutView {
    let Entered {
        items,
        missing,
        sealed,
    } = entered;
    let payment = &opened.payment;
    let page = [("vouchers", sealed.as_str())];
    CheckoutView {
        links: CheckoutLinks {
            page: link.address(Place::Page, &page),
            pay: link.address(Place::Pay, &[]),
            remove: link.address(Place::RemoveVoucher, &[]),
            cancel: link.address(Place::Cancel, &[]),
        },
        shop_name: opened.merchant.name.clone(),
        amount: payment.request.amount,
        open_until: payment.due_at,
        seconds_left: seconds_between(opened.now, payment.due_at),
        vouchers: shares(payment.request.amount, items),
        still_to_pay: missing,
        tries_left: REJECTED_PINS_MAX.saturating_sub(payment.rejected_pins),
        sealed_vouchers: sealed,
        challenge: challenge(opened, items, missing, words),
        problem,
    }
}

/// What the payer is asked for, if the vouchers entered are those that a challenge is about.
fn challenge(
    opened: &Checkout,
    items: &[BasketItem],
    missing: Amount,
    words: PayerWords,
) -> Option<ChallengeView> {
    let asked = opened.payment.challenge.as_ref()?;
    let is_asked = |item: &BasketItem| asked.vouchers.contains(&item.serial);
    let applies = !items.is_empty() && missing.minor <= 0 && items.iter().all(is_asked);
    applies.then(|| ChallengeView {
        serials_last_four: items.iter().map(|item| item.serial.last_four()).collect(),
        seconds_to_wait: seconds_between(opened.now, asked.not_before),
        tries_left: FAILED_CHALLENGES_MAX.saturating_sub(asked.failed),
        notes: notes(words),
    })
}

/// Where the page of a payment's end is, and what it leads to.
pub struct ResultAddresses {
    pub page: String,
    /// None where there is no log that receipts could be of.
    pub receipts: Option<String>,
}

/// `entered` are the vouchers that this browser has shown: of others the page says nothing.
pub fn of_result(
    addresses: ResultAddresses,
    ended: &Checkout,
    entered: &[Serial],
    told: Told,
) -> ResultView {
    let payment = &ended.payment;
    let outcome = outcome(ended, entered, told);
    let template = match outcome {
        Outcome::Paid(_) | Outcome::Closed => &payment.request.success_url,
        Outcome::Cancelled
        | Outcome::Expired
        | Outcome::TooManyTries
        | Outcome::TooRisky(_)
        | Outcome::Unproven
        | Outcome::Refused
        | Outcome::InReview(_) => &payment.request.failure_url,
    };
    let address = with_payment_id(template, payment.id);
    let shop = is_web_address(&address).then(|| Shop {
        name: ended.merchant.name.clone(),
        address,
    });
    ResultView {
        page: addresses.page,
        receipts: addresses.receipts,
        outcome,
        shop,
    }
}

fn outcome(ended: &Checkout, entered: &[Serial], told: Told) -> Outcome {
    let payment = &ended.payment;
    if let Some(review) = payment.review.filter(|review| ended.now < review.until) {
        return Outcome::InReview(Reviewed {
            until: review.until,
            notes: notes(told.words),
        });
    }
    match payment.status {
        Status::Authorized => paid(ended, entered, payment.request.amount.minor),
        Status::Success if payment.refunded() == 0 => paid(ended, entered, payment.captured()),
        Status::Success => Outcome::Closed,
        Status::CanceledMerchant => Outcome::Cancelled,
        Status::CanceledCustomer => match told.canceler {
            Some(Canceler::PinLimit) => Outcome::TooManyTries,
            Some(Canceler::Risk) => Outcome::TooRisky(Blocked {
                frozen: told.frozen.map(frozen),
                notes: notes(told.words),
            }),
            Some(Canceler::ChallengeLimit) => Outcome::Unproven,
            Some(Canceler::Reviewer) => Outcome::Refused,
            Some(Canceler::Customer | Canceler::Merchant | Canceler::DuplicateOf(_)) | None => {
                Outcome::Cancelled
            }
        },
        // A payment whose time is over is expired, even before its timer has noticed.
        Status::Initiated | Status::Redirected | Status::Expired => Outcome::Expired,
    }
}

fn notes(words: PayerWords) -> Notes {
    Notes {
        warns_of_swindlers: words.warning == Warning::Swindlers,
        issuer_says: words.lines,
    }
}

fn frozen(frozen: Frozen) -> FrozenVouchers {
    FrozenVouchers {
        count: frozen.vouchers.len() as u64,
        reference: frozen.entry.0.to_string(),
    }
}

fn paid(ended: &Checkout, entered: &[Serial], minor: i64) -> Outcome {
    let payment: &Payment = &ended.payment;
    let currency = payment.request.amount.currency;
    let own = payment
        .allocations
        .iter()
        .filter(|part| entered.contains(&part.serial));
    let vouchers = own.filter_map(|part| {
        let voucher = ended
            .vouchers
            .iter()
            .find(|voucher| voucher.serial == part.serial)?;
        Some(VoucherShare {
            serial_last_four: part.serial.last_four(),
            used: Amount::new(part.authorized, currency),
            left: Amount::new(voucher.remaining, currency),
        })
    });
    Outcome::Paid(Paid {
        amount: Amount::new(minor, currency),
        vouchers: vouchers.collect(),
    })
}

/// What each voucher would give, in the order in which they were entered.
fn shares(amount: Amount, items: &[BasketItem]) -> Vec<VoucherShare> {
    let mut rest = amount.minor;
    let share = |item: &BasketItem| {
        let used = item.available.minor.min(rest);
        rest -= used;
        VoucherShare {
            serial_last_four: item.serial.last_four(),
            used: Amount::new(used, amount.currency),
            left: Amount::new(item.available.minor - used, amount.currency),
        }
    };
    items.iter().map(share).collect()
}

/// A shop's address becomes a link only if it cannot run as a script.
fn is_web_address(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default();
    ["https", "http"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web))
}
