//! What the profiles are a fold of: attempts to pay and what became known of them later.
//!
//! Events come in the order of the journal. An event that speaks of an attempt carries it whole, so that profiles remember
//! no attempts; whoever makes the event finds the attempt in the journal.

use ids::time::Timestamp;
use ids::voucher::Country;
use money::currency::Currency;

use crate::behaviour::Behaviour;
use crate::entity::EntityKey;
use crate::place::Place;

/// Vouchers that one attempt may name; more are not judged.
pub const VOUCHERS_MAX: usize = 10;

/// Free attributes that a foreign stream may bring.
pub const ATTRIBUTES_MAX: usize = 16;

/// Free categorical attributes that a foreign stream may bring.
pub const CATEGORIES_MAX: usize = 4;

/// Somebody tries to pay, with a right or a wrong PIN. Everything but the time may be unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// When it was made; no event that became known later may enter its facts.
    pub at: Timestamp,
    /// What is to be paid, in minor units of the currency.
    pub amount_minor: Option<i64>,
    pub currency: Option<Currency>,
    /// From which amount on more is asked of the payer (identification, a second person), in minor units.
    pub limit_minor: Option<i64>,
    pub payment: Option<EntityKey>,
    pub merchant: Option<EntityKey>,
    /// Where the shop is.
    pub merchant_country: Option<Country>,
    /// The payer's account at the issuer, or the payer of a foreign stream.
    pub account: Option<EntityKey>,
    /// The payer as this shop knows them.
    pub customer: Option<EntityKey>,
    pub address: Option<EntityKey>,
    pub network: Option<EntityKey>,
    /// Where the address is, if known.
    pub address_country: Option<Country>,
    pub device: Option<EntityKey>,
    /// Where who pays is: where the address is, or where a foreign stream says that the goods go.
    pub place: Option<Place>,
    /// Where the shop is.
    pub merchant_place: Option<Place>,
    /// Where a payer of a foreign stream lives, as the bill says.
    pub home: Option<Place>,
    /// What pays; empty when the PIN was wrong. Those after the first [`VOUCHERS_MAX`] are not looked at.
    pub vouchers: Vec<VoucherFacts>,
    pub behaviour: Behaviour,
    /// Numbers of a foreign stream that have no other place; NaN if unknown. Those after the first [`ATTRIBUTES_MAX`]
    /// are not looked at.
    pub attributes: Vec<f32>,
    /// Words of a foreign stream that have no other place, each with its attribute as an entity. Those after the first
    /// [`CATEGORIES_MAX`] are not looked at.
    pub categories: Vec<EntityKey>,
}

impl Attempt {
    /// The best known name of who pays: the account, else the shop's customer, else the device.
    pub fn payer(&self) -> Option<EntityKey> {
        self.account.or(self.customer).or(self.device)
    }
}

/// What is known about a voucher when it is to pay, before this attempt changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoucherFacts {
    pub voucher: EntityKey,
    pub sold_at: Option<Timestamp>,
    /// Minor units of the voucher's own currency.
    pub face_minor: Option<i64>,
    /// What it could spend, in minor units of its own currency.
    pub remaining_minor: Option<i64>,
    pub terminal: Option<EntityKey>,
    pub distributor: Option<EntityKey>,
    /// The country in which it was sold.
    pub country: Option<Country>,
    /// Nothing was spent from it before.
    pub is_first_use: Option<bool>,
}

/// What an attempt came to at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No usable voucher has this PIN.
    WrongPin,
    /// The vouchers hold too little; nothing was reserved.
    TooLittle,
    /// The vouchers are held for the payment.
    Authorised,
    /// The payer was asked for one more proof.
    Challenged,
    /// A person will decide.
    Reviewed,
    /// Refused by a risk decision.
    Blocked,
    /// Turned away before the PIN was looked at, by the guard against guessing.
    Guarded,
}

/// How a challenge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeAnswer {
    Passed,
    /// One wrong answer; several may follow.
    Failed,
}

/// What an attempt turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fraud,
    Good,
}

/// A label whose place another one takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    pub verdict: Verdict,
    /// When it became known.
    pub at: Timestamp,
}

/// One thing that profiles learn from.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// After the attempt was judged and its outcome is in the journal. Its facts are taken before.
    Attempt { attempt: Attempt, outcome: Outcome },
    /// The payer answered a challenge, or did not in time.
    Challenge {
        attempt: Attempt,
        answer: ChallengeAnswer,
        at: Timestamp,
    },
    /// It became known what an attempt was: a verdict of an analyst, a dispute, a chargeback of the voucher's purchase,
    /// or time enough without any.
    Label {
        attempt: Attempt,
        verdict: Verdict,
        at: Timestamp,
        /// What was said of the attempt before, and counts no more.
        instead_of: Option<Earlier>,
    },
    /// A voucher was sold at a till.
    Sale {
        voucher: VoucherFacts,
        at: Timestamp,
    },
    /// A merchant took what was held.
    Capture {
        merchant: EntityKey,
        amount_minor: i64,
        at: Timestamp,
    },
    /// A merchant gave back.
    Refund {
        merchant: EntityKey,
        amount_minor: i64,
        at: Timestamp,
    },
    /// A payer disputes a payment at this merchant. If it proves the attempt a fraud, a label follows.
    Dispute { merchant: EntityKey, at: Timestamp },
}

impl Event {
    /// When it became known.
    pub fn at(&self) -> Timestamp {
        match self {
            Event::Attempt { attempt, .. } => attempt.at,
            Event::Challenge { at, .. }
            | Event::Label { at, .. }
            | Event::Sale { at, .. }
            | Event::Capture { at, .. }
            | Event::Refund { at, .. }
            | Event::Dispute { at, .. } => *at,
        }
    }
}

/// Words for rules and lists about one attempt; profiles and models do not see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// As in `192.0.2.7` or `2001:db8::7`.
    pub address: Option<String>,
    /// As in `192.0.2.0/24` or `2001:db8::/48`.
    pub network: Option<String>,
    pub device: Option<String>,
    pub merchant: Option<String>,
    pub customer: Option<String>,
    pub account: Option<String>,
    /// Of the first voucher.
    pub terminal: Option<String>,
    pub distributor: Option<String>,
}
