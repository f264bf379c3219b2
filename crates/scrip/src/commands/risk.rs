//! `scrip risk`: why attempts were judged as they were, rules, lists, models and settings, and past decisions taken again.

use std::path::Path;

use anyhow::{Context, bail};
use reqwest::Method;
use risk::fact::Kind;
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::cli::DataDirectory;
use crate::cli::people::{Risk, RiskAction, SourceChoice, TruthChoice};
use crate::commands::decisions::take_again;
use crate::commands::evaluate;
use crate::commands::people::{ask, reason_lines, text};

mod models;

pub async fn run(arguments: Risk) -> anyhow::Result<()> {
    let remote = &arguments.remote;
    match arguments.action {
        RiskAction::Explain { payment } => {
            let path = format!("/v1/operator/payments/{payment}/risk");
            let judged = ask(remote, Method::GET, &path, None).await?;
            print_judged(&judged);
        }
        RiskAction::Label {
            payment,
            truth,
            source,
        } => {
            let path = format!("/v1/operator/payments/{payment}/label");
            let body = json!({ "truth": truth_word(truth), "source": source_word(source) });
            ask(remote, Method::POST, &path, Some(body)).await?;
            println!("payment {payment} is known as {}", truth_word(truth));
        }
        RiskAction::Rules => {
            let rules = ask(remote, Method::GET, "/v1/operator/rules", None).await?;
            println!("{}", serde_json::to_string_pretty(&rules)?);
        }
        RiskAction::SaveRule { name, file } => {
            let path = format!("/v1/operator/rules/{name}");
            let rules = ask(remote, Method::PUT, &path, Some(json_file(&file)?)).await?;
            println!(
                "rule {name} is saved; the rules have version {}",
                rules["version"]
            );
        }
        RiskAction::Backtest { file, days } => {
            let path = format!("/v1/operator/rules/backtest/backtest?days={days}");
            let report = ask(remote, Method::POST, &path, Some(json_file(&file)?)).await?;
            println!("{}", serde_json::to_string_pretty(&report)?);
        }
        RiskAction::RemoveRule { name } => {
            let path = format!("/v1/operator/rules/{name}");
            let rules = ask(remote, Method::DELETE, &path, None).await?;
            println!(
                "rule {name} is removed; the rules have version {}",
                rules["version"]
            );
        }
        RiskAction::AddEntry {
            list,
            entry,
            seconds,
        } => {
            let path = entry_path(&list, &entry);
            let terms = seconds.map_or_else(|| json!({}), |seconds| json!({ "seconds": seconds }));
            ask(remote, Method::PUT, &path, Some(terms)).await?;
            println!("{entry} is on the list {list}");
        }
        RiskAction::RemoveEntry { list, entry } => {
            ask(remote, Method::DELETE, &entry_path(&list, &entry), None).await?;
            println!("{entry} is off the list {list}");
        }
        RiskAction::Evaluate(arguments) => evaluate::run(&arguments)?,
        RiskAction::Facts => print_facts(),
        RiskAction::Replay { directory } => replay(directory).await?,
        RiskAction::Model(action) => models::run(remote, action).await?,
    }
    Ok(())
}

fn print_judged(judged: &Value) {
    let attempts = judged["data"].as_array().map_or(&[][..], Vec::as_slice);
    if attempts.is_empty() {
        println!("no attempt at this payment was judged");
    }
    for attempt in attempts {
        let score = match &attempt["score"] {
            Value::Null => format!("no score ({})", text(&attempt["no_score"])),
            score => format!(
                "score {score} of 10000 by model {}",
                text(&attempt["model"])
            ),
        };
        println!(
            "entry {}: {}, {score}, rules version {}",
            attempt["sequence"],
            text(&attempt["verdict"]),
            attempt["rules_version"],
        );
        print!("{}", reason_lines(attempt));
        for (name, value) in attempt["facts"].as_object().into_iter().flatten() {
            println!("    {name} = {value}");
        }
    }
}

fn print_facts() {
    for fact in risk::feature::catalogue().types() {
        let kind = match fact.kind {
            Kind::Number => "number",
            Kind::Flag => "flag",
            Kind::Text => "text",
        };
        println!("{} ({kind}, {}): {}", fact.name, fact.unit, fact.meaning);
    }
}

/// Exits with an error unless every decision comes out as it was.
async fn replay(directory: DataDirectory) -> anyhow::Result<()> {
    let backend = Backend::existing(&directory.data, &directory.store).await?;
    let decisions = take_again(backend.store().as_ref()).await;
    backend.close();
    let decisions = decisions?;
    for (sequence, why) in decisions.different.iter().chain(&decisions.not_taken) {
        println!("entry {}: {why}", sequence.0);
    }
    let (different, not_taken) = (decisions.different.len(), decisions.not_taken.len());
    println!("decisions taken again: {} decisions", decisions.same);
    println!("decisions that differ: {different} decisions");
    println!("decisions that cannot be taken again: {not_taken} decisions");
    if 0 < different {
        bail!(
            "{different} decisions come out otherwise: do not go on with this data; restore a backup or ask for help"
        );
    }
    if 0 < not_taken {
        bail!(
            "{not_taken} decisions cannot be taken again by this version; try the one that took them"
        );
    }
    Ok(())
}

fn json_file(path: &Path) -> anyhow::Result<Value> {
    let file = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&file).with_context(|| format!("{} is not JSON", path.display()))
}

fn entry_path(list: &str, entry: &str) -> String {
    let entry = entry.replace('%', "%25").replace('/', "%2F");
    format!("/v1/operator/lists/{list}/{entry}")
}

fn truth_word(truth: TruthChoice) -> &'static str {
    match truth {
        TruthChoice::Fraud => "fraud",
        TruthChoice::Good => "good",
    }
}

fn source_word(source: SourceChoice) -> &'static str {
    match source {
        SourceChoice::Analyst => "analyst",
        SourceChoice::Dispute => "dispute",
        SourceChoice::Chargeback => "chargeback",
        SourceChoice::Confirmation => "confirmation",
    }
}
