//! What holders of a voucher do outside of a payment: look at it, and stop it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use engine::service::payer::history::{HistoryEvent, HistoryItem};
use engine::service::payer::{self, PayerError, VoucherView};
use http::StatusCode;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use serde::Deserialize;
use voucher::voucher::Voucher;
use web::client_address::ClientAddress;
use web::language::Language;
use web::time_text::noon_of;

use super::CheckoutState;
use super::counted;
use super::failure::Failure;
use super::letters;
use super::typed_pin::TypedPin;
use crate::pages::balance::{self, BalanceView, CountedView, HistoryLine, VoucherEvent};
use crate::pages::freeze::{self, FreezeProblem, FreezeView, FrozenView, PurchaseDetails};
use crate::pages::letters::LettersView;
use crate::pages::pin_problem::PinProblem;

#[derive(Deserialize)]
pub struct PinForm {
    #[serde(default)]
    pin: TypedPin,
}

#[derive(Deserialize)]
pub struct PurchaseForm {
    #[serde(default)]
    serial: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    amount: String,
}

pub async fn balance_form(language: Language) -> Html<String> {
    Html(balance::render_form(None, language))
}

/// Shows the voucher behind a PIN; every PIN that shows none gets one and the same answer.
pub async fn balance(
    State(state): State<Arc<CheckoutState>>,
    language: Language,
    address: ClientAddress,
    Form(form): Form<PinForm>,
) -> Result<Response, Failure> {
    let again = |problem| unprocessable(balance::render_form(Some(problem), language));
    let pin = match form.pin.parse() {
        Ok(pin) => pin,
        Err(problem) => return Ok(again(problem)),
    };
    match state.payers.voucher(&pin, known(address)).await {
        Ok(shown) => {
            let letters = letters::offered(&state, shown.voucher.serial).await?;
            let counted = counted::offered(&state, &shown.voucher);
            let view = balance_view(shown, letters, counted);
            Ok(Html(balance::render(&view, language)).into_response())
        }
        Err(PayerError::PinNotAccepted) => Ok(again(PinProblem::Refused)),
        Err(error) => Err(Failure::from(error).or_back_to("/balance".to_owned())),
    }
}

pub async fn freeze_form(language: Language) -> Html<String> {
    Html(freeze::render_form(&FreezeView::default(), language))
}

pub async fn to_freeze_form() -> Redirect {
    Redirect::to("/freeze")
}

/// Stops the voucher behind a PIN.
pub async fn freeze_by_pin(
    State(state): State<Arc<CheckoutState>>,
    language: Language,
    address: ClientAddress,
    Form(form): Form<PinForm>,
) -> Result<Response, Failure> {
    let again = |problem| {
        let view = FreezeView {
            problem: Some(FreezeProblem::Pin(problem)),
            ..FreezeView::default()
        };
        unprocessable(freeze::render_form(&view, language))
    };
    let pin = match form.pin.parse() {
        Ok(pin) => pin,
        Err(problem) => return Ok(again(problem)),
    };
    match state.payers.freeze_by_pin(&pin, known(address)).await {
        Ok(voucher) => Ok(frozen(&voucher, language)),
        Err(PayerError::PinNotAccepted) => Ok(again(PinProblem::Refused)),
        Err(error) => Err(Failure::from(error).or_back_to("/freeze".to_owned())),
    }
}

/// Stops a voucher for whoever has the receipt.
pub async fn freeze_by_purchase(
    State(state): State<Arc<CheckoutState>>,
    language: Language,
    address: ClientAddress,
    Form(form): Form<PurchaseForm>,
) -> Result<Response, Failure> {
    let outcome = match purchase_details(&form) {
        Ok(details) => {
            let frozen = state.payers.freeze_by_purchase(&details, known(address));
            frozen.await
        }
        Err(problem) => return Ok(purchase_again(form, problem, language)),
    };
    match outcome {
        Ok(voucher) => Ok(frozen(&voucher, language)),
        Err(PayerError::PinNotAccepted) => {
            Ok(purchase_again(form, FreezeProblem::NoMatch, language))
        }
        Err(error) => Err(Failure::from(error).or_back_to("/freeze".to_owned())),
    }
}

