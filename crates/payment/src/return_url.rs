//! Addresses of the shop with the payment's id filled in.

use ids::object::PaymentId;

/// What stands for the id. A URL that was parsed and printed before has its braces percent-encoded.
const PLACES: [&str; 3] = ["{payment_id}", "%7Bpayment_id%7D", "%7bpayment_id%7d"];

/// The shop's URL with the id in every place that is left for it.
pub fn with_payment_id(template: &str, id: PaymentId) -> String {
    let id = id.to_string();
    PLACES
        .into_iter()
        .fold(template.to_owned(), |url, place| url.replace(place, &id))
}

#[cfg(test)]
mod tests;
