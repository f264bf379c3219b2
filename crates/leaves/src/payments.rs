//! Fields of payments, of their refunds and of attempts to pay.

use std::net::IpAddr;

use ids::object::{PaymentId, RefundId};
use ids::party::OperatorId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use payment::attempt::{Attempt, Judgement, PinEntry, Verdict, Whereabouts};
use payment::label::{Label, Source, Truth};
use payment::payment::{Customer, KycLevel, PaymentRequest};
use payment::refund::{RefundCause, RefundRequest, RefundShare, RefundTarget};
use payment::state::{Canceler, CaptureMode, Change, Finality, Hold, Status, StopCause};

use crate::field::{Fields, Tag, Value};
use crate::groups::Groups;

pub fn created(groups: &mut Groups, id: &PaymentId, request: &PaymentRequest, due_at: Timestamp) {
    let core = &mut groups.core;
    let amount = request.amount;
    core.put(Tag::Currency, Value::new().currency(amount.currency));
    core.put(Tag::Amount, Value::new().signed(amount.minor));
    core.put(Tag::DueAt, Value::new().signed(due_at.0));
    let mode = Value::new().byte(capture_mode(request.capture));
    core.put(Tag::CaptureMode, mode);
    let window = Value::new().signed(request.capture_window.0);
    core.put(Tag::CaptureWindow, window);
    let merchant = &mut groups.merchant;
    merchant.put(Tag::Payment, Value::new().payment(id));
    for (tag, url) in [
        (Tag::SuccessUrl, &request.success_url),
        (Tag::FailureUrl, &request.failure_url),
        (Tag::NotificationUrl, &request.notification_url),
    ] {
        merchant.put(tag, Value::new().text(url));
    }
    customer(merchant, &request.customer);
    let text = |text: &String| Value::new().text(text);
    merchant.put_if(Tag::SubmerchantId, request.submerchant.as_ref().map(text));
    merchant.put_if(Tag::ShopId, request.shop_id.as_ref().map(text));
    let reference = request.order_reference.as_ref();
    let reference = reference.map(|reference| Value::new().text(reference.as_str()));
    merchant.put_if(Tag::OrderReference, reference);
    let address = request.customer.address.map(address);
    groups.payer.put_if(Tag::CustomerAddress, address);
}

fn customer(merchant: &mut Fields, customer: &Customer) {
    merchant.put(Tag::CustomerId, Value::new().text(&customer.id));
    let age = customer.min_age.map(|years| Value::new().byte(years));
    merchant.put_if(Tag::CustomerMinAge, age);
    let level = customer.kyc_level.map(|level| match level {
        KycLevel::Simple => Value::new().byte(0),
        KycLevel::Full => Value::new().byte(1),
    });
    merchant.put_if(Tag::CustomerKycLevel, level);
    let country = customer.country_restriction;
    let country = country.map(|country| Value::new().bytes(&country.letters()));
    merchant.put_if(Tag::CustomerCountry, country);
}

/// What a change says, but for its effects on vouchers.
pub fn changed(groups: &mut Groups, id: &PaymentId, change: &Change) {
    let currency = Value::new().currency(id.mid.currency);
    groups.core.put(Tag::Currency, currency);
    groups.merchant.put(Tag::Payment, Value::new().payment(id));
    match change {
        Change::Open { address: from } => {
            groups.payer.put_if(Tag::OpenedFrom, from.map(address));
        }
        Change::RejectPin | Change::FailChallenge => {}
        Change::Authorize {
            holds,
            hold_until,
            mode,
            fee_minor,
        } => {
            groups.voucher.put_all(Tag::Hold, holds.iter().map(hold));
            authorized(&mut groups.core, *hold_until, *mode, *fee_minor);
        }
        Change::Release {
            by,
            hold_until,
            mode,
            fee_minor,
        } => {
            authorized(&mut groups.core, *hold_until, *mode, *fee_minor);
            decided(groups, *by);
        }
        Change::Capture {
            shares,
            fee_minor,
            finality,
        } => captured(groups, shares, *fee_minor, *finality),
        Change::Cancel { by } => canceled(groups, *by),
        Change::Expire { before } => {
            let before = before.map(|before| Value::new().byte(status(before)));
            groups.core.put_if(Tag::StatusBefore, before);
        }
        Change::ValidateRefund { id, request } => refund(groups, id, request),
        Change::Refund {
            id,
            request,
            shares,
            cause,
        } => {
            refund(groups, id, request);
            given_back(groups, shares, cause);
        }
        Change::LapseRefund { id } => groups.merchant.put(Tag::Refund, Value::new().refund(id)),
        Change::FlagDuplicate { of } => duplicate(groups, of),
        Change::Stop { cause } => stopped(&mut groups.core, *cause),
        Change::Resume { due_at } => groups.core.put(Tag::DueAt, Value::new().signed(due_at.0)),
        Change::Challenge {
            vouchers,
            not_before,
        } => challenged(groups, vouchers, *not_before),
        Change::Review { holds, until } => {
            groups.voucher.put_all(Tag::Hold, holds.iter().map(hold));
            let until = Value::new().signed(until.0);
            groups.core.put(Tag::ReviewUntil, until);
        }
        Change::Approve { by } => decided(groups, *by),
        Change::Label { label } => groups.reference.put(Tag::Label, labelled(*label)),
        Change::ErasePayer => {}
    }
}

