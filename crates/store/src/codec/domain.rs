//! The binary form of each domain type. Fields and numbers are only ever added, fields under a new format.

use accounting::document::{Document, DocumentName};
use accounting::entry::{Actor, Idempotency};
use accounting::fact::{Fact, Party};
use ids::command::{ApiKeyDigest, Fingerprint, IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId, RefundId};
use ids::party::{DistributorId, MerchantId, Mid, OperatorId};
use ids::time::{Span, Timestamp};
use ids::token::Token;
use ids::voucher::{BatchId, Country, PinIndex, ProductId, Serial};
use ledger::account::{AccountCode, AccountId};
use ledger::postings::Posting;
use money::amount::Amount;
use money::currency::Currency;
use payment::attempt::{
    Attempt, Behaviour, Coordinates, Device, Judgement, PinEntry, Signs, Verdict, Whereabouts,
};
use payment::duplicate::{Duplicate, DuplicateResponse, DuplicateTerms, Remedy};
use payment::label::{Label, Source, Truth};
use payment::merchant::{Merchant, NotificationMode, Submerchant, Webhook};
use payment::order_reference::OrderReference;
use payment::payment::{Allocation, Authorization, Customer, KycLevel, Payment, PaymentRequest};
use payment::refund::{
    Refund, RefundCause, RefundRequest, RefundShare, RefundStatus, RefundTarget,
};
use payment::screening::{Challenge, Review};
use payment::state::{Canceler, CaptureMode, Finality, Hold, Status, StopCause};
use voucher::distributor::{Distributor, Terminal, TerminalKey, TerminalSale};
use voucher::order::{CancelCause, Confirmation, Order, OrderStatus};
use voucher::product::{MaintenanceFee, Product, ProductKey, Validity};
use voucher::state::{FreezeCause, Sale, State};
use voucher::voucher::{Activation, NewVoucher, Voucher};

use crate::codec::wire::{choices, record, word};
use crate::row::{ApiKey, ApiKeyStatus, Command};

word! {
    Currency: u16 = |word| word.numeric(), |form| Currency::from_numeric(form).ok();
    Timestamp: i64 = |word| word.0, |form| Some(Timestamp(form));
    Span: i64 = |word| word.0, |form| Some(Span(form));
    Sequence: u64 = |word| word.0, |form| Some(Sequence(form));
    IdempotencyKey: [u8; 16] = |word| word.0, |form| Some(IdempotencyKey(form));
    Fingerprint: [u8; 16] = |word| word.0, |form| Some(Fingerprint(form));
    ApiKeyDigest: [u8; 32] = |word| word.0, |form| Some(ApiKeyDigest(form));
    MerchantId: u32 = |word| word.number(), |form| MerchantId::new(form).ok();
    OperatorId: u32 = |word| word.number(), |form| OperatorId::new(form).ok();
    Device: [u8; 16] = |word| word.0, |form| Some(Device(form));
    Coordinates: u32 = |word| packed(*word), |form| unpacked(form);
    Signs: u32 = |word| word.0, |form| Some(Signs(form));
    DistributorId: u64 = |word| word.number(), |form| DistributorId::new(form).ok();
    OrderReference: String = |word| word.as_str().to_owned(), |form| form.parse().ok();
    Token: String = |word| word.as_str().to_owned(), |form| form.parse().ok();
    Serial: u64 = |word| word.number(), |form| Serial::new(form).ok();
    PinIndex: [u8; 16] = |word| word.0, |form| Some(PinIndex(form));
    ProductId: u32 = |word| word.number(), |form| ProductId::new(form).ok();
    BatchId: u64 = |word| word.0, |form| Some(BatchId(form));
    Country: [u8; 2] = |word| word.letters(), |form| std::str::from_utf8(&form).ok()?.parse().ok();
    AccountCode: u16 = |word| word.0, |form| Some(AccountCode(form));
}

