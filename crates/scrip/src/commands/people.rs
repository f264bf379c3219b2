//! Adding the issuer's people, and what they ask a running platform.

use std::fmt::Write as _;

use accounting::entry::Actor;
use anyhow::{Context, bail};
use engine::service::analyst::people::KeyChange;
use engine::service::person::{NAME_BYTES_MAX, Person, PersonKey, Scope, Scopes};
use ids::party::OperatorId;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::cli::people::{
    ErasePayer, Operator, PersonAction, Place, Remote, ReviewAction, Reviews, ScopeChoice,
};
use crate::platform::Platform;

pub async fn operator(arguments: Operator) -> anyhow::Result<()> {
    match arguments.action {
        None => save(arguments).await,
        Some(PersonAction::List(place)) => list(&place).await,
        Some(PersonAction::NewKey { id, place }) => new_key(id, &place).await,
        Some(PersonAction::RevokeKey { id, place }) => revoke_key(id, &place).await,
    }
}

async fn save(arguments: Operator) -> anyhow::Result<()> {
    let name = arguments.name.unwrap_or_default().trim().to_owned();
    if name.is_empty() || NAME_BYTES_MAX < name.len() {
        bail!("--name: a name has 1 to {NAME_BYTES_MAX} bytes");
    }
    let platform = arguments.directory.open().await?;
    let analysts = platform.analysts();
    let scopes = arguments.scopes.iter().map(|choice| scope(*choice));
    let scopes = scopes.fold(Scopes::default(), Scopes::with);
    match arguments.id {
        Some(number) => {
            let id = person_id(number).context("--id")?;
            let Some(person) = analysts.person(id).await? else {
                bail!("there is no operator {id}; leave --id out to add one");
            };
            let changed = Person {
                name,
                scopes,
                ..person
            };
            analysts.save_person(&changed).await?;
            println!("operator {id} is changed; the API key stays as it is");
        }
        None => {
            let id = analysts.add_person(&name, scopes).await?.id;
            let api_key = analysts.new_key(KeyChange::Offline, id).await?;
            println!("operator {id} is added");
            println!("API key (shown once): {}", api_key.expose_secret());
        }
    }
    platform.close()
}

async fn list(place: &Place) -> anyhow::Result<()> {
    let Some(platform) = offline(place).await? else {
        let people = ask(&place.remote, Method::GET, PEOPLE, None).await?;
        for person in people["data"].as_array().into_iter().flatten() {
            let scopes = person["scopes"].as_array().into_iter().flatten();
            let scopes: Vec<String> = scopes.map(text).collect();
            let has_key = person["has_key"] == json!(true);
            print_person(
                &text(&person["id"]),
                &text(&person["name"]),
                &scopes,
                has_key,
            );
        }
        return Ok(());
    };
    for person in platform.analysts().people().await? {
        let scopes = person.scopes.each();
        let scopes: Vec<String> = scopes.map(|scope| scope.word().to_owned()).collect();
        let has_key = person.key != PersonKey::None;
        print_person(&person.id.to_string(), &person.name, &scopes, has_key);
    }
    platform.close()
}

fn print_person(id: &str, name: &str, scopes: &[String], has_key: bool) {
    let key = if has_key { "has a key" } else { "has no key" };
    println!("{id}  {name}  {}  {key}", scopes.join(" "));
}

async fn new_key(id: u32, place: &Place) -> anyhow::Result<()> {
    let api_key = match offline(place).await? {
        None => {
            let path = format!("{PEOPLE}/{id}/key");
            let given = ask(&place.remote, Method::POST, &path, None).await?;
            text(&given["api_key"])
        }
        Some(platform) => {
            let given = platform.analysts();
            let given = given.new_key(KeyChange::Offline, person_id(id)?).await;
            platform.close()?;
            given?.expose_secret().to_owned()
        }
    };
    println!("operator {id} has a new key; the one before is of no use any more");
    println!("API key (shown once): {api_key}");
    Ok(())
}

async fn revoke_key(id: u32, place: &Place) -> anyhow::Result<()> {
    match offline(place).await? {
        None => {
            let path = format!("{PEOPLE}/{id}/key");
            ask(&place.remote, Method::DELETE, &path, None).await?;
        }
        Some(platform) => {
            let analysts = platform.analysts();
            let revoked = analysts.revoke_key(KeyChange::Offline, person_id(id)?);
            let revoked = revoked.await;
            platform.close()?;
            revoked?;
        }
    }
    println!("operator {id} has no key any more; `scrip operator new-key {id}` gives one");
    Ok(())
}

pub async fn erase_payer(arguments: ErasePayer) -> anyhow::Result<()> {
    let id = arguments.payment;
    let entries = match offline(&arguments.place).await? {
        None => {
            let path = format!("/v1/operator/payments/{id}/erase-payer");
            let erased = ask(&arguments.place.remote, Method::POST, &path, None).await?;
            text(&erased["entries_erased"])
        }
        Some(platform) => {
            let erased = platform.eraser().erase(Actor::Operator, id).await;
            platform.close()?;
            let erased = erased.with_context(|| format!("the payer of {id} is not erased"))?;
            erased.entries.to_string()
        }
    };
    match entries.as_str() {
        "0" => println!("payment {id} knows no payer; nothing was left to erase"),
        _ => println!("payment {id} has forgotten its payer, as have {entries} entries"),
    }
    Ok(())
}

