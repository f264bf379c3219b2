//! How a payment ended, and the way back to the shop.

use askama::Template;
use ids::time::Timestamp;
use money::amount::Amount;
use web::amount_text::amount_text;
use web::frame::Frame;
use web::language::Language;
use web::texts::Texts;
use web::time_text::Moment;

use super::notes::Notes;
use super::{Emblem, Shop, VoucherShare};
use crate::texts::texts;

pub struct ResultView {
    /// The local address of this page.
    pub page: String,
    /// The local address of the payment's receipts, where there are any.
    pub receipts: Option<String>,
    pub outcome: Outcome,
    /// Absent when its address is none that a browser should follow.
    pub shop: Option<Shop>,
}

pub enum Outcome {
    /// The payer has just paid, or looks at the page again.
    Paid(Paid),
    Cancelled,
    Expired,
    /// The payment is over and was not paid by what this page knows of, such as a refunded one.
    Closed,
    TooManyTries,
    /// The platform did not let the payment through.
    TooRisky(Blocked),
    /// Too many wrong answers to a challenge.
    Unproven,
    /// A person at the issuer refused it.
    Refused,
    InReview(Reviewed),
}

/// A payment that the platform stopped.
pub struct Blocked {
    pub frozen: Option<FrozenVouchers>,
    pub notes: Notes,
}

/// A person at the issuer decides.
pub struct Reviewed {
    /// When the decision falls at the latest.
    pub until: Timestamp,
    pub notes: Notes,
}

/// Vouchers that were frozen with a payment that was stopped.
pub struct FrozenVouchers {
    pub count: u64,
    /// What the owner tells the issuer.
    pub reference: String,
}

pub struct Paid {
    pub amount: Amount,
    /// Empty for whoever did not enter them, such as the shop, which has the address of this page too.
    pub vouchers: Vec<VoucherShare>,
}

pub fn render(view: &ResultView, language: Language) -> String {
    let texts = texts(language);
    let title = texts.text(match view.outcome {
        Outcome::Paid(_) => "result-paid-title",
        Outcome::Cancelled => "result-cancelled-title",
        Outcome::Expired => "result-expired-title",
        Outcome::Closed => "result-closed-title",
        Outcome::TooManyTries => "result-tries-title",
        Outcome::TooRisky(_) => "result-risky-title",
        Outcome::Unproven => "result-unproven-title",
        Outcome::Refused => "result-refused-title",
        Outcome::InReview(_) => "result-review-title",
    });
    let frame = Frame::new(title, language, view.page.clone());
    super::rendered(&ResultPage { frame, texts, view })
}

#[derive(Template)]
#[template(path = "result.html")]
struct ResultPage<'a> {
    frame: Frame,
    texts: Texts,
    view: &'a ResultView,
}

impl ResultPage<'_> {
    fn amount(&self, amount: &Amount) -> String {
        amount_text(*amount, self.frame.language)
    }

    /// Only after a payment or a cancelling that the person asked for: who has to read something first is not sent on.
    fn continues_by_itself(&self) -> bool {
        let asked_for = match self.view.outcome {
            Outcome::Paid(_) | Outcome::Cancelled => true,
            Outcome::Expired
            | Outcome::Closed
            | Outcome::TooManyTries
            | Outcome::TooRisky(_)
            | Outcome::Unproven
            | Outcome::Refused
            | Outcome::InReview(_) => false,
        };
        asked_for && self.view.shop.is_some()
    }

    fn tone(&self) -> &'static str {
        match self.view.outcome {
            Outcome::Paid(_) | Outcome::Closed => "good",
            Outcome::Cancelled | Outcome::Expired | Outcome::InReview(_) => "neutral",
            Outcome::TooManyTries | Outcome::TooRisky(_) | Outcome::Unproven | Outcome::Refused => {
                "bad"
            }
        }
    }

    fn emblem(&self) -> Emblem {
        match self.view.outcome {
            Outcome::Paid(_) | Outcome::Closed => Emblem::Check,
            Outcome::Cancelled => Emblem::Cross,
            Outcome::Expired | Outcome::InReview(_) => Emblem::Clock,
            Outcome::TooManyTries | Outcome::TooRisky(_) | Outcome::Unproven | Outcome::Refused => {
                Emblem::Lock
            }
        }
    }

    fn frozen(&self) -> Option<&FrozenVouchers> {
        match &self.view.outcome {
            Outcome::TooRisky(blocked) => blocked.frozen.as_ref(),
            Outcome::Paid(_)
            | Outcome::Cancelled
            | Outcome::Expired
            | Outcome::Closed
            | Outcome::TooManyTries
            | Outcome::Unproven
            | Outcome::Refused
            | Outcome::InReview(_) => None,
        }
    }

    fn about(&self, frozen: &FrozenVouchers, key: &str) -> String {
        self.texts.count(key, "count", frozen.count)
    }

    fn notes(&self) -> Option<&Notes> {
        match &self.view.outcome {
            Outcome::TooRisky(blocked) => Some(&blocked.notes),
            Outcome::InReview(review) => Some(&review.notes),
            Outcome::Paid(_)
            | Outcome::Cancelled
            | Outcome::Expired
            | Outcome::Closed
            | Outcome::TooManyTries
            | Outcome::Unproven
            | Outcome::Refused => None,
        }
    }

    fn explanation(&self) -> String {
        match &self.view.outcome {
            Outcome::Paid(paid) => {
                let shop = self.view.shop.as_ref().map_or("", |shop| &shop.name);
                let amount = self.amount(&paid.amount);
                self.texts
                    .with_all("result-paid-text", &[("amount", &amount), ("shop", shop)])
            }
            Outcome::Cancelled => self.texts.text("result-cancelled-text"),
            Outcome::Expired => self.texts.text("result-expired-text"),
            Outcome::Closed => self.texts.text("result-closed-text"),
            Outcome::TooManyTries => self.texts.text("result-tries-text"),
            Outcome::TooRisky(_) => self.texts.text("result-risky-text"),
            Outcome::Unproven => self.texts.text("result-unproven-text"),
            Outcome::Refused => self.texts.text("result-refused-text"),
            Outcome::InReview(review) => {
                let until = Moment::clock(review.until).human;
                self.texts.with("result-review-text", "time", until)
            }
        }
    }
}
