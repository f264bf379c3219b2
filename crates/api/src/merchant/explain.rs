//! Refusals of captures, cancellations and refunds, with how the payment stands.
//!
//! A shop that sent no key and lost an answer sends its request again and is refused. What it is told then has to be
//! as good as the answer that it lost.

use engine::error::{CommandError, Refusal};
use engine::history;
use ids::object::PaymentId;
use money::amount::Amount;
use payment::payment::Payment;
use payment::refund::RefundStatus;
use payment::state::{Change, Status};
use web::problem::Extension;

use crate::call::repeat::Repeat;
use crate::problem::{Refused, Subject};
use crate::state::ApiState;
use crate::wire::problem::PaymentStanding;

/// What the refused request asked for, minor units.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    Capture { wanted_minor: Option<i64> },
    Cancel,
    Refund { minor: i64 },
}

/// The refusal; where the payment's state is the reason, with that state and with what brought it about.
pub async fn explain(
    api: &ApiState,
    id: PaymentId,
    error: CommandError,
    repeat: Repeat,
    asked: Asked,
) -> Refused {
    let currency = id.mid.currency;
    let subject = match asked {
        Asked::Capture { .. } | Asked::Cancel => Subject::Payment(currency),
        Asked::Refund { .. } => Subject::Refund(currency),
    };
    let is_about_state = matches!(error, CommandError::Refused(Refusal::Payment(_)));
    let refused = repeat.refused(error, subject);
    if !is_about_state {
        return refused;
    }
    // The refusal stands whether or not more can be said of it.
    let Ok(Some(payment)) = api.merchants.payment(id.mid.merchant, id).await else {
        return refused;
    };
    let refused = match done_before(api, &payment, asked).await {
        Some(done) => refused.detailed(&done),
        None => refused,
    };
    refused.with(Extension {
        name: "payment",
        value: serde_json::to_string(&PaymentStanding::of(&payment))
            .expect("wire types have text keys and write to memory"),
    })
}

/// The same thing that was carried out before, in words.
async fn done_before(api: &ApiState, payment: &Payment, asked: Asked) -> Option<String> {
    match asked {
        Asked::Capture { wanted_minor } => same_capture(api, payment, wanted_minor).await,
        Asked::Cancel => None,
        Asked::Refund { minor } => same_refund(payment, minor),
    }
}

async fn same_capture(
    api: &ApiState,
    payment: &Payment,
    wanted_minor: Option<i64>,
) -> Option<String> {
    let entries = api.merchants.history(payment).await.ok()?;
    let (entry, minor) = entries.iter().rev().find_map(|entry| {
        let Change::Capture { shares, .. } = history::change_of(entry)? else {
            return None;
        };
        Some((entry, shares.iter().sum()))
    })?;
    let took_everything = payment.status == Status::Success && payment.lapsed_minor == 0;
    if wanted_minor.map_or(took_everything, |wanted| wanted == minor) {
        let amount = Amount::new(minor, payment.id.mid.currency);
        let (at, sequence) = (entry.at().0, entry.sequence().0);
        Some(format!(
            "A capture like this one, of {amount}, was carried out as entry {sequence} (time {at}); this request changed nothing."
        ))
    } else {
        None
    }
}

fn same_refund(payment: &Payment, minor: i64) -> Option<String> {
    let same =
        payment.refunds.iter().rev().find(|refund| {
            refund.status == RefundStatus::Success && refund.request.minor == minor
        })?;
    let amount = Amount::new(minor, payment.id.mid.currency);
    let (id, at) = (same.id, same.updated_at.0);
    Some(format!(
        "A refund like this one, {id} of {amount}, was carried out (time {at}); this request changed nothing."
    ))
}
