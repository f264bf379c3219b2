//! The issuer's people and their keys.

use axum::extract::State;
use engine::service::analyst::people::{KeyChange, KeyError};
use engine::service::person::{Person, PersonKey, Scope};
use ids::party::OperatorId;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Answer, Result};
use crate::call::At;
use crate::operator::PersonCall;
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, of};
use crate::state::ApiState;
use crate::wire::List;

/// The person that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PersonPath {
    /// The person's number.
    #[param(example = "2", pattern = "^[1-9][0-9]{0,9}$")]
    pub id: String,
}

/// One of the issuer's people.
#[derive(Serialize, ToSchema)]
pub struct PersonBody {
    pub object: &'static str,
    pub id: u32,
    pub name: String,
    /// What the person may do: `reviews`, `rules`, `models`, `people`.
    pub scopes: Vec<&'static str>,
    /// Whether a key is known that opens the paths of operators.
    pub has_key: bool,
}

/// A person with the new key.
#[derive(Serialize, ToSchema)]
pub struct NewKeyBody {
    #[serde(flatten)]
    pub person: PersonBody,
    /// Shown here and never again.
    pub api_key: String,
}

/// List the issuer's people
///
/// Needs the scope `people`.
#[utoipa::path(
    get,
    path = "/v1/operator/people",
    tag = "Operators",
    responses((status = 200, description = "All people", body = List<PersonBody>)),
)]
pub async fn list_people(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.require(Scope::People)?;
    let people = api.analysts.people().await;
    let people = people.map_err(|error| of(error, Subject::Account))?;
    let shown = people.into_iter().map(PersonBody::of).collect();
    Ok(Answer::ok(&List::whole(shown)))
}

/// Give a person a new key
///
/// The key before stops at once, on every node, also where it is one's own. Needs the scope `people`. Whoever does it is kept in
/// the journal.
#[utoipa::path(
    post,
    path = "/v1/operator/people/{id}/key",
    tag = "Operators",
    params(PersonPath),
    responses((status = 201, description = "The person with the new key", body = NewKeyBody)),
)]
pub async fn give_key(
    State(api): State<ApiState>,
    At(path): At<PersonPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::People)?;
    let id = path.person()?;
    let given = api.analysts.new_key(KeyChange::By(&call.party), id).await;
    let api_key = given.map_err(refused)?;
    Ok(Answer::created(&NewKeyBody {
        person: find(&api, id).await?,
        api_key: api_key.expose_secret().to_owned(),
    }))
}

/// Take a person's key away
///
/// It stops at once, on every node. Nobody takes away the own key, so that there is always somebody left who can give new
/// ones. Needs the scope `people`. Whoever does it is kept in the journal.
#[utoipa::path(
    delete,
    path = "/v1/operator/people/{id}/key",
    tag = "Operators",
    params(PersonPath),
    responses((status = 200, description = "The person without a key", body = PersonBody)),
)]
pub async fn take_key(
    State(api): State<ApiState>,
    At(path): At<PersonPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::People)?;
    let id = path.person()?;
    let taken = api
        .analysts
        .revoke_key(KeyChange::By(&call.party), id)
        .await;
    taken.map_err(refused)?;
    Ok(Answer::ok(&find(&api, id).await?))
}

async fn find(api: &ApiState, id: OperatorId) -> Result<PersonBody> {
    let found = api.analysts.person(id).await;
    let found = found.map_err(|error| of(error, Subject::Account))?;
    found.map(PersonBody::of).ok_or_else(unknown)
}

fn refused(error: KeyError) -> Refused {
    match error {
        KeyError::UnknownPerson => unknown(),
        KeyError::OwnKey => kinds::INVALID_REQUEST_PARAMETER.because(
            "Nobody takes the own key away, so that somebody is left who can give new ones. Give yourself a new key, or \
             let another person with the scope `people` take yours; `scrip operator revoke-key` on the data directory \
             takes any.",
        ),
        KeyError::Command(error) => of(error, Subject::Account),
    }
}

fn unknown() -> Refused {
    kinds::NOT_FOUND.because("There is no such person. GET /v1/operator/people lists them.")
}

impl PersonPath {
    fn person(&self) -> Result<OperatorId> {
        let number = self.id.parse().ok();
        let id = number.and_then(|number| OperatorId::new(number).ok());
        id.ok_or_else(unknown)
    }
}

impl PersonBody {
    fn of(person: Person) -> PersonBody {
        PersonBody {
            object: "person",
            id: person.id.number(),
            scopes: person.scopes.each().map(Scope::word).collect(),
            has_key: person.key != PersonKey::None,
            name: person.name,
        }
    }
}
