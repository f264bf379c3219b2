//! What the issuer's people may ask for: payments that wait for them, reasons, labels, rules, lists, models and settings.

use serde::de::DeserializeOwned;
use std::sync::Arc;

use accounting::entry::Actor;
use accounting::fact::Party;
use engine::service::analyst::rules::ChangeError;
use engine::service::person::{Person, Scope};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Result;
use crate::call::{Call, Caller};
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, invalid, of};
use crate::state::ApiState;

pub mod erasing;
pub mod letters;
pub mod liabilities;
pub mod models;
pub mod people;
pub mod reviews;
pub mod rules;
pub mod settings;

pub type PersonCall = Call<Person>;

/// Every operation for the issuer's people.
pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(reviews::list_reviews))
        .routes(routes!(reviews::decide_review))
        .routes(routes!(reviews::label_payment))
        .routes(routes!(reviews::explain_payment))
        .routes(routes!(erasing::erase_payer))
        .routes(routes!(letters::list_letters))
        .routes(routes!(letters::resend_letter))
        .routes(routes!(people::list_people))
        .routes(routes!(people::give_key, people::take_key))
        .routes(routes!(rules::list_rules))
        .routes(routes!(rules::backtest_rule))
        .routes(routes!(rules::save_rule, rules::remove_rule))
        .routes(routes!(models::list_models, models::register_model))
        .routes(routes!(models::import_model))
        .routes(routes!(models::roll_back))
        .routes(routes!(
            models::set_promotion_rule,
            models::drop_promotion_rule
        ))
        .routes(routes!(models::change_model))
        .routes(routes!(
            settings::read_risk_settings,
            settings::change_risk_settings
        ))
        .routes(routes!(rules::save_list_entry, rules::remove_list_entry))
        .routes(routes!(liabilities::state_liabilities))
}

impl Caller for Person {
    fn party(&self) -> Party {
        Party::Operator(self.id)
    }

    async fn authenticate(api: &ApiState, api_key: &str) -> Result<Arc<Person>> {
        let found = api.analysts.authenticate(api_key).await;
        let found = found.map_err(|error| of(error, Subject::Account))?;
        found.ok_or_else(|| {
            kinds::INVALID_API_KEY
                .because("This needs the key of an operator: `scrip operator` issues one.")
        })
    }
}

impl PersonCall {
    /// Refuses whoever may not do this.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.party.scopes.allows(scope) {
            return Ok(());
        }
        let (word, id) = (scope.word(), self.party.id);
        Err(kinds::API_KEY_OF_OTHER_PARTY.because(format!(
            "The key lacks the scope `{word}`; `scrip operator --id {id} --name NAME --scope {word}` gives it. Repeat \
             `--scope` for each scope that the person is to keep."
        )))
    }

    /// Refuses whoever may not do this, and an idempotency key: answers to these operations are not kept.
    pub fn may_change(&self, scope: Scope) -> Result<()> {
        self.require(scope)?;
        self.refuse_idempotency_key()
    }

    fn actor(&self) -> Actor {
        Actor::Person(self.party.id)
    }

    /// The body as this type; what it does not know is refused.
    fn read<T: DeserializeOwned>(&self) -> Result<T> {
        let body = self.json()?;
        serde_json::from_slice(body).map_err(|error| invalid("body", error.to_string()))
    }
}

/// Why rules stay as they are, in words that say what to do.
fn unchanged(error: ChangeError) -> Refused {
    match error {
        ChangeError::Command(error) => of(error, Subject::Account),
        ChangeError::Edit(error) => invalid("rule", error.to_string()),
        ChangeError::Models(error) => invalid("model", error.to_string()),
        ChangeError::Model(error) => invalid("model", error.to_string()),
        ChangeError::Foreign(error) => invalid("model", error.to_string()),
        ChangeError::Import(error) => invalid("model", error.to_string()),
        error @ ChangeError::TooLarge { .. } => invalid("model", error.to_string()),
        ChangeError::Settings(error) => invalid("settings", error.to_string()),
        ChangeError::Learning(_) => kinds::GENERAL_TECHNICAL_ERROR
            .because("What the journal knows could not be read to judge the model by. Try again."),
        ChangeError::InForce(_) => kinds::GENERAL_TECHNICAL_ERROR
            .because("The rules in force cannot be read. The log of the platform says why."),
    }
}
