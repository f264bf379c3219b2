//! What a letter says.

use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use serde::{Deserialize, Serialize};
use web::amount_text::amount_text;
use web::language::Language;
use web::texts::Texts;
use web::time_text::Moment;

use crate::texts::texts;

/// Why a letter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An address was left with the voucher.
    Confirm,
    Frozen,
    Released,
    /// A payment goes on after one more proof.
    Challenged,
    /// A payment waits for a person.
    InReview,
    /// A payment was blocked, or refused by a person.
    Refused,
    /// A payment went through, and a rule asked that its owner be told.
    Paid,
}

impl Kind {
    pub const ALL: [Kind; 7] = [
        Kind::Confirm,
        Kind::Frozen,
        Kind::Released,
        Kind::Challenged,
        Kind::InReview,
        Kind::Refused,
        Kind::Paid,
    ];

    /// The name under which the outbox keeps it.
    pub fn event(self) -> &'static str {
        match self {
            Kind::Confirm => "owner.confirm",
            Kind::Frozen => "owner.frozen",
            Kind::Released => "owner.released",
            Kind::Challenged => "owner.challenged",
            Kind::InReview => "owner.in_review",
            Kind::Refused => "owner.refused",
            Kind::Paid => "owner.paid",
        }
    }
}

/// A letter as the outbox keeps it: without address, language or links, which are found when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub kind: Kind,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// When the address was given that it is for: another one that was given since gets none of it.
    pub given_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentWords>,
}

/// What a letter says of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentWords {
    pub minor: i64,
    pub currency: String,
    pub shop: String,
}

/// Links of a letter.
#[derive(Clone, Debug)]
pub struct Links {
    pub confirm: String,
    pub take_away: String,
}

/// A letter in the language of its reader, as plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub body: String,
}

impl PaymentWords {
    pub fn new(amount: Amount, shop: &str) -> PaymentWords {
        PaymentWords {
            minor: amount.minor,
            currency: amount.currency.code().to_owned(),
            shop: shop.to_owned(),
        }
    }

    fn line(&self, texts: &Texts) -> Option<String> {
        let currency: Currency = self.currency.parse().ok()?;
        let amount = amount_text(Amount::new(self.minor, currency), texts.language());
        let values = [("amount", amount.as_str()), ("shop", self.shop.as_str())];
        Some(texts.with_all("letter-payment", &values))
    }
}

impl Letter {
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a letter has nothing that JSON has not")
    }

    /// The letter in a message of the outbox; none if another version wrote it.
    pub fn from_json(body: &str) -> Option<Letter> {
        serde_json::from_str(body).ok()
    }

    /// The text for the owner of this voucher.
    pub fn written(&self, serial: Serial, language: Language, links: &Links) -> Written {
        let texts = texts(language);
        let digits = serial.last_four();
        let (subject, what, then) = keys(self.kind);
        let mut parts = vec![texts.with(what, "digits", &digits)];
        let moment = Moment::day_and_clock(Timestamp(self.at), language);
        if self.kind == Kind::Confirm {
            parts.push(links.confirm.clone());
        } else {
            let payment = self.payment.as_ref().and_then(|it| it.line(&texts));
            let when = texts.with("letter-time", "time", moment.human);
            parts.push(
                payment
                    .into_iter()
                    .chain([when])
                    .collect::<Vec<_>>()
                    .join("\n"),
            );
        }
        parts.push(texts.text(then));
        parts.push(texts.text("letter-secret"));
        parts.push(format!(
            "{}\n{}",
            texts.text(if self.kind == Kind::Confirm {
                "letter-never"
            } else {
                "letter-no-more"
            }),
            links.take_away
        ));
        Written {
            subject: texts.with(subject, "digits", digits),
            body: format!("{}\n", parts.join("\n\n")),
        }
    }
}

/// The texts of a kind: the subject, what happened, and what its reader may do.
fn keys(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Confirm => (
            "letter-confirm-subject",
            "letter-confirm",
            "letter-confirm-then",
        ),
        Kind::Frozen => (
            "letter-frozen-subject",
            "letter-frozen",
            "letter-frozen-then",
        ),
        Kind::Released => (
            "letter-released-subject",
            "letter-released",
            "letter-released-then",
        ),
        Kind::Challenged => (
            "letter-challenged-subject",
            "letter-challenged",
            "letter-payment-then",
        ),
        Kind::InReview => (
            "letter-in-review-subject",
            "letter-in-review",
            "letter-payment-then",
        ),
        Kind::Refused => (
            "letter-refused-subject",
            "letter-refused",
            "letter-payment-then",
        ),
        Kind::Paid => ("letter-paid-subject", "letter-paid", "letter-payment-then"),
    }
}

#[cfg(test)]
mod tests;
