//! Payments that wait for a person, what people say of payments, and why attempts were judged as they were.

use axum::extract::State;
use engine::service::person::Scope;
use ids::object::PaymentId;
use payment::label::{Label, Source, Truth};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Answer, Result};
use crate::call::At;
use crate::operator::PersonCall;
use crate::problem::{Subject, of, unknown_payment};
use crate::state::ApiState;
use crate::wire::List;
use crate::wire::review::{Explanation, Reviewed, ReviewedPayment};

/// Reviews in one answer at most.
const REVIEWS_MAX: usize = 200;

/// The payment that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PaymentPath {
    /// The payment's id.
    #[param(example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub id: String,
}

/// What a person decides.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewDecision {
    #[schema(inline)]
    pub verdict: ReviewVerdict,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReviewVerdict {
    /// The payment goes on; above a set amount a second person has to say so too.
    Release,
    /// The payment ends, and its value goes back.
    Refuse,
}

/// What a payment turned out to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLabel {
    #[schema(inline)]
    pub truth: TruthWord,
    #[schema(inline)]
    pub source: SourceWord,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TruthWord {
    Fraud,
    Good,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceWord {
    Analyst,
    Dispute,
    Chargeback,
    Confirmation,
}

/// List the payments that wait for a person
///
/// Those whose time ends first in front, at most 200. Needs the scope `reviews`.
#[utoipa::path(
    get,
    path = "/v1/operator/reviews",
    tag = "Operators",
    responses((status = 200, description = "What waits", body = List<Reviewed>)),
)]
pub async fn list_reviews(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.require(Scope::Reviews)?;
    let items = api.analysts.reviews(REVIEWS_MAX).await;
    let items = items.map_err(|error| of(error, Subject::Account))?;
    let schema = api.analysts.risk().schema();
    let shown = items.iter().map(|item| Reviewed::of(item, schema));
    Ok(Answer::ok(&List::whole(shown.collect())))
}

/// Decide about a payment that waits
///
/// Needs the scope `reviews`. Repeating a decision that stands is refused and changes nothing.
#[utoipa::path(
    post,
    path = "/v1/operator/reviews/{id}",
    tag = "Operators",
    params(PaymentPath),
    request_body = ReviewDecision,
    responses((status = 200, description = "The payment as it stands now", body = ReviewedPayment)),
)]
pub async fn decide_review(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Reviews)?;
    let id = payment_id(&path)?;
    let decision: ReviewDecision = call.read()?;
    let decided = match decision.verdict {
        ReviewVerdict::Release => api.analysts.approve(&call.party, id).await,
        ReviewVerdict::Refuse => api.analysts.refuse(&call.party, id).await,
    };
    let payment = decided.map_err(|error| of(error, subject(id)))?;
    Ok(Answer::ok(&ReviewedPayment::of(&payment)))
}

/// Say what a payment turned out to be
///
/// Profiles learn it at once, models with their next training. Needs the scope `reviews`.
#[utoipa::path(
    post,
    path = "/v1/operator/payments/{id}/label",
    tag = "Operators",
    params(PaymentPath),
    request_body = NewLabel,
    responses((status = 200, description = "The payment as it stands now", body = ReviewedPayment)),
)]
pub async fn label_payment(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Reviews)?;
    let id = payment_id(&path)?;
    let label: NewLabel = call.read()?;
    let labelled = api.analysts.label(&call.party, id, label.into()).await;
    let payment = labelled.map_err(|error| of(error, subject(id)))?;
    Ok(Answer::ok(&ReviewedPayment::of(&payment)))
}

/// Read how attempts at a payment were judged
///
/// Each with score, reasons, rules, model and the facts that it was judged by. Any operator's key may ask.
#[utoipa::path(
    get,
    path = "/v1/operator/payments/{id}/risk",
    tag = "Operators",
    params(PaymentPath),
    responses((status = 200, description = "Every judged attempt, oldest first", body = List<Explanation>)),
)]
pub async fn explain_payment(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: PersonCall,
) -> Result<Answer> {
    let _ = call;
    let id = payment_id(&path)?;
    let failed = |error| of(error, subject(id));
    let payment = api.analysts.payment(id).await.map_err(failed)?;
    let payment = payment.ok_or_else(|| unknown_payment(subject(id)))?;
    let explained = api.analysts.explain(&payment).await.map_err(failed)?;
    let schema = api.analysts.risk().schema();
    let shown = explained.iter().map(|it| Explanation::of(it, schema));
    Ok(Answer::ok(&List::whole(shown.collect())))
}

pub(super) fn payment_id(path: &PaymentPath) -> Result<PaymentId> {
    let id = path.id.parse();
    id.map_err(|_| unknown_payment(Subject::Account))
}

pub(super) fn subject(id: PaymentId) -> Subject {
    Subject::Payment(id.mid.currency)
}

impl From<NewLabel> for Label {
    fn from(label: NewLabel) -> Label {
        Label {
            truth: match label.truth {
                TruthWord::Fraud => Truth::Fraud,
                TruthWord::Good => Truth::Good,
            },
            source: match label.source {
                SourceWord::Analyst => Source::Analyst,
                SourceWord::Dispute => Source::Dispute,
                SourceWord::Chargeback => Source::Chargeback,
                SourceWord::Confirmation => Source::Confirmation,
            },
        }
    }
}