/// The address that tries count against. All whose address is unknown share one budget, so that no way in is unguarded.
pub fn known(ClientAddress(address): ClientAddress) -> IpAddr {
    address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

fn unprocessable(page: String) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()
}

fn purchase_again(form: PurchaseForm, problem: FreezeProblem, language: Language) -> Response {
    let view = FreezeView {
        purchase: PurchaseDetails {
            serial: form.serial,
            date: form.date,
            amount: form.amount,
        },
        problem: Some(problem),
    };
    unprocessable(freeze::render_form(&view, language))
}

fn purchase_details(form: &PurchaseForm) -> Result<payer::PurchaseDetails, FreezeProblem> {
    let serial = serial(&form.serial)?;
    let bought_at = noon_of(&form.date).ok_or(FreezeProblem::DateMissing)?;
    let face = face(&form.amount).ok_or(FreezeProblem::AmountMissing)?;
    Ok(payer::PurchaseDetails {
        serial,
        face,
        bought_at,
    })
}

fn serial(typed: &str) -> Result<Serial, FreezeProblem> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0 => Err(FreezeProblem::SerialMissing),
        16 => digits.parse().map_err(|_| FreezeProblem::NoMatch),
        digits => Err(FreezeProblem::SerialLength { digits }),
    }
}

/// A decimal number from what a person typed: with a comma or a point, perhaps with the currency's sign.
fn face(typed: &str) -> Option<String> {
    let number: String = typed
        .chars()
        .filter(|character| character.is_ascii_digit() || matches!(character, '.' | ','))
        .map(|character| if character == ',' { '.' } else { character })
        .collect();
    let is_number = number.split('.').count() <= 2
        && number.split('.').all(|part| !part.is_empty())
        && typed.len() <= 40;
    is_number.then_some(number)
}

fn frozen(voucher: &Voucher, language: Language) -> Response {
    let view = FrozenView {
        serial_last_four: voucher.serial.last_four(),
        value: Amount::new(voucher.remaining, voucher.currency),
        reference: voucher.version.0.to_string(),
        support_address: None,
    };
    Html(freeze::render_frozen(&view, language)).into_response()
}

fn balance_view(
    shown: VoucherView,
    letters: Option<LettersView>,
    counted: Option<CountedView>,
) -> BalanceView {
    let VoucherView { voucher, history } = shown;
    let amount = |minor| Amount::new(minor, voucher.currency);
    BalanceView {
        serial_last_four: voucher.serial.last_four(),
        balance: amount(voucher.remaining),
        face_value: amount(voucher.face),
        reserved: amount(voucher.held),
        valid_until: Some(voucher.expires_at).filter(|end| *end < Timestamp::NEVER),
        history: history
            .into_iter()
            .rev()
            .map(|item| history_line(item, voucher.currency))
            .collect(),
        letters,
        counted,
    }
}

fn history_line(item: HistoryItem, currency: Currency) -> HistoryLine {
    let shop = item.merchant.unwrap_or_default();
    HistoryLine {
        time: item.at,
        event: match item.event {
            HistoryEvent::Bought => VoucherEvent::Activated,
            HistoryEvent::Reserved => VoucherEvent::Reserved { shop },
            HistoryEvent::Released => VoucherEvent::Released { shop },
            HistoryEvent::Paid => VoucherEvent::Paid { shop },
            HistoryEvent::PaidFromReservation => VoucherEvent::PaidFromReservation { shop },
            HistoryEvent::Refunded => VoucherEvent::Refunded { shop },
            HistoryEvent::Fee => VoucherEvent::Fee,
            HistoryEvent::Frozen => VoucherEvent::Frozen,
            HistoryEvent::Unfrozen => VoucherEvent::Unfrozen,
        },
        change: Amount::new(item.change_minor, currency),
        left: Amount::new(item.balance_minor, currency),
    }
}

#[cfg(test)]
mod tests;