/// Both halves in 16 bits each, counted from the south pole and the line of the date.
fn packed(place: Coordinates) -> u32 {
    let latitude = place.latitude().abs_diff(-9_000);
    let longitude = place.longitude().abs_diff(-18_000);
    u32::from(latitude) << 16 | u32::from(longitude)
}

fn unpacked(form: u32) -> Option<Coordinates> {
    let latitude = -9_000 + i32::try_from(form >> 16).ok()?;
    let longitude = -18_000 + i32::try_from(form & 0xffff).ok()?;
    Coordinates::new(latitude.try_into().ok()?, longitude.try_into().ok()?)
}

record! {
    Amount { minor, currency }
    Mid { merchant, currency }
    PaymentId { mid, token }
    RefundId { mid, token }
    OrderId { distributor, token }
    AccountId { code, owner, currency }
    Posting { account, minor }
    Idempotency { key, fingerprint }
    Hold { serial, product, country, minor }
    Customer { id, address, min_age, kyc_level, country_restriction }
    PaymentRequest {
        amount, success_url, failure_url, notification_url, customer, submerchant, shop_id, capture_window, capture;
        2 => order_reference
    }
    Document { name, content, version }
    Allocation { serial, product, country, authorized, held, captured, refunded }
    Payment {
        id, request, status, created_at, updated_at, due_at, customer_address, allocations, fee_minor, refunds,
        rejected_pins, status_before_expiration, lapsed_minor, entries, version;
        2 => authorized, duplicate, stopped;
        4 => challenge, review, label;
        8 => erased
    }
    Authorization { at, entry }
    Challenge { vouchers, not_before, failed }
    Review { until, approved_by }
    Label { truth, source }
    Attempt { address, device, behaviour, vouchers, judgement; 7 => whereabouts }
    Whereabouts { country, coordinates }
    Behaviour { time_on_page, pin_entry, key_interval_ms, key_deviation_ms, signs }
    Judgement { verdict, record }
    Duplicate { of, remedy }
    DuplicateTerms { response, window }
    RefundRequest { minor, customer_id, customer_email, submerchant, comment }
    RefundShare { source, minor, target }
    Refund { id, request, created_at, updated_at, status, shares }
    Merchant {
        id, name, standing, currencies, capture_window, capture, fee_basis_points, submerchants, webhook, notification, version;
        2 => duplicates
    }
    Submerchant { id, standing }
    Webhook { url, sealed_secret }
    Distributor { id, name, standing, cancel_window, terminal_limits; 2 => confirmation_window }
    TerminalKey { distributor, terminal }
    TerminalSale { order, at, minor }
    Terminal { key, sales, version }
    ProductKey { product, country, currency }
    MaintenanceFee { after, every, minor }
    Product { key, denominations, validity, maintenance_fee }
    NewVoucher { serial, pin, distributor, product, country, face, activation }
    Voucher {
        serial, pin, distributor, product, country, currency, state, face, remaining, held, spent, fees,
        activated_at, expires_at, fee_due_at, version
    }
    Order {
        id, serial, amount, product, country, terminal, shop, sealed_pin, created_at, status, version;
        2 => confirmation
    }
    ApiKey { digest, owner, status }
    Command { key, fingerprint, entry }
}