pub fn change_number(change: &Change) -> u8 {
    match change {
        Change::Open { .. } => 0,
        Change::RejectPin => 1,
        Change::Authorize { .. } => 2,
        Change::Capture { .. } => 3,
        Change::Cancel { .. } => 4,
        Change::Expire { .. } => 5,
        Change::ValidateRefund { .. } => 6,
        Change::Refund { .. } => 7,
        Change::LapseRefund { .. } => 8,
        Change::FlagDuplicate { .. } => 9,
        Change::Stop { .. } => 10,
        Change::Resume { .. } => 11,
        Change::Challenge { .. } => 12,
        Change::FailChallenge => 13,
        Change::Review { .. } => 14,
        Change::Approve { .. } => 15,
        Change::Release { .. } => 16,
        Change::Label { .. } => 17,
        Change::ErasePayer => 18,
    }
}

/// What the payer's page saw. The record of how it was judged is shown by its digest.
pub fn attempt(payer: &mut Fields, attempt: &Attempt) {
    let behaviour = attempt.behaviour;
    payer.put(Tag::Attempt, Value::new().word(behaviour.signs.0));
    payer.put_if(Tag::AttemptAddress, attempt.address.map(address));
    payer.put_if(Tag::Whereabouts, attempt.whereabouts.map(whereabouts));
    let device = attempt.device.map(|device| Value::new().bytes(&device.0));
    payer.put_if(Tag::Device, device);
    let time = behaviour.time_on_page;
    payer.put_if(
        Tag::TimeOnPage,
        time.map(|time| Value::new().signed(time.0)),
    );
    let entry = behaviour.pin_entry.map(|entry| match entry {
        PinEntry::Typed => Value::new().byte(0),
        PinEntry::Pasted => Value::new().byte(1),
    });
    payer.put_if(Tag::PinEntry, entry);
    let word = |number| Value::new().word(number);
    payer.put_if(Tag::KeyInterval, behaviour.key_interval_ms.map(word));
    payer.put_if(Tag::KeyDeviation, behaviour.key_deviation_ms.map(word));
    let vouchers = attempt.vouchers.iter();
    let vouchers = vouchers.map(|serial| Value::new().long(serial.number()));
    payer.put_all(Tag::AttemptedVoucher, vouchers);
    payer.put_if(Tag::Judgement, attempt.judgement.as_ref().map(judged));
}

pub fn capture_mode(mode: CaptureMode) -> u8 {
    match mode {
        CaptureMode::Manual => 0,
        CaptureMode::Automatic => 1,
    }
}

fn authorized(core: &mut Fields, hold_until: Timestamp, mode: CaptureMode, fee_minor: i64) {
    core.put(Tag::Fee, Value::new().signed(fee_minor));
    core.put(Tag::HoldUntil, Value::new().signed(hold_until.0));
    core.put(Tag::CaptureMode, Value::new().byte(capture_mode(mode)));
}

fn captured(groups: &mut Groups, shares: &[i64], fee_minor: i64, finality: Finality) {
    groups.core.put(Tag::Fee, Value::new().signed(fee_minor));
    let finality = match finality {
        Finality::Open => 0,
        Finality::Final => 1,
    };
    groups.core.put(Tag::Finality, Value::new().byte(finality));
    let shares = shares.iter().map(|minor| Value::new().signed(*minor));
    groups.voucher.put_all(Tag::CaptureShare, shares);
}

/// Everybody sees whether the merchant or the customer ended the payment, which is all that the payment's state says. Why
/// stands with the reference.
fn canceled(groups: &mut Groups, by: Canceler) {
    let (number, merchant) = match by {
        Canceler::Merchant => (0, true),
        Canceler::Customer => (1, false),
        Canceler::PinLimit => (2, false),
        Canceler::DuplicateOf(of) => {
            duplicate(groups, &of);
            (3, true)
        }
        Canceler::Risk => (4, false),
        Canceler::ChallengeLimit => (5, false),
        Canceler::Reviewer => (6, false),
    };
    let canceled = Value::new().byte(u8::from(!merchant));
    groups.core.put(Tag::Canceled, canceled);
    groups
        .reference
        .put(Tag::Canceler, Value::new().byte(number));
}

