//! The journal entries of a payment.

use accounting::chart;
use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use ids::object::{PaymentId, RefundId};
use ids::voucher::Serial;
use ledger::postings::Posting;
use money::amount::Amount;
use money::currency::Currency;
use payment::payment::Payment;
use payment::refund::RefundCause;
use payment::state::{Canceler, Change, StopCause};
use serde::Serialize;
use store::reversal::ReversalKind;
use utoipa::ToSchema;

use crate::wire::payment::Status;
use crate::wire::{Decimal, Milliseconds, Shown};

/// One entry of the journal, as far as it is about the payment.
#[derive(Serialize, ToSchema)]
pub struct HistoryEntry {
    /// Its place in the journal.
    #[schema(example = 42)]
    pub sequence: u64,
    pub time: Milliseconds,
    /// What happened.
    #[schema(example = "payment.captured")]
    pub event: &'static str,
    /// Who asked for it.
    pub actor: ActorWord,
    /// What was asked for, authorised, captured or refunded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// The issuer's fee on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refund_id: Option<Shown<RefundId>>,
    /// Where the payment stood when its time was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_before: Option<Status>,
    /// Why it happened, where the event alone does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The payment that had paid for the same order before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub duplicate_of: Option<Shown<PaymentId>>,
    /// Serials of the vouchers that the entry changed.
    #[schema(value_type = Vec<String>)]
    pub vouchers: Vec<Shown<Serial>>,
    /// What it moved in the books. Debits are positive; an entry's postings sum to zero.
    pub postings: Vec<PostingWord>,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Actor)]
pub enum ActorWord {
    Merchant,
    Distributor,
    Payer,
    Operator,
    Timer,
    /// One of the issuer's people.
    Person,
}

/// One leg of an entry.
#[derive(Serialize, ToSchema)]
#[schema(as = Posting)]
pub struct PostingWord {
    /// The number of the account in the chart.
    #[schema(example = 2300)]
    pub code: u16,
    #[schema(example = "payable to merchants")]
    pub account: &'static str,
    pub amount: Decimal,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
}

/// What a change means to a merchant.
struct Told {
    event: &'static str,
    amount_minor: Option<i64>,
    fee_minor: Option<i64>,
    refund: Option<RefundId>,
    status_before: Option<Status>,
    reason: Option<&'static str>,
    duplicate_of: Option<PaymentId>,
}

impl HistoryEntry {
    /// The entry in words; none if it is not about a payment, or is the issuer's own affair: what its people think of a
    /// payment is not for the shop. `payment` is as it is now, which tells how it ended.
    pub fn of(entry: &Entry, payment: &Payment) -> Option<HistoryEntry> {
        let (currency, told, vouchers) = match entry.fact() {
            Fact::PaymentCreated { request, .. } => (
                request.amount.currency,
                Told {
                    amount_minor: Some(request.amount.minor),
                    ..Told::event("payment.created")
                },
                Vec::new(),
            ),
            Fact::PaymentChanged {
                id,
                change,
                effects,
                replacements,
                attempt: _,
            } => {
                let changed = effects.iter().map(|(serial, _)| *serial);
                let fresh = replacements.iter().map(|voucher| voucher.serial);
                let mut vouchers: Vec<Serial> = changed.chain(fresh).collect();
                vouchers.dedup();
                let mut told = Told::of(change, payment)?;
                if is_lapsed_review(entry) {
                    told.reason = Some("nobody decided about it in review");
                }
                (id.mid.currency, told, vouchers)
            }
            Fact::MerchantSaved(_)
            | Fact::DistributorSaved(_)
            | Fact::ProductSaved(_)
            | Fact::ApiKeyIssued { .. }
            | Fact::ApiKeyRevoked { .. }
            | Fact::DocumentSaved { .. }
            | Fact::VouchersIssued { .. }
            | Fact::VoucherChanged { .. }
            | Fact::OrderDelivered { .. }
            | Fact::OrderCancelled { .. }
            | Fact::OrderConfirmed { .. } => return None,
        };
        let decimal = |minor| Decimal(Amount::new(minor, currency));
        let postings = entry.postings().legs().iter();
        Some(HistoryEntry {
            sequence: entry.sequence().0,
            time: entry.at().into(),
            event: told.event,
            actor: entry.actor().into(),
            amount: told.amount_minor.map(decimal),
            fee: told.fee_minor.filter(|fee| *fee != 0).map(decimal),
            refund_id: told.refund.map(Shown),
            status_before: told.status_before,
            reason: told.reason,
            duplicate_of: told.duplicate_of.map(Shown),
            vouchers: vouchers.into_iter().map(Shown).collect(),
            postings: postings.map(PostingWord::of).collect(),
        })
    }
}

impl Told {
    fn event(event: &'static str) -> Told {
        Told {
            event,
            amount_minor: None,
            fee_minor: None,
            refund: None,
            status_before: None,
            reason: None,
            duplicate_of: None,
        }
    }