choices! {
    Actor { 0 => Merchant(id), 1 => Distributor(id), 2 => Payer, 3 => Operator, 4 => Timer, 5 => Person(id) }
    Party { 0 => Merchant(id), 1 => Distributor(id), 2 => Operator(id) }
    DocumentName { 0 => Operator(id), 1 => RiskSettings, 2 => RiskRules(hash), 3 => RiskModel(hash), 4 => VoucherContact(serial), 5 => OwnerAddress(digest), 6 => Liabilities }
    Fact {
        0 => MerchantSaved(merchant),
        1 => DistributorSaved(distributor),
        2 => ProductSaved(product),
        3 => ApiKeyIssued { digest, owner },
        4 => ApiKeyRevoked { digest },
        5 => VouchersIssued { batch, vouchers },
        6 => VoucherChanged { serial, currency, distributor, change },
        7 => OrderDelivered { order, voucher },
        8 => OrderCancelled { order, serial, amount; 2 => cause },
        9 => PaymentCreated { id, request, due_at },
        10 => PaymentChanged { id, change, effects, replacements; 4 => attempt },
        11 => OrderConfirmed { order },
        12 => DocumentSaved { name, content },
    }
    voucher::state::Change {
        0 => Activate { minor, expires_at, fee_due_at },
        1 => Hold { minor },
        2 => Release { minor },
        3 => Capture { minor },
        4 => Refund { minor },
        5 => Freeze { cause },
        6 => Unfreeze,
        7 => ChargeFee { minor, fee_due_at },
        8 => Expire { minor },
        9 => Void { minor, sale },
    }
    payment::state::Change {
        0 => Open { address },
        1 => RejectPin,
        2 => Authorize { holds, hold_until, mode, fee_minor },
        3 => Capture { shares, fee_minor, finality },
        4 => Cancel { by },
        5 => Expire { ; 2 => before },
        6 => ValidateRefund { id, request },
        7 => Refund { id, request, shares; 2 => cause },
        8 => LapseRefund { id },
        9 => FlagDuplicate { of },
        10 => Stop { cause },
        11 => Resume { due_at },
        12 => Challenge { vouchers, not_before },
        13 => FailChallenge,
        14 => Review { holds, until },
        15 => Approve { by },
        16 => Release { by, hold_until, mode, fee_minor },
        17 => Label { label },
        18 => ErasePayer,
    }
    Status {
        0 => Initiated, 1 => Redirected, 2 => Authorized, 3 => Success,
        4 => CanceledMerchant, 5 => CanceledCustomer, 6 => Expired,
    }
    CaptureMode { 0 => Manual, 1 => Automatic }
    Finality { 0 => Open, 1 => Final }
    Canceler {
        0 => Merchant, 1 => Customer, 2 => PinLimit, 3 => DuplicateOf(id), 4 => Risk, 5 => ChallengeLimit, 6 => Reviewer,
    }
    PinEntry { 0 => Typed, 1 => Pasted }
    Verdict { 0 => Allow, 1 => Challenge, 2 => Review, 3 => Block }
    Truth { 0 => Fraud, 1 => Good }
    Source { 0 => Analyst, 1 => Dispute, 2 => Chargeback, 3 => Confirmation }
    StopCause { 0 => Mismatch }
    DuplicateResponse { 0 => Off, 1 => Flag, 2 => Return }
    Remedy { 0 => Flagged, 1 => Returned }
    KycLevel { 0 => Simple, 1 => Full }
    RefundStatus { 0 => ValidationSuccessful, 1 => Success, 2 => Lapsed }
    RefundCause { 0 => Asked, 1 => DuplicateOf(id) }
    RefundTarget { 0 => SameVoucher, 1 => FreshVoucher { serial, sealed_pin } }
    NotificationMode { 0 => Classic, 1 => Off }
    payment::merchant::Standing { 0 => Active, 1 => Suspended }
    voucher::distributor::Standing { 0 => Active, 1 => Suspended }
    Activation { 0 => Pending, 1 => Immediate { expires_at, fee_due_at } }
    Validity { 0 => Unlimited, 1 => For(span) }
    State { 0 => Issued, 1 => Activated, 2 => PartlySpent, 3 => Spent, 4 => Frozen(cause), 5 => Expired, 6 => Voided }
    FreezeCause { 0 => Owner, 1 => Issuer, 2 => Mismatch, 3 => Risk }
    Sale { 0 => NotSold, 1 => Sold }
    OrderStatus { 0 => Delivered, 1 => Cancelled }
    Confirmation { 0 => NotNeeded, 1 => Awaited { until }, 2 => Confirmed { at } }
    CancelCause { 0 => Asked, 1 => NotConfirmed }
    ApiKeyStatus { 0 => Active, 1 => Revoked }
}
