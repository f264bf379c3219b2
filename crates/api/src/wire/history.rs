//! The journal entries of a payment.

use accounting::chart;
use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use ids::object::RefundId;
use ids::voucher::Serial;
use ledger::postings::Posting;
use money::amount::Amount;
use money::currency::Currency;
use payment::state::{Canceler, Change};
use serde::Serialize;
use utoipa::ToSchema;

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
    /// Why it happened, where the event alone does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
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
    reason: Option<&'static str>,
}

impl HistoryEntry {
    /// The entry in words; none if it is not about a payment.
    pub fn of(entry: &Entry) -> Option<HistoryEntry> {
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
            } => {
                let changed = effects.iter().map(|(serial, _)| *serial);
                let fresh = replacements.iter().map(|voucher| voucher.serial);
                let mut vouchers: Vec<Serial> = changed.chain(fresh).collect();
                vouchers.dedup();
                (id.mid.currency, Told::of(change), vouchers)
            }
            Fact::MerchantSaved(_)
            | Fact::DistributorSaved(_)
            | Fact::ProductSaved(_)
            | Fact::ApiKeyIssued { .. }
            | Fact::ApiKeyRevoked { .. }
            | Fact::VouchersIssued { .. }
            | Fact::VoucherChanged { .. }
            | Fact::OrderDelivered { .. }
            | Fact::OrderCancelled { .. } => return None,
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
            reason: told.reason,
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
            reason: None,
        }
    }

    fn of(change: &Change) -> Told {
        match change {
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
            Change::Cancel { by } => Told {
                reason: Some(match by {
                    Canceler::Merchant => "by the merchant",
                    Canceler::Customer => "by the payer",
                    Canceler::PinLimit => "too many wrong PINs",
                }),
                ..Told::event("payment.canceled")
            },
            Change::Expire => Told::event("payment.expired"),
            Change::ValidateRefund { id, request } => Told {
                amount_minor: Some(request.minor),
                refund: Some(*id),
                ..Told::event("payment.refund_validated")
            },
            Change::Refund { id, request, .. } => Told {
                amount_minor: Some(request.minor),
                refund: Some(*id),
                ..Told::event("payment.refunded")
            },
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
        }
    }
}
