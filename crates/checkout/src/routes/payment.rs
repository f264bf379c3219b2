//! The checkout of one payment: from the shop's link to the way back.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use engine::error::CommandError;
use engine::service::payer::told::Told;
use engine::service::payer::{BasketItem, Checkout, Offered, PayOutcome, PayerError, Unsuitable};
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderMap, Method};
use payment::state::Status;
use risk::decision::explain::PayerWords;
use serde::Deserialize;
use web::client_address::ClientAddress;
use web::language::Language;

use form::PaymentForm;

use super::basket::Basket;
use super::failure::Failure;
use super::link::{PaymentLink, Place};
use super::voucher::known;
use super::{CheckoutState, problem_code};
use super::{behaviour, device};
use crate::pages::checkout::CheckoutProblem;
use crate::pages::pin_problem::PinProblem;
use crate::pages::{checkout, result};

mod form;
mod view;

/// What the addresses of a payment's pages carry.
#[derive(Deserialize)]
pub struct PaymentQuery {
    pub(super) key: Option<String>,
    /// The sealed basket.
    #[serde(default)]
    pub(super) vouchers: String,
    #[serde(default)]
    problem: String,
    pub(super) lang: Option<String>,
}

/// Where a person pays. The first look at it moves the payment on.
pub async fn show(
    State(state): State<Arc<CheckoutState>>,
    parts: Parts,
    Path(id): Path<String>,
    Query(query): Query<PaymentQuery>,
    language: Language,
    ClientAddress(address): ClientAddress,
) -> Result<Response, Failure> {
    let link = state.link(&id, query.key, query.lang.as_deref())?;
    let found = state.checkout(&link).await?;
    // HEAD asks about the page and shows it to nobody; RFC 9110, section 9.2.1, calls it safe.
    let opened = if parts.method == Method::HEAD {
        found
    } else {
        state.payers.open(found, address).await?
    };
    if !opened.payment.is_payable_at(opened.now) {
        return Ok(to(&link, Place::Result, &[]).into_response());
    }
    let entered = Basket::open(&state.vault, link.id, query.vouchers);
    let (items, missing) = state
        .payers
        .basket(&opened.payment, &entered.serials)
        .await?;
    let problem = if items.len() < entered.serials.len() {
        Some(CheckoutProblem::BalanceChanged)
    } else {
        problem_code::read(&query.problem)
    };
    let sealed = state.seal(&link, &items).sealed;
    let words = match &opened.payment.challenge {
        Some(_) => state.payers.told(&opened.payment).await?.words,
        None => PayerWords::default(),
    };
    let entered = view::Entered {
        items: &items,
        missing,
        sealed,
    };
    let view = view::of_checkout(&link, &opened, entered, problem, words);
    let mut response = Html(checkout::render(&view, language)).into_response();
    if device::of(&parts.headers, state.transport()).is_none() {
        let cookie = device::cookie(state.transport());
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Offers the typed PIN with the vouchers entered before.
pub async fn pay(
    State(state): State<Arc<CheckoutState>>,
    Path(id): Path<String>,
    Query(query): Query<PaymentQuery>,
    address: ClientAddress,
    headers: HeaderMap,
    Form(form): Form<PaymentForm>,
) -> Result<Redirect, Failure> {
    let answers = form.answers();
    let is_answered = form.is_answered();
    let noticed = behaviour::read(&form.behaviour);
    let link = state.link(&id, query.key.or(form.key), query.lang.as_deref())?;
    let Basket { serials, sealed } = Basket::open(&state.vault, link.id, form.vouchers);
    let device = device::of(&headers, state.transport());
    let pin = match form.pin.unwrap_or_default().parse() {
        Ok(pin) => Some(pin),
        Err(PinProblem::Missing) if !serials.is_empty() => None,
        Err(problem) => return Ok(back_with(&link, &sealed, CheckoutProblem::Pin(problem))),
    };
    let offered = serials.len() + usize::from(pin.is_some());
    let outcome = state
        .payers
        .pay(Offered {
            payment: link.id,
            basket: serials,
            pin: pin.as_ref(),
            answers,
            address: known(address),
            device,
            behaviour: device::with_signs(noticed, &headers, device),
        })
        .await
        .map_err(|error| {
            let page = link.address(Place::Page, &[("vouchers", &sealed)]);
            Failure::from(error).or_back_to(page)
        })?;
    let offer = Offer {
        sealed: &sealed,
        vouchers: offered,
        has_pin: pin.is_some(),
        is_answered,
    };
    Ok(after(&state, &link, &offer, outcome))
}

/// What somebody sent with the form.
struct Offer<'a> {
    /// The basket before it.
    sealed: &'a str,
    /// How many vouchers, the PIN's included.
    vouchers: usize,
    has_pin: bool,
    is_answered: bool,
}

/// Where the payer goes next.
fn after(
    state: &CheckoutState,
    link: &PaymentLink,
    offer: &Offer<'_>,
    outcome: PayOutcome,
) -> Redirect {
    match outcome {
        PayOutcome::Paid(paid) => {
            let serials = paid.allocations.iter().map(|part| part.serial).collect();
            let paid = Basket::seal(&state.vault, link.id, serials);
            to(link, Place::Result, &[("vouchers", &paid.sealed)])
        }
        PayOutcome::MoreNeeded { basket, .. } => {
            let left = state.seal(link, &basket).sealed;
            if basket.len() < offer.vouchers {
                back_with(link, &left, CheckoutProblem::BalanceChanged)
            } else if !offer.has_pin {
                back_with(link, &left, CheckoutProblem::NotCovered)
            } else {
                to(link, Place::Page, &[("vouchers", &left)])
            }
        }
        PayOutcome::Unsuitable(reason) => back_with(link, offer.sealed, unsuitable(reason)),
        PayOutcome::PinRejected { .. } => back_with(
            link,
            offer.sealed,
            CheckoutProblem::Pin(PinProblem::Refused),
        ),
        PayOutcome::Challenged { vouchers, .. } => {
            let asked = Basket::seal(&state.vault, link.id, vouchers).sealed;
            // An answer that came too early, or cannot be a serial number, is told and costs no try.
            if offer.is_answered {
                back_with(link, &asked, CheckoutProblem::WrongAnswer)
            } else {
                to(link, Place::Page, &[("vouchers", &asked)])
            }
        }
        PayOutcome::Unproven { vouchers, .. } => {
            let asked = Basket::seal(&state.vault, link.id, vouchers).sealed;
            back_with(link, &asked, CheckoutProblem::WrongAnswer)
        }
        PayOutcome::Canceled { .. } | PayOutcome::InReview(_) | PayOutcome::Closed => {
            to(link, Place::Result, &[])
        }
    }
}

/// Takes a voucher out of the basket.
pub async fn remove(
    State(state): State<Arc<CheckoutState>>,
    Path(id): Path<String>,
    Query(query): Query<PaymentQuery>,
    Form(form): Form<PaymentForm>,
) -> Result<Redirect, Failure> {
    let link = state.link(&id, query.key.or(form.key), query.lang.as_deref())?;
    let mut serials = Basket::open(&state.vault, link.id, form.vouchers).serials;
    if let Some(place) = form.remove.filter(|place| *place < serials.len()) {
        serials.remove(place);
    }
    let rest = Basket::seal(&state.vault, link.id, serials);
    Ok(to(&link, Place::Page, &[("vouchers", &rest.sealed)]))
}

/// Ends the payment. One that cannot be cancelled any more shows what became of it.
pub async fn cancel(
    State(state): State<Arc<CheckoutState>>,
    Path(id): Path<String>,
    Query(query): Query<PaymentQuery>,
    Form(form): Form<PaymentForm>,
) -> Result<Redirect, Failure> {
    let link = state.link(&id, query.key.or(form.key), query.lang.as_deref())?;
    match state.payers.cancel(link.id).await {
        Ok(_) => {}
        Err(PayerError::Command(CommandError::Refused(_))) => {}
        Err(error) => {
            return Err(Failure::from(error).or_back_to(link.address(Place::Page, &[])));
        }
    }
    Ok(to(&link, Place::Result, &[]))
}

/// How the payment ended.
pub async fn result(
    State(state): State<Arc<CheckoutState>>,
    Path(id): Path<String>,
    Query(query): Query<PaymentQuery>,
    language: Language,
) -> Result<Response, Failure> {
    let link = state.link(&id, query.key, query.lang.as_deref())?;
    let ended = state.checkout(&link).await?;
    if ended.payment.is_payable_at(ended.now) {
        return Ok(to(&link, Place::Page, &[]).into_response());
    }
    let payment = &ended.payment;
    // Every other end speaks for itself, and the journal is not asked.
    let told = match payment.review.is_some() || payment.status == Status::CanceledCustomer {
        true => state.payers.told(payment).await?,
        false => Told::default(),
    };
    let entered = Basket::open(&state.vault, link.id, query.vouchers);
    let vouchers = [("vouchers", entered.sealed.as_str())];
    let addresses = view::ResultAddresses {
        page: link.address(Place::Result, &vouchers),
        receipts: state
            .payers
            .receipts()
            .map(|_| link.address(Place::Receipts, &vouchers)),
    };
    let view = view::of_result(addresses, &ended, &entered.serials, told);
    Ok(Html(result::render(&view, language)).into_response())
}

/// Whoever comes to the address of a form without one, such as from the history, gets the page.
pub async fn back_to_page(
    State(state): State<Arc<CheckoutState>>,
    Path(id): Path<String>,
    Query(query): Query<PaymentQuery>,
) -> Result<Redirect, Failure> {
    let link = state.link(&id, query.key, query.lang.as_deref())?;
    Ok(to(&link, Place::Page, &[]))
}

impl CheckoutState {
    pub(super) fn link(
        &self,
        id: &str,
        key: Option<String>,
        language: Option<&str>,
    ) -> Result<PaymentLink, Failure> {
        PaymentLink::open(&self.vault, id, key, language)
    }

    pub(super) async fn checkout(&self, link: &PaymentLink) -> Result<Checkout, Failure> {
        let found = self.payers.checkout(link.id).await?;
        found.ok_or_else(Failure::not_found)
    }

    fn seal(&self, link: &PaymentLink, items: &[BasketItem]) -> Basket {
        let serials = items.iter().map(|item| item.serial).collect();
        Basket::seal(&self.vault, link.id, serials)
    }
}

fn unsuitable(reason: Unsuitable) -> CheckoutProblem {
    match reason {
        Unsuitable::OtherCurrency { found } => CheckoutProblem::OtherCurrency { voucher: found },
        Unsuitable::OtherCountry { expected } => CheckoutProblem::OtherCountry { expected },
        Unsuitable::AccountRequired => CheckoutProblem::AccountRequired,
        Unsuitable::AlreadyInBasket => CheckoutProblem::AlreadyEntered,
        Unsuitable::BasketFull => CheckoutProblem::TooManyVouchers,
        Unsuitable::Stopped => CheckoutProblem::Stopped,
    }
}

fn back_with(link: &PaymentLink, sealed: &str, problem: CheckoutProblem) -> Redirect {
    let code = problem_code::write(problem);
    to(
        link,
        Place::Page,
        &[("vouchers", sealed), ("problem", &code)],
    )
}

fn to(link: &PaymentLink, place: Place, parameters: &[(&str, &str)]) -> Redirect {
    Redirect::to(&link.address(place, parameters))
}
