//! The owner's address: given, confirmed and taken away.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use engine::service::contact::link::Right;
use engine::service::contact::{
    Contact, ContactError, EmailAddress, LanguageTag, Letters, Standing,
};
use http::StatusCode;
use ids::voucher::Serial;
use serde::Deserialize;
use web::language::Language;

use super::CheckoutState;
use super::failure::Failure;
use crate::pages::letters::{
    self, AddressProblem, AddressView, LettersEnd, LettersView, Offer, Question,
};

#[derive(Deserialize)]
pub struct AddressForm {
    #[serde(default)]
    page: String,
    #[serde(default)]
    email: String,
}

/// What a link of a letter carries, and the form of its page.
#[derive(Deserialize)]
pub struct LinkForm {
    #[serde(default)]
    link: String,
}

/// What the page of a voucher offers; nothing where no letters are sent and no address is there to be taken away.
pub async fn offered(
    state: &CheckoutState,
    serial: Serial,
) -> Result<Option<LettersView>, Failure> {
    let (contact, page) = state.payers.contact(serial).await?;
    let offer = match state.letters {
        Letters::Sent => Offer::Give,
        Letters::NotSent if contact.is_none() => return Ok(None),
        Letters::NotSent => Offer::TakeAwayOnly,
    };
    Ok(Some(LettersView {
        page,
        address: address(contact.as_ref()),
        offer,
    }))
}

/// Whoever comes without a form begins with the PIN.
pub async fn to_balance() -> Redirect {
    Redirect::to("/balance")
}

/// Keeps an address; what it is sent first is its confirmation link.
pub async fn give(
    State(state): State<Arc<CheckoutState>>,
    language: Language,
    Form(form): Form<AddressForm>,
) -> Result<Response, Failure> {
    if state.letters == Letters::NotSent {
        return Err(Failure::not_found());
    }
    let tag = LanguageTag::new(language.tag()).ok_or_else(Failure::unreadable)?;
    let outcome = match EmailAddress::parse(&form.email) {
        Ok(address) => state.payers.give_contact(&form.page, &address, tag).await,
        Err(_) => {
            return again(&state, form.page, AddressProblem::NoAddress, language).await;
        }
    };
    match outcome {
        Err(ContactError::TooSoon { from }) => {
            again(&state, form.page, AddressProblem::TooSoon(from), language).await
        }
        Err(ContactError::AddressRests) => {
            again(&state, form.page, AddressProblem::Rests, language).await
        }
        outcome => finished(outcome, LettersEnd::Asked, language),
    }
}

pub async fn remove(
    State(state): State<Arc<CheckoutState>>,
    language: Language,
    Form(form): Form<AddressForm>,
) -> Result<Response, Failure> {
    let outcome = state.payers.take_contact_away(&form.page).await;
    finished(outcome, LettersEnd::TakenAway, language)
}

pub async fn ask_to_confirm(
    State(state): State<Arc<CheckoutState>>,
    Query(query): Query<LinkForm>,
    language: Language,
) -> Response {
    ask(
        &state,
        Right::Confirm,
        Question::Confirm,
        &query.link,
        language,
    )
}

pub async fn ask_to_stop(
    State(state): State<Arc<CheckoutState>>,
    Query(query): Query<LinkForm>,
    language: Language,
) -> Response {
    ask(
        &state,
        Right::TakeAway,
        Question::Stop,
        &query.link,
        language,
    )
}

pub async fn confirm(
    State(state): State<Arc<CheckoutState>>,
    language: Language,
    Form(form): Form<LinkForm>,
) -> Result<Response, Failure> {
    let outcome = state.payers.confirm_contact(&form.link).await;
    finished(outcome, LettersEnd::Confirmed, language)
}

pub async fn stop(
    State(state): State<Arc<CheckoutState>>,
    language: Language,
    Form(form): Form<LinkForm>,
) -> Result<Response, Failure> {
    let outcome = state.payers.refuse_letters(&form.link).await;
    finished(outcome, LettersEnd::TakenAway, language)
}

fn ask(
    state: &CheckoutState,
    right: Right,
    question: Question,
    link: &str,
    language: Language,
) -> Response {
    match state.payers.voucher_of_link(right, link) {
        Some(serial) => {
            let digits = serial.last_four();
            Html(letters::render_question(question, link, &digits, language)).into_response()
        }
        None => ended(LettersEnd::Stale, language),
    }
}

/// The form once more, with what is wrong.
async fn again(
    state: &CheckoutState,
    page: String,
    problem: AddressProblem,
    language: Language,
) -> Result<Response, Failure> {
    let Some(serial) = state.payers.voucher_of_link(Right::Manage, &page) else {
        return Ok(ended(LettersEnd::Stale, language));
    };
    let (contact, _) = state.payers.contact(serial).await?;
    let view = LettersView {
        page,
        address: address(contact.as_ref()),
        offer: Offer::Give,
    };
    let body = letters::render_form(&view, problem, language);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(body)).into_response())
}

/// The page of this end if all went well, or that of a link which is of no use.
fn finished(
    outcome: Result<(), ContactError>,
    end: LettersEnd,
    language: Language,
) -> Result<Response, Failure> {
    match outcome {
        Ok(()) => Ok(ended(end, language)),
        Err(
            ContactError::StaleLink
            | ContactError::VoucherEnded
            | ContactError::AddressRests
            | ContactError::TooSoon { .. },
        ) => Ok(ended(LettersEnd::Stale, language)),
        Err(ContactError::Command(error)) => Err(error.into()),
    }
}

fn ended(end: LettersEnd, language: Language) -> Response {
    let status = match end {
        LettersEnd::Asked | LettersEnd::Confirmed | LettersEnd::TakenAway => StatusCode::OK,
        LettersEnd::Stale => StatusCode::GONE,
    };
    (status, Html(letters::render_end(end, language))).into_response()
}

fn address(contact: Option<&Contact>) -> AddressView {
    match contact.map(|contact| contact.standing) {
        None => AddressView::None,
        Some(Standing::Unconfirmed) => AddressView::Unconfirmed,
        Some(Standing::Confirmed) => AddressView::Confirmed,
    }
}
