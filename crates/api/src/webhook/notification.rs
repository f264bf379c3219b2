//! paysafecard's classic notification: an unsigned form that says that a payment is authorised.
//!
//! The receiver must ask for the payment before it believes it. The id stands in the body, as paysafecard documents
//! it, and in the query as well, because the official sample reads it only there.

use accounting::entry::Entry;
use money::amount::Amount;
use money::decimal;
use payment::payment::Payment;
use store::outbox::{Channel, NewMessage};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::webhook::event::EventKind;

#[cfg(test)]
mod tests;

/// The notification of an authorised payment, unless the shop wants none; `payment` is as the entry left it.
pub fn notification(payment: &Payment, entry: &Entry) -> Option<NewMessage> {
    let template = payment.request.notification_url.trim();
    if template.is_empty() {
        return None;
    }
    Some(NewMessage {
        recipient: payment.id.mid.merchant.into(),
        channel: Channel::Notification,
        event: EventKind::Authorized.name().to_owned(),
        url: target(template, &payment.id.to_string()),
        body: form(payment),
        entry: Some(entry.sequence()),
        created_at: entry.at(),
    })
}

/// `mtid=…&eventType=ASSIGN_CARDS&serialNumbers=…`, percent-encoded.
fn form(payment: &Payment) -> String {
    Serializer::new(String::new())
        .append_pair("mtid", &payment.id.to_string())
        .append_pair("eventType", "ASSIGN_CARDS")
        .append_pair("serialNumbers", &serial_numbers(payment))
        .finish()
}

/// `serial;currency;amount;country and type;` for each voucher.
fn serial_numbers(payment: &Payment) -> String {
    let currency = payment.request.amount.currency;
    payment
        .allocations
        .iter()
        .map(|part| {
            let amount = decimal::print(Amount::new(part.authorized, currency));
            let (serial, country, product) = (part.serial, part.country, part.product);
            format!("{serial};{currency};{amount};{country}{product};")
        })
        .collect()
}

/// The shop's URL with the payment's id in every place that is left for it, and as `mtid` in the query.
///
/// What is no URL stays as it is: the delivery refuses it and says so in the log.
fn target(template: &str, payment_id: &str) -> String {
    // A URL that was parsed and printed before has its braces percent-encoded.
    let filled = ["{payment_id}", "%7Bpayment_id%7D", "%7bpayment_id%7d"]
        .into_iter()
        .fold(template.to_owned(), |url, place| {
            url.replace(place, payment_id)
        });
    let Ok(mut url) = Url::parse(&filled) else {
        return filled;
    };
    let names_payment = url
        .query_pairs()
        .any(|(name, value)| name == "mtid" && value == payment_id);
    if !names_payment {
        url.query_pairs_mut().append_pair("mtid", payment_id);
    }
    url.to_string()
}
