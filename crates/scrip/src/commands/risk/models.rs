//! Models: trained from the journal, taken from files, promoted and rolled back.

use std::fmt::Write as _;
use std::path::Path;

use accounting::entry::Actor;
use anyhow::{Context, bail};
use engine::risk::learning::Terms;
use engine::risk::training::{Trained, install, train_from_journal};
use ids::time::Span;
use reqwest::Method;
use risk::model::artifact::ModelHash;
use risk::model::settings::Settings as Tuning;
use serde_json::{Value, json};

use crate::cli::DataDirectory;
use crate::cli::people::{ModelAction, Remote};
use crate::commands::people::{ask, send_file, text};
use crate::commands::risk::json_file;

const MODELS: &str = "/v1/operator/models";
/// Features that are shown because they matter most.
const FEATURES_SHOWN: usize = 10;

pub async fn run(remote: &Remote, action: ModelAction) -> anyhow::Result<()> {
    match action {
        ModelAction::Train {
            directory,
            maturity_days,
        } => train(directory, maturity_days).await?,
        ModelAction::Models => list(remote).await?,
        ModelAction::Register { file } => upload(remote, "/v1/operator/models", &file).await?,
        ModelAction::Import { file } => {
            upload(remote, "/v1/operator/models/import", &file).await?;
        }
        ModelAction::Promote { model } => change(remote, model, "promote").await?,
        ModelAction::Challenge { model } => change(remote, model, "challenge").await?,
        ModelAction::Withdraw { model } => change(remote, model, "withdraw").await?,
        ModelAction::Retire { model } => change(remote, model, "retire").await?,
        ModelAction::RollBack => roll_back(remote).await?,
        ModelAction::PromotionRule { file } => rule(remote, file.as_deref()).await?,
        ModelAction::Settings { file } => {
            let path = "/v1/operator/risk-settings";
            let settings = match file {
                None => ask(remote, Method::GET, path, None).await?,
                Some(file) => ask(remote, Method::PATCH, path, Some(json_file(&file)?)).await?,
            };
            println!("{}", serde_json::to_string_pretty(&settings)?);
        }
    }
    Ok(())
}

/// Trains from the journal of a platform that is stopped, or of a PostgreSQL that may be running.
async fn train(directory: DataDirectory, maturity_days: Option<u16>) -> anyhow::Result<()> {
    let platform = directory.open().await?;
    let analysts = platform.analysts();
    analysts.establish().await?;
    let settings = analysts.current().await?.settings;
    let maturity = maturity_days.map_or(settings.training.maturity(), |days| {
        Span::DAY.times(i64::from(days))
    });
    let terms = Terms::new(platform.clock.now(), maturity);
    let trained = train_from_journal(&analysts, terms, Tuning::default()).await;
    let trained = trained.context("no model was trained")?;
    print!("{}", report_lines(&trained));
    let model = install(&analysts, Actor::Operator, trained.artifact).await?;
    if settings.models.champion().is_some() {
        println!("model {model} is registered and asked alongside");
    } else {
        println!("model {model} is registered; `scrip risk promote {model}` lets it decide");
    }
    platform.close()
}

fn report_lines(trained: &Trained) -> String {
    let mut lines = String::new();
    let counts = trained.counts;
    let _ = writeln!(
        lines,
        "known: {} frauds and {} good attempts; unknown: {}; of other versions: {}",
        counts.frauds, counts.goods, counts.unknown, counts.foreign
    );
    let manifest = trained.artifact.manifest();
    let Some(report) = &manifest.report else {
        return lines;
    };
    let _ = writeln!(
        lines,
        "grown from {} attempts with {} frauds: {} trees; judged by {} later ones with {} frauds",
        report.known.rows,
        report.known.frauds,
        report.trees,
        report.judged.rows,
        report.judged.frauds
    );
    let quality = &report.quality;
    for (what, value) in [
        ("AUC", quality.auc),
        ("average precision", quality.average_precision),
        (
            "recall at 0.1 % false alarms",
            quality.recall_at_0_1_percent,
        ),
        (
            "recall at 0.5 % false alarms",
            quality.recall_at_0_5_percent,
        ),
        ("recall at 1 % false alarms", quality.recall_at_1_percent),
        (
            "false alarms from the lowest threshold on",
            quality.false_alarm_share,
        ),
        ("recall from the lowest threshold on", quality.recall),
        ("precision from the lowest threshold on", quality.precision),
    ] {
        let value = value.map_or("unknown".to_owned(), |value| format!("{value:.4}"));
        let _ = writeln!(lines, "{what}: {value}");
    }
    let named = manifest.features.iter().zip(&report.importance);
    let mut parts: Vec<(&String, &f64)> = named.collect();
    parts.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    for (name, part) in parts.into_iter().take(FEATURES_SHOWN) {
        let _ = writeln!(lines, "  {name}: {:.1} % of the gain", part * 100.0);
    }
    lines
}

async fn list(remote: &Remote) -> anyhow::Result<()> {
    let models = ask(remote, Method::GET, MODELS, None).await?;
    println!("{}", serde_json::to_string_pretty(&models)?);
    Ok(())
}

async fn upload(remote: &Remote, path: &str, file: &Path) -> anyhow::Result<()> {
    let content = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    if content.is_empty() {
        bail!("{} is empty", file.display());
    }
    let models = send_file(remote, path, content).await?;
    let newest = models["models"].as_array().and_then(|it| it.last());
    let newest = newest.map_or_else(String::new, |it| text(&it["model"]));
    println!("model {newest} is registered; it does nothing until it is promoted or challenges");
    Ok(())
}

async fn change(remote: &Remote, model: ModelHash, action: &str) -> anyhow::Result<()> {
    let body = json!({ "action": action });
    let models = ask(
        remote,
        Method::POST,
        &format!("{MODELS}/{model}"),
        Some(body),
    )
    .await?;
    print_seats(&models);
    Ok(())
}

async fn roll_back(remote: &Remote) -> anyhow::Result<()> {
    let path = format!("{MODELS}/roll-back");
    print_seats(&ask(remote, Method::POST, &path, None).await?);
    Ok(())
}

async fn rule(remote: &Remote, file: Option<&Path>) -> anyhow::Result<()> {
    let path = format!("{MODELS}/rule");
    match file {
        Some(file) => {
            ask(remote, Method::PUT, &path, Some(json_file(file)?)).await?;
            println!("a challenger that satisfies the rule becomes champion by itself");
        }
        None => {
            ask(remote, Method::DELETE, &path, None).await?;
            println!("every promotion is left to people");
        }
    }
    Ok(())
}

fn print_seats(models: &Value) {
    match &models["champion"] {
        Value::Null => println!("rules alone decide"),
        champion => println!("model {} decides", text(champion)),
    }
    for challenger in models["challengers"].as_array().into_iter().flatten() {
        println!("model {} is asked alongside", text(challenger));
    }
}
