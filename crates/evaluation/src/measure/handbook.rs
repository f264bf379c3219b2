//! The handbook's stream, against LightGBM on the handbook's own 15 features in the same run.

use std::path::Path;

use ids::time::{Span, Timestamp};
use risk::entity::EntityHasher;
use risk::metrics::{FALSE_ALARM_SHARES, Figures, Judged, by_scenario, figures};
use risk::stream::StreamEvent;
use risk::verdict::Verdict as Level;

use super::{MeasureError, Put, run_peer, run_settings};
use crate::handbook::{Handbook, Payment, START, simulate};
use crate::run::{Periods, Run, run};

const BASELINE: &str = include_str!("../../peers/baseline.py");

/// Days of the stream.
pub(super) const TRAIN_FROM: i64 = 82;
pub(super) const TRAIN_UNTIL: i64 = 122;
pub(super) const TEST_FROM: i64 = 129;
const TEST_UNTIL: i64 = 183;

pub(super) fn day(number: i64) -> Timestamp {
    START.plus(Span::DAY.times(number))
}

pub(super) fn periods(delay_days: i64) -> Periods {
    Periods {
        train_from: day(TRAIN_FROM),
        train_until: day(TRAIN_UNTIL),
        test_from: day(TEST_FROM),
        test_until: day(TEST_UNTIL),
        label_delay: Span::DAY.times(delay_days),
        retrain_every: None,
    }
}

pub(super) fn play(payments: &[Payment], periods: &Periods) -> Result<Run, MeasureError> {
    let hasher = EntityHasher::new([1, 2]);
    let events: Vec<StreamEvent> = payments.iter().map(|one| one.event(&hasher)).collect();
    let scenario = |place: usize| u32::from(payments[place].scenario);
    Ok(run(events.iter(), scenario, periods, &run_settings())?)
}

pub(super) fn judged(run: &Run) -> Vec<Judged> {
    run.tested.iter().map(|tested| tested.judged).collect()
}

/// One seed with labels 7 days late, and a new model every week as it serves by default: what is found and what the budget
/// comes to while models follow one another.
pub(super) fn measure_retraining(seed: u64, put: Put) -> Result<(), MeasureError> {
    const DELAY_DAYS: i64 = 7;
    let payments = simulate(&Handbook::whole(seed));
    let periods = Periods {
        retrain_every: Some(Span::DAY.times(7)),
        ..periods(DELAY_DAYS)
    };
    let run = play(&payments, &periods)?;
    let name = format!("risk.retraining.seed_{seed}.late_{DELAY_DAYS}d");
    put(
        &format!("{name}.trainings"),
        run.trainings as f64,
        "trainings",
    );
    put_figures(&name, &figures(&judged(&run)), put);
    put_budget(&name, &run, put);
    Ok(())
}

/// One seed, with labels 7 days and 1 day late; the baseline too if there is a Python with LightGBM.
pub(super) fn measure(seed: u64, python: Option<&Path>, put: Put) -> Result<(), MeasureError> {
    let payments = simulate(&Handbook::whole(seed));
    for delay_days in [7, 1] {
        let name = format!("risk.handbook.seed_{seed}.late_{delay_days}d");
        let run = play(&payments, &periods(delay_days))?;
        let judged = judged(&run);
        put(
            &format!("{name}.trees"),
            run.trained.report.trees as f64,
            "trees",
        );
        put_figures(&format!("{name}.ours"), &figures(&judged), put);
        for (scenario, of) in by_scenario(&judged) {
            let name = format!("{name}.ours.kind_{scenario}.recall_at_0.5");
            put(&name, of.recall[1], "share");
        }
        put_budget(&name, &run, put);
        if let Some(python) = python {
            let baseline = baseline(&payments, &judged, delay_days, python)?;
            put_figures(&format!("{name}.lightgbm"), &figures(&baseline), put);
        }
    }
    Ok(())
}

pub(super) fn put_figures(name: &str, figures: &Figures, put: Put) {
    for (share, recall) in FALSE_ALARM_SHARES.iter().zip(figures.recall) {
        put(
            &format!("{name}.recall_at_{}", share * 100.0),
            recall,
            "share",
        );
    }
    put(
        &format!("{name}.average_precision"),
        figures.average_precision,
        "share",
    );
    put(&format!("{name}.auc"), figures.auc, "share");
}

/// The false alarms of the test period, as a part of those that were declared.
fn put_budget(name: &str, run: &Run, put: Put) {
    let budget = &run.trained.report.settings.budget;
    let goods = run.tested.iter().filter(|one| !one.judged.is_fraud);
    let asked: Vec<Level> = goods.map(|one| one.level).collect();
    let levels = [
        ("alarm", budget.alarm_share, Level::Challenge),
        ("review", budget.review_share, Level::Review),
        ("block", budget.block_share, Level::Block),
    ];
    for (level, declared, least) in levels {
        let alarmed = asked.iter().filter(|asked| least <= **asked).count();
        let share = alarmed as f64 / asked.len() as f64;
        put(
            &format!("{name}.budget.{level}.realised"),
            share * 100.0,
            "%",
        );
        let ratio = share / declared;
        put(
            &format!("{name}.budget.{level}.to_declared"),
            ratio,
            "ratio",
        );
    }
}

/// What the baseline says of the payments that were tested, in their order.
fn baseline(
    payments: &[Payment],
    tested: &[Judged],
    delay_days: i64,
    python: &Path,
) -> Result<Vec<Judged>, MeasureError> {
    let directory = tempfile::tempdir()?;
    let (stream, scores) = (
        directory.path().join("stream.csv"),
        directory.path().join("scores"),
    );
    let mut writer = csv::Writer::from_path(&stream)?;
    writer.write_record(["second", "card", "terminal", "amount", "fraud"])?;
    for payment in payments {
        let fraud = i64::from(payment.scenario != 0);
        writer.serialize((
            payment.second,
            payment.card,
            payment.terminal,
            payment.amount_minor,
            fraud,
        ))?;
    }
    writer.flush()?;
    let days = [delay_days, TRAIN_FROM, TRAIN_UNTIL, TEST_FROM].map(|number| number.to_string());
    let mut arguments = vec![stream.display().to_string()];
    arguments.extend(days);
    arguments.push(scores.display().to_string());
    run_peer("LightGBM", python, BASELINE, &arguments)?;
    let text = std::fs::read_to_string(&scores)?;
    let scores: Vec<f32> = text.lines().filter_map(|line| line.parse().ok()).collect();
    if scores.len() != tested.len() {
        return Err(MeasureError::PeerLines {
            peer: "LightGBM",
            wanted: tested.len(),
            found: scores.len(),
        });
    }
    let judge = |(one, score): (&Judged, f32)| Judged { score, ..*one };
    Ok(tested.iter().zip(scores).map(judge).collect())
}
