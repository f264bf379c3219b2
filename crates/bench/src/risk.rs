//! What judging costs: one decision in the running server, payments with and without it, memory, and back-tests; and what
//! it reaches on streams.

mod streams;

use std::sync::Arc;
use std::time::{Duration, Instant};

use accounting::entry::Actor;
use anyhow::Context;
use evaluation::measure::Pythons;
use ids::time::{Span, Timestamp};
use money::currency::Currency;
use risk::backtest::{self, Past};
use risk::decision::values::{FactValues, Schema};
use risk::entity::{EntityHasher, EntityKind};
use risk::event::{Attempt, Event, Outcome, Texts};
use risk::feature;
use risk::list::ListNames;
use risk::model::artifact::{Artifact, ModelHash};
use risk::model::binding::Definitions;
use risk::model::data::{Example, Label, TrainingSet};
use risk::model::registry::Command;
use risk::model::settings::Settings;
use risk::model::train::train;
use risk::name::Name;
use risk::profile::store::{ProfileSettings, Profiles};
use risk::rule::{CheckedRule, Mode, Rule};
use risk::rule_set::Edit;
use risk::verdict::Verdict;
use scrip::platform::{Judging, RiskSetup};

use crate::figures::Figures;
use crate::load::Shown;
use crate::payments::{self, Served};
use crate::proc;
use crate::sample::Sample;

/// Clients while payments are measured.
const CLIENTS: usize = 64;
/// How often the two platforms take turns.
const TURNS: u32 = 4;
/// Vouchers for each of them: more than can be spent.
const VOUCHERS: u64 = 600_000;
const RULES: usize = 50;
const TREES: usize = 250;
const ENTITIES: usize = 10_000_000;
const PAST: u32 = 1_000_000;

/// Measures the wanted parts: `memory`, `backtest`, `payments`, and those of [`streams`].
pub async fn measure(
    duration: Duration,
    wanted: impl Fn(&str) -> bool,
    pythons: &Pythons,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    if wanted("memory") {
        memory(figures);
    }
    if wanted("backtest") {
        backtest_rate(figures)?;
    }
    streams::measure(&wanted, pythons, figures)?;
    if wanted("payments") {
        payments(duration, figures).await?;
    }
    Ok(())
}

/// Fills a store of profiles with made-up payers until it is full.
fn memory(figures: &mut Figures) {
    let before = proc::resident();
    let mut profiles = Profiles::new(ProfileSettings {
        entities_max: ENTITIES,
        ahead_of_utc: Span(0),
    });
    let hasher = EntityHasher::new([1, 2]);
    let begun = Instant::now();
    let mut events = 0_u64;
    // One attempt touches six entities, of which one is new and one seldom is.
    while profiles.count() < ENTITIES && events < ENTITIES as u64 * 2 {
        profiles.apply(&Event::Attempt {
            attempt: attempt(&hasher, events),
            outcome: Outcome::Authorised,
        });
        events += 1;
    }
    let elapsed = begun.elapsed();
    let grown = proc::resident().saturating_sub(before) as f64;
    let count = profiles.count() as u64;
    figures.put("risk.memory.entities", count, "entities");
    figures.put("risk.memory.resident", grown / 1e9, "GB");
    figures.put("risk.memory.per_entity", grown / count as f64, "bytes");
    let each = elapsed.as_secs_f64() * 1e6 / events as f64;
    figures.put("risk.profiles.event", each, "us");
    let mut total = Duration::ZERO;
    const LOOKS: u64 = 100_000;
    for number in 0..LOOKS {
        let attempt = attempt(&hasher, number * 7);
        let begun = Instant::now();
        let facts = feature::features(&profiles, &attempt, Texts::default());
        total += begun.elapsed();
        std::hint::black_box(facts);
    }
    let each = total.as_secs_f64() * 1e6 / LOOKS as f64;
    figures.put("risk.features.mean", each, "us");
}

fn attempt(hasher: &EntityHasher, number: u64) -> Attempt {
    let key = |kind, id: u64| Some(hasher.key(kind, &id.to_le_bytes()));
    Attempt {
        at: Timestamp(1_700_000_000_000 + number as i64 * 10),
        amount_minor: Some(500 + (number % 97) as i64 * 50),
        merchant: key(EntityKind::Merchant, number % 1_000),
        customer: key(EntityKind::Customer, number),
        address: key(EntityKind::Address, number / 2),
        network: key(EntityKind::Network, number / 50),
        device: key(EntityKind::Device, number / 3),
        ..Attempt::default()
    }
}

/// One rule over a million payments.
fn backtest_rate(figures: &mut Figures) -> anyhow::Result<()> {
    let schema = Schema::new(feature::catalogue())?;
    let profiles = Profiles::new(ProfileSettings {
        entities_max: 10_000,
        ahead_of_utc: Span(0),
    });
    let hasher = EntityHasher::new([1, 2]);
    let rule = CheckedRule::new(
        rule(
            "large",
            "attempt.amount >= 5000 && !has(address.attempts_1h)",
        )?,
        schema.catalogue(),
        &ListNames::new([]),
    )?;
    let kept: Vec<FactValues> = (0..1_000)
        .map(|number| {
            let attempt = attempt(&hasher, number);
            let facts = feature::features(&profiles, &attempt, Texts::default());
            FactValues::take(&schema, &facts)
        })
        .collect();
    let past = (0..PAST).map(|number| Past {
        id: number,
        facts: kept[number as usize % kept.len()].clone(),
        score: None,
        at: Timestamp(0),
        amount_minor: 500 + i64::from(number % 97) * 50,
        currency: Currency::EUR,
        label: (number % 50 == 0).then_some(backtest::Label::Fraud),
        happened: Verdict::Allow,
    });
    let begun = Instant::now();
    let report = backtest::backtest(&rule, &[], past);
    let elapsed = begun.elapsed().as_secs_f64();
    figures.put("risk.backtest.million_payments", elapsed, "s");
    figures.put("risk.backtest.hits", report.hits, "payments");
    Ok(())
}