/// The platform behind a data directory, if one was given.
pub async fn offline(place: &Place) -> anyhow::Result<Option<Platform>> {
    match &place.data {
        None => Ok(None),
        Some(data) => Ok(Some(Platform::connect(data, &place.store).await?)),
    }
}

fn person_id(number: u32) -> anyhow::Result<OperatorId> {
    OperatorId::new(number).context("people are numbered from 1")
}

const PEOPLE: &str = "/v1/operator/people";

pub async fn reviews(arguments: Reviews) -> anyhow::Result<()> {
    let remote = &arguments.remote;
    let (payment, verdict) = match arguments.action.unwrap_or(ReviewAction::List) {
        ReviewAction::List => {
            let waiting = ask(remote, Method::GET, "/v1/operator/reviews", None).await?;
            print!("{}", review_lines(&waiting));
            return Ok(());
        }
        ReviewAction::Release { payment } => (payment, "release"),
        ReviewAction::Refuse { payment } => (payment, "refuse"),
    };
    let path = format!("/v1/operator/reviews/{payment}");
    let body = json!({ "verdict": verdict });
    let decided = ask(remote, Method::POST, &path, Some(body)).await?;
    if decided["in_review"] == json!(true) {
        println!("payment {payment} waits for a second person");
    } else {
        println!("payment {payment} is {}", text(&decided["status"]));
    }
    Ok(())
}

/// What waits, a line for each payment and one for each reason.
fn review_lines(waiting: &Value) -> String {
    let mut lines = String::new();
    let items = waiting["data"].as_array().map_or(&[][..], Vec::as_slice);
    if items.is_empty() {
        lines.push_str("no payment waits\n");
    }
    for item in items {
        let payment = &item["payment"];
        let _ = writeln!(
            lines,
            "{}  {} {}  until {}  needs {}",
            text(&payment["id"]),
            payment["amount"],
            text(&payment["currency"]),
            time_text(&item["until"]),
            item["approvals_needed"],
        );
        lines.push_str(&reason_lines(&item["judged"]));
    }
    lines
}

/// The reasons of a judged attempt, indented.
pub fn reason_lines(judged: &Value) -> String {
    let mut lines = String::new();
    for reason in judged["reasons"].as_array().into_iter().flatten() {
        let words = text(&reason["words"]);
        let _ = write!(lines, "  {}: {words}", text(&reason["code"]));
        if let Some(milli) = reason["contribution"].as_i64() {
            let _ = write!(lines, " ({milli:+} thousandths of log-odds)");
        }
        lines.push('\n');
    }
    lines
}

/// Asks a running platform; what it refuses becomes an error in its own words.
pub async fn ask(
    remote: &Remote,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> anyhow::Result<Value> {
    send(remote, method, path, |request| match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

/// Sends a file to a running platform.
pub async fn send_file(remote: &Remote, path: &str, file: Vec<u8>) -> anyhow::Result<Value> {
    send(remote, Method::POST, path, |request| {
        let request = request.header(CONTENT_TYPE, "application/octet-stream");
        request.body(file)
    })
    .await
}

async fn send(
    remote: &Remote,
    method: Method,
    path: &str,
    fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
) -> anyhow::Result<Value> {
    if remote.key.is_empty() {
        bail!("set SCRIP_OPERATOR_KEY to the key of an operator; `scrip operator` issues one");
    }
    let url = format!("{}{path}", remote.url.trim_end_matches('/'));
    let request = reqwest::Client::new()
        .request(method, &url)
        .bearer_auth(&remote.key);
    let response = fill(request)
        .send()
        .await
        .with_context(|| format!("{} cannot be reached; is the server running?", remote.url))?;
    let status = response.status();
    let answer: Value = response.json().await.with_context(|| {
        format!("{url} did not answer in JSON ({status}): is this a Scrip server?")
    })?;
    if status.is_success() {
        return Ok(answer);
    }
    bail!("{}", refusal(&url, status, &answer));
}

/// What an answer that is no success says: its own words, or where it comes from if it has none.
fn refusal(url: &str, status: StatusCode, answer: &Value) -> String {
    match answer["detail"].as_str().or(answer["title"].as_str()) {
        Some(words) => format!("{words} ({status})"),
        None => format!(
            "{url} answered {status} and does not say why: perhaps a proxy in front of the server did. Try again, and look at \
             its log"
        ),
    }
}

/// A time of an answer, in milliseconds since 1970, as people read it.
fn time_text(milliseconds: &Value) -> String {
    let time = milliseconds.as_i64().map(jiff::Timestamp::from_millisecond);
    match time {
        Some(Ok(time)) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Some(Err(_)) | None => text(milliseconds),
    }
}

/// The text of a JSON text; anything else as JSON.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn scope(choice: ScopeChoice) -> Scope {
    match choice {
        ScopeChoice::Reviews => Scope::Reviews,
        ScopeChoice::Rules => Scope::Rules,
        ScopeChoice::Models => Scope::Models,
        ScopeChoice::People => Scope::People,
        ScopeChoice::Privacy => Scope::Privacy,
    }
}

#[cfg(test)]
mod tests;