    /// None of what people think of a payment.
    fn of(change: &Change, payment: &Payment) -> Option<Told> {
        Some(match change {
            Change::Open { .. } => Told::event("payment.redirected"),
            Change::RejectPin => Told::event("payment.pin_rejected"),
            Change::Authorize {
                holds, fee_minor, ..
            } => Told {
                amount_minor: Some(holds.iter().map(|hold| hold.minor).sum()),
                fee_minor: Some(*fee_minor),
                ..Told::event("payment.authorized")
            },
            Change::Capture {
                shares, fee_minor, ..
            } => Told {
                amount_minor: Some(shares.iter().sum()),
                fee_minor: Some(*fee_minor),
                ..Told::event("payment.captured")
            },
            Change::Cancel { by } => Told::cancel(*by, payment),
            Change::Expire { before } => Told::expire(*before, payment),
            Change::ValidateRefund { id, request } => Told {
                amount_minor: Some(request.minor),
                refund: Some(*id),
                ..Told::event("payment.refund_validated")
            },
            Change::Refund {
                id, request, cause, ..
            } => Told {
                amount_minor: Some(request.minor),
                refund: Some(*id),
                ..Told::refund(cause)
            },
            Change::LapseRefund { id } => Told {
                refund: Some(*id),
                reason: Some("not carried out in time"),
                ..Told::event("payment.refund_lapsed")
            },
            Change::FlagDuplicate { of } => Told {
                reason: Some(PAID_BEFORE),
                duplicate_of: Some(*of),
                ..Told::event("payment.duplicate_found")
            },
            Change::Stop { cause } => Told {
                reason: Some(match cause {
                    StopCause::Mismatch => "its record is not what its entries say",
                }),
                ..Told::event("payment.stopped")
            },
            Change::Resume { .. } => Told::event("payment.resumed"),
            Change::ErasePayer => Told::event("payment.payer_erased"),
            Change::Challenge { .. } => Told::event("payment.challenged"),
            Change::FailChallenge => Told::event("payment.challenge_failed"),
            Change::Review { holds, .. } => Told {
                amount_minor: Some(holds.iter().map(|hold| hold.minor).sum()),
                ..Told::event("payment.in_review")
            },
            Change::Release { fee_minor, .. } => Told {
                amount_minor: Some(payment.allocations.iter().map(|part| part.authorized).sum()),
                fee_minor: Some(*fee_minor),
                reason: Some("let go after review"),
                ..Told::event("payment.authorized")
            },
            Change::Approve { .. } | Change::Label { .. } => return None,
        })
    }

    fn expire(before: Option<payment::state::Status>, payment: &Payment) -> Told {
        // What is captured in part can only have been AUTHORIZED.
        let before = before.or(payment.status_before_expiration);
        let before = before.unwrap_or(payment::state::Status::Authorized);
        Told {
            status_before: Some(before.into()),
            ..Told::event(end(payment.status))
        }
    }

    fn cancel(by: Canceler, payment: &Payment) -> Told {
        let told = Told::event(end(payment.status));
        let (reason, duplicate_of) = match by {
            Canceler::Merchant => ("by the merchant", None),
            Canceler::Customer => ("by the payer", None),
            Canceler::PinLimit => ("too many wrong PINs", None),
            Canceler::DuplicateOf(of) => (PAID_BEFORE, Some(of)),
            Canceler::Risk => ("too risky", None),
            Canceler::ChallengeLimit => (
                "too many wrong answers to the question for the serial number",
                None,
            ),
            Canceler::Reviewer => ("refused after review", None),
        };
        Told {
            reason: Some(reason),
            duplicate_of,
            ..told
        }
    }

    fn refund(cause: &RefundCause) -> Told {
        let told = Told::event("payment.refunded");
        match cause {
            RefundCause::Asked => told,
            RefundCause::DuplicateOf(of) => Told {
                reason: Some(PAID_BEFORE),
                duplicate_of: Some(**of),
                ..told
            },
        }
    }
}

fn is_lapsed_review(entry: &Entry) -> bool {
    let reversal = store::reversal::of(entry);
    reversal.is_some_and(|reversal| reversal.kind == ReversalKind::ReviewLapsed)
}

const PAID_BEFORE: &str = "another payment had paid for the same order";

/// The event of an end, as in webhooks: a payment of which something was captured succeeds, whoever ends it.
fn end(status: payment::state::Status) -> &'static str {
    use payment::state::Status;
    match status {
        Status::CanceledMerchant | Status::CanceledCustomer => "payment.canceled",
        Status::Expired => "payment.expired",
        Status::Initiated | Status::Redirected | Status::Authorized | Status::Success => {
            "payment.released"
        }
    }
}

impl PostingWord {
    fn of(posting: &Posting) -> PostingWord {
        let account = posting.account;
        let name = chart::CHART.iter().find(|(code, _)| *code == account.code);
        PostingWord {
            code: account.code.0,
            account: name.map_or("", |(_, name)| name),
            amount: Decimal(Amount::new(posting.minor, account.currency)),
            currency: Shown(account.currency),
        }
    }
}

impl From<Actor> for ActorWord {
    fn from(actor: Actor) -> ActorWord {
        match actor {
            Actor::Merchant(_) => ActorWord::Merchant,
            Actor::Distributor(_) => ActorWord::Distributor,
            Actor::Payer => ActorWord::Payer,
            Actor::Operator => ActorWord::Operator,
            Actor::Timer => ActorWord::Timer,
            Actor::Person(_) => ActorWord::Person,
        }
    }
}
