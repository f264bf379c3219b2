//! Rules and lists: read, saved after a check, and removed.

use axum::extract::State;
use engine::service::person::Scope;
use ids::time::Span;
use risk::name::Name;
use risk::rule_set::Edit;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::At;
use crate::operator::{PersonCall, unchanged};
use crate::problem::invalid;
use crate::query::Query;
use crate::state::ApiState;
use crate::wire::backtest::Backtest;
use crate::wire::rule::{EntryTerms, RuleBody, Rules};

/// The rule that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RulePath {
    /// Lower-case letters, digits and dashes.
    #[param(example = "guessing-address")]
    pub name: String,
}

/// How far back to look.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BacktestQuery {
    #[param(minimum = 1, maximum = 3650, default = 30)]
    pub days: Option<u32>,
}

const DAYS_DEFAULT: u32 = 30;
const DAYS_MAX: u32 = 3_650;

/// The entry of a list that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EntryPath {
    #[param(example = "blocked-networks")]
    pub list: String,
    /// A network, device, country or what else is on the list; a slash is written as `%2F`.
    #[param(example = "203.0.113.0%2F24")]
    pub entry: String,
}

/// Read the rules and lists in force
///
/// Needs the scope `rules`.
#[utoipa::path(
    get,
    path = "/v1/operator/rules",
    tag = "Operators",
    responses((status = 200, description = "Rules in their order, and lists", body = Rules)),
)]
pub async fn list_rules(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.require(Scope::Rules)?;
    let current = api.analysts.current().await.map_err(unchanged)?;
    Ok(Answer::ok(&Rules::of(&current.rules)))
}

/// Save a rule
///
/// It is checked first: what it asks must be facts and lists that there are, of the right types, and not cost too much. It
/// takes the place of the rule of its name, or stands behind the last one. Needs the scope `rules`.
#[utoipa::path(
    put,
    path = "/v1/operator/rules/{name}",
    tag = "Operators",
    params(RulePath),
    request_body = RuleBody,
    responses((status = 200, description = "All rules as they are now", body = Rules)),
)]
pub async fn save_rule(
    State(api): State<ApiState>,
    At(path): At<RulePath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Rules)?;
    let body: RuleBody = call.read()?;
    let rule = body.named(name(&path.name)?);
    edit(&api, &call, Edit::SaveRule(rule)).await
}

/// Back-test a rule
///
/// Tells what the rule would have done to the attempts of the last days, before it goes live: caught, missed, false alarms,
/// money, and some of those who would have been hit. Nothing is saved. Needs the scope `rules`.
#[utoipa::path(
    post,
    path = "/v1/operator/rules/{name}/backtest",
    tag = "Operators",
    params(RulePath, BacktestQuery),
    request_body = RuleBody,
    responses((status = 200, description = "What it would have done", body = Backtest)),
)]
pub async fn backtest_rule(
    State(api): State<ApiState>,
    At(path): At<RulePath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Rules)?;
    let mut query = Query::parse(call.query());
    let days = query.value::<u32>("days", "a number of days")?;
    query.finish()?;
    let days = days.unwrap_or(DAYS_DEFAULT);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(invalid("days", format!("must be 1 to {DAYS_MAX}")));
    }
    let body: RuleBody = call.read()?;
    let rule = body.named(name(&path.name)?);
    let since = Span::DAY.times(i64::from(days));
    let report = api
        .analysts
        .backtest(rule, since)
        .await
        .map_err(unchanged)?;
    Ok(Answer::ok(&Backtest::from(report)))
}

/// Remove a rule
///
/// Needs the scope `rules`.
#[utoipa::path(
    delete,
    path = "/v1/operator/rules/{name}",
    tag = "Operators",
    params(RulePath),
    responses((status = 200, description = "All rules as they are now", body = Rules)),
)]
pub async fn remove_rule(
    State(api): State<ApiState>,
    At(path): At<RulePath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Rules)?;
    edit(&api, &call, Edit::RemoveRule(name(&path.name)?)).await
}

/// Put an entry on a list
///
/// One that is there already gets the new end. Needs the scope `rules`.
#[utoipa::path(
    put,
    path = "/v1/operator/lists/{list}/{entry}",
    tag = "Operators",
    params(EntryPath),
    request_body = EntryTerms,
    responses((status = 200, description = "All rules and lists as they are now", body = Rules)),
)]
pub async fn save_list_entry(
    State(api): State<ApiState>,
    At(path): At<EntryPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Rules)?;
    let terms: EntryTerms = call.read()?;
    let now = api.clock.now();
    let until = terms
        .seconds
        .map(|seconds| now.plus(Span::SECOND.times(i64::from(seconds))));
    let added = Edit::AddEntry {
        list: name(&path.list)?,
        entry: path.entry,
        until,
    };
    edit(&api, &call, added).await
}

/// Take an entry off a list
///
/// Needs the scope `rules`.
#[utoipa::path(
    delete,
    path = "/v1/operator/lists/{list}/{entry}",
    tag = "Operators",
    params(EntryPath),
    responses((status = 200, description = "All rules and lists as they are now", body = Rules)),
)]
pub async fn remove_list_entry(
    State(api): State<ApiState>,
    At(path): At<EntryPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Rules)?;
    let removed = Edit::RemoveEntry {
        list: name(&path.list)?,
        entry: path.entry,
    };
    edit(&api, &call, removed).await
}

async fn edit(api: &ApiState, call: &PersonCall, edit: Edit) -> Result<Answer> {
    let rules = api.analysts.edit_rules(call.actor(), edit).await;
    Ok(Answer::ok(&Rules::of(&*rules.map_err(unchanged)?)))
}

fn name(text: &str) -> Result<Name> {
    Name::parse(text).map_err(|error| invalid("name", error.to_string()))
}