/// The same payments on a platform that judges, with 50 rules and a model of 250 trees, and on one that does not.
async fn payments(duration: Duration, figures: &mut Figures) -> anyhow::Result<()> {
    let place = tempfile::tempdir_in(".").context("cannot make a temporary directory here")?;
    let mut unused = Figures::default();
    let mut start = async |name: &str, judging| -> anyhow::Result<(Arc<Sample>, Served)> {
        let setup = RiskSetup {
            judging,
            ..RiskSetup::default()
        };
        let data = place.path().join(name);
        let sample = Sample::prepare(&data, VOUCHERS, setup, &mut unused).await?;
        let sample = Arc::new(sample);
        let served = Served::start(&sample).await?;
        Ok((sample, served))
    };
    let (on, on_served) = start("on", Judging::On).await?;
    let (off, off_served) = start("off", Judging::Off).await?;
    seat(&on).await?;
    let (mut judged, mut unjudged) = (Shown::default(), Shown::default());
    for _ in 0..TURNS {
        judged.add(payments::closed(&on, &on_served, CLIENTS, duration / TURNS).await?);
        unjudged.add(payments::closed(&off, &off_served, CLIENTS, duration / TURNS).await?);
    }
    judged.put("risk.payments.on", "requests/s", figures);
    unjudged.put("risk.payments.off", "requests/s", figures);
    figures.put(
        "risk.payments.on_to_off",
        judged.rate() / unjudged.rate(),
        "ratio",
    );
    let times = on.platform.risk.figures.times();
    figures.put("risk.decisions", times.count(), "decisions");
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)] {
        let microseconds = times.quantile(share).as_secs_f64() * 1e6;
        figures.put(&format!("risk.decision.{name}"), microseconds, "us");
    }
    for (verdict, count) in on.platform.risk.figures.verdicts() {
        figures.put(
            &format!("risk.verdicts.{}", verdict.word()),
            count,
            "decisions",
        );
    }
    for (sample, served) in [(on, on_served), (off, off_served)] {
        served.stop().await?;
        let sample = Arc::into_inner(sample).context("the sample is still in use")?;
        sample.stop().await?;
    }
    Ok(())
}

/// Fills the rules up to 50 and makes a model of 250 trees over all features the champion.
async fn seat(sample: &Sample) -> anyhow::Result<()> {
    let analysts = sample.platform.analysts();
    let present = analysts.current().await?.rules.rules().len();
    for number in present..RULES {
        let name = format!("bench-{number}");
        let expression = format!(
            "attempt.amount > {} && address.wrong_pins_1h >= 3 && payer.attempts_1d > {number}",
            1_000_000 + number
        );
        let edit = Edit::SaveRule(rule(&name, &expression)?);
        analysts.edit_rules(Actor::Operator, edit).await?;
    }
    let file = model()?;
    let model: ModelHash = analysts.register_model(Actor::Operator, file).await?;
    let person = "the measurement".to_owned();
    let promote = Command::Promote { model, person };
    analysts.change_models(Actor::Operator, promote).await?;
    // Until the reader of the journal has seen it.
    while sample.platform.risk.bench().panel.is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn rule(name: &str, expression: &str) -> anyhow::Result<Rule> {
    Ok(Rule {
        name: Name::parse(name)?,
        expression: expression.to_owned(),
        effect: Some(Verdict::Review),
        actions: Vec::new(),
        reason: "The measurement asks.".to_owned(),
        payer_words: String::new(),
        mode: Mode::Live,
    })
}

/// A model of 250 trees over every feature, trained on noise: what it says does not matter, what it costs does.
fn model() -> anyhow::Result<Vec<u8>> {
    let catalogue = feature::catalogue();
    let types = catalogue.types().iter();
    let names: Vec<String> = types
        .filter(|fact| fact.kind != risk::fact::Kind::Text)
        .map(|fact| fact.name.clone())
        .collect();
    let mut set = TrainingSet::new(names.clone())?;
    let mut state = 1_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    for number in 0..20_000_i64 {
        let row: Vec<f32> = names.iter().map(|_| draw()).collect();
        let is_fraud = draw() < 0.02 + row[0] * 0.1;
        let example = Example {
            attempted_at: Timestamp(number * 1_000),
            label_known_at: Timestamp(number * 1_000 + 1),
            label: if is_fraud { Label::Fraud } else { Label::Good },
            weight: 1.0,
        };
        set.push(&row, example)?;
    }
    let settings = Settings {
        trees_max: TREES,
        patience: TREES,
        ..Settings::default()
    };
    let known = set.known_at(Timestamp(i64::MAX / 2));
    let trained = train(&known, &settings, 1)?;
    let definitions = Definitions::of(&names, &catalogue, feature::VERSION)?;
    Ok(Artifact::of_training(trained, definitions)?
        .bytes()
        .to_vec())
}