fn refund(groups: &mut Groups, id: &RefundId, request: &RefundRequest) {
    let amount = Value::new().signed(request.minor);
    groups.core.put(Tag::Amount, amount);
    let text = |text: &String| Value::new().text(text);
    let email = request.customer_email.as_ref();
    groups.payer.put_if(Tag::CustomerEmail, email.map(text));
    let merchant = &mut groups.merchant;
    merchant.put(Tag::CustomerId, text(&request.customer_id));
    merchant.put_if(Tag::SubmerchantId, request.submerchant.as_ref().map(text));
    merchant.put(Tag::Refund, Value::new().refund(id));
    merchant.put_if(Tag::RefundComment, request.comment.as_ref().map(text));
}

fn given_back(groups: &mut Groups, shares: &[RefundShare], cause: &RefundCause) {
    match cause {
        RefundCause::Asked => {}
        RefundCause::DuplicateOf(of) => duplicate(groups, of),
    }
    let shares = shares.iter().map(refund_share);
    groups.voucher.put_all(Tag::RefundShare, shares);
}

fn stopped(core: &mut Fields, cause: StopCause) {
    let cause = match cause {
        StopCause::Mismatch => 0,
    };
    core.put(Tag::StopCause, Value::new().byte(cause));
}

fn challenged(groups: &mut Groups, vouchers: &[Serial], not_before: Timestamp) {
    let asked = vouchers.iter();
    let asked = asked.map(|serial| Value::new().long(serial.number()));
    groups.voucher.put_all(Tag::Challenged, asked);
    let not_before = Value::new().signed(not_before.0);
    groups.core.put(Tag::NotBefore, not_before);
}

/// Which person let a payment go, or agreed to.
fn decided(groups: &mut Groups, by: OperatorId) {
    groups
        .reference
        .put(Tag::Person, Value::new().word(by.number()));
}

fn refund_share(share: &RefundShare) -> Value {
    let value = Value::new().long(share.source.number()).signed(share.minor);
    match &share.target {
        RefundTarget::SameVoucher => value.byte(0),
        RefundTarget::FreshVoucher { serial, sealed_pin } => {
            value.byte(1).long(serial.number()).digest_of(sealed_pin)
        }
    }
}

fn duplicate(groups: &mut Groups, of: &PaymentId) {
    groups
        .merchant
        .put(Tag::DuplicateOf, Value::new().payment(of));
}

fn hold(hold: &Hold) -> Value {
    Value::new()
        .long(hold.serial.number())
        .word(hold.product.number())
        .bytes(&hold.country.letters())
        .signed(hold.minor)
}

fn status(status: Status) -> u8 {
    match status {
        Status::Initiated => 0,
        Status::Redirected => 1,
        Status::Authorized => 2,
        Status::Success => 3,
        Status::CanceledMerchant => 4,
        Status::CanceledCustomer => 5,
        Status::Expired => 6,
    }
}

fn labelled(label: Label) -> Value {
    let truth = match label.truth {
        Truth::Fraud => 0,
        Truth::Good => 1,
    };
    let source = match label.source {
        Source::Analyst => 0,
        Source::Dispute => 1,
        Source::Chargeback => 2,
        Source::Confirmation => 3,
    };
    Value::new().byte(truth).byte(source)
}

fn judged(judgement: &Judgement) -> Value {
    let verdict = match judgement.verdict {
        Verdict::Allow => 0,
        Verdict::Challenge => 1,
        Verdict::Review => 2,
        Verdict::Block => 3,
    };
    Value::new().byte(verdict).digest_of(&judgement.record)
}

/// Four bytes or sixteen.
fn address(address: IpAddr) -> Value {
    match address {
        IpAddr::V4(address) => Value::new().bytes(&address.octets()),
        IpAddr::V6(address) => Value::new().bytes(&address.octets()),
    }
}

/// The country and the coordinates, each behind a byte that says whether it is known.
fn whereabouts(whereabouts: Whereabouts) -> Value {
    let value = match whereabouts.country {
        None => Value::new().byte(0),
        Some(country) => Value::new().byte(1).bytes(&country.letters()),
    };
    match whereabouts.coordinates {
        None => value.byte(0),
        Some(place) => value
            .byte(1)
            .bytes(&place.latitude().to_be_bytes())
            .bytes(&place.longitude().to_be_bytes()),
    }
}
