//! Adding the issuer's people, and what they ask a running platform.

use std::fmt::Write as _;

use accounting::fact::Party;
use anyhow::{Context, bail};
use engine::service::person::{NAME_BYTES_MAX, Person, Scope, Scopes};
use ids::party::OperatorId;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::cli::people::{Operator, Remote, ReviewAction, Reviews, ScopeChoice};

pub async fn save(arguments: Operator) -> anyhow::Result<()> {
    let name = arguments.name.trim().to_owned();
    if name.is_empty() || NAME_BYTES_MAX < name.len() {
        bail!("--name: a name has 1 to {NAME_BYTES_MAX} bytes");
    }
    let platform = arguments.directory.open().await?;
    let analysts = platform.analysts();
    let scopes = arguments.scopes.iter().map(|choice| scope(*choice));
    let scopes = scopes.fold(Scopes::default(), Scopes::with);
    match arguments.id {
        Some(number) => {
            let id = OperatorId::new(number).context("--id: people are numbered from 1")?;
            if analysts.person(id).await?.is_none() {
                bail!("there is no operator {id}; leave --id out to add one");
            }
            analysts.save_person(&Person { id, name, scopes }).await?;
            println!("operator {id} is changed; the API key stays as it is");
        }
        None => {
            let id = analysts.add_person(&name, scopes).await?.id;
            let party = Party::Operator(id);
            let api_key = platform.operator().issue_api_key(party).await?;
            println!("operator {id} is added");
            println!("API key (shown once): {}", api_key.expose_secret());
        }
    }
    platform.close()
}

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
            item["until"],
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
    let answer: Value = response
        .json()
        .await
        .with_context(|| format!("{url} did not answer in JSON: is this a Scrip server?"))?;
    if status.is_success() {
        return Ok(answer);
    }
    bail!("{} ({status})", text(&answer["detail"]));
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
    }
}
