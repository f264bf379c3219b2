//! Reviews and judged attempts, as the issuer's people see them.

use std::collections::BTreeMap;

use engine::service::analyst::{Explained, ReviewItem};
use ids::object::PaymentId;
use ids::party::OperatorId;
use money::amount::Amount;
use money::currency::Currency;
use payment::payment::Payment;
use payment::screening::Approvals;
use risk::decision::explain::{self, Reason};
use risk::decision::values::Schema;
use risk::fact::{Facts, Kind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::payment::Status;
use crate::wire::{Decimal, Milliseconds, Shown};

/// A payment that waits for a person.
#[derive(Serialize, ToSchema)]
#[schema(as = Review)]
pub struct Reviewed {
    /// Always `REVIEW`.
    #[schema(example = "REVIEW")]
    pub object: &'static str,
    pub payment: ReviewedPayment,
    /// Since when it waits.
    pub since: Milliseconds,
    /// When its value goes back if nobody decides.
    pub until: Milliseconds,
    /// How many people must let it go.
    #[schema(example = 1)]
    pub approvals_needed: u8,
    /// Why it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Explanation>,
}

/// What a person sees of a payment.
#[derive(Serialize, ToSchema)]
pub struct ReviewedPayment {
    #[schema(value_type = String)]
    pub id: Shown<PaymentId>,
    pub status: Status,
    pub amount: Decimal,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    pub customer_id: String,
    /// Whether it waits for a person.
    pub in_review: bool,
    /// The first of two people who let it go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub approved_by: Option<Shown<OperatorId>>,
    /// What it turned out to be, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "fraud")]
    pub label: Option<&'static str>,
}

/// How one attempt was judged.
#[derive(Serialize, ToSchema)]
pub struct Explanation {
    /// The entry of the journal that holds the record.
    #[schema(example = 42)]
    pub sequence: u64,
    pub time: Milliseconds,
    /// `allow`, `challenge`, `review` or `block`.
    #[schema(example = "challenge")]
    pub verdict: &'static str,
    /// The model's probability of fraud in hundredths of a percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<u16>,
    /// SHA-256 of the model that gave the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Why there is no score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_score: Option<&'static str>,
    pub rules_version: u64,
    /// SHA-256 of the rule set.
    pub rules: String,
    /// Most important first.
    pub reasons: Vec<ReasonWord>,
    /// Every fact that was known, by its name.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub facts: BTreeMap<String, serde_json::Value>,
}

/// One reason.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskReason)]
pub struct ReasonWord {
    #[schema(example = "rule:guessing-address")]
    pub code: String,
    pub words: String,
    /// Thousandths of log-odds by which a fact moved the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contribution: Option<i32>,
}

impl Reviewed {
    pub fn of(item: &ReviewItem, schema: &Schema) -> Reviewed {
        Reviewed {
            object: "REVIEW",
            payment: ReviewedPayment::of(&item.payment),
            since: item.since.into(),
            until: item.payment.due_at.into(),
            approvals_needed: match item.needed {
                Approvals::One => 1,
                Approvals::Two => 2,
            },
            judged: item.judged.as_ref().map(|it| Explanation::of(it, schema)),
        }
    }
}

impl ReviewedPayment {
    pub fn of(payment: &Payment) -> ReviewedPayment {
        let amount = payment.request.amount;
        ReviewedPayment {
            id: Shown(payment.id),
            status: payment.status.into(),
            amount: Decimal(Amount::new(amount.minor, amount.currency)),
            currency: Shown(amount.currency),
            customer_id: payment.request.customer.id.clone(),
            in_review: payment.review.is_some(),
            approved_by: payment.review.and_then(|it| it.approved_by).map(Shown),
            label: payment.label.map(|label| match label.truth {
                payment::label::Truth::Fraud => "fraud",
                payment::label::Truth::Good => "good",
            }),
        }
    }
}

impl Explanation {
    pub fn of(explained: &Explained, schema: &Schema) -> Explanation {
        let record = &explained.record;
        let none = risk::rule_set::RuleSet::empty();
        let rules = explained.rules.as_deref().unwrap_or(&none);
        let reasons = explain::reasons(record, schema, rules);
        Explanation {
            sequence: explained.entry.0,
            time: explained.at.into(),
            verdict: record.decision.verdict.word(),
            score: record.score().map(|score| score.basis_points()),
            model: record.answer.ok().map(|answer| answer.model.to_string()),
            no_score: record.absence().map(|absence| absence.word()),
            rules_version: record.rule_set_version,
            rules: hex::encode(record.rule_set_hash),
            reasons: reasons.into_iter().map(ReasonWord::from).collect(),
            facts: facts(&record.facts, schema),
        }
    }
}

/// The known facts under their names; a flag as true or false.
fn facts(values: &impl Facts, schema: &Schema) -> BTreeMap<String, serde_json::Value> {
    let types = schema.catalogue().types().iter().enumerate();
    let known = types.filter_map(|(index, fact)| {
        let value = match fact.kind {
            Kind::Number => Some(values.number(index))
                .filter(|number| number.is_finite())
                .map(|number| serde_json::json!(number)),
            Kind::Flag => Some(values.number(index))
                .filter(|number| number.is_finite())
                .map(|number| serde_json::json!(number != 0.0)),
            Kind::Text => values.text(index).map(|text| serde_json::json!(text)),
        };
        Some((fact.name.clone(), value?))
    });
    known.collect()
}

impl From<Reason> for ReasonWord {
    fn from(reason: Reason) -> ReasonWord {
        ReasonWord {
            code: reason.code,
            words: reason.words,
            contribution: reason.contribution_milli,
        }
    }
}
