//! Streams of simulators that none of us made, with labels one day late.

use std::fs;
use std::path::{Path, PathBuf};

use ids::time::{Span, Timestamp};

use super::handbook::put_figures;
use super::{MeasureError, Put, run_peer};
use crate::evaluate::{Request, evaluate};

const STREAMS: &str = include_str!("../../peers/streams.py");
/// What a simulator calls good payments that look like fraud.
const HARD_NEGATIVE: &str = "hard negative";
/// Of good payments, the share that may be flagged when hard negatives are counted.
const FLAGGED_SHARE: f64 = 0.01;

/// A simulator, and where its days begin.
struct Simulator {
    name: &'static str,
    mapping: &'static str,
    start: Timestamp,
    /// Days of the stream.
    train_from: i64,
    train_until: i64,
    test_from: i64,
}

const SIMULATORS: [Simulator; 2] = [
    Simulator {
        name: "synccfd",
        mapping: r#"
            id = "TRANSACTION_ID"
            time = "TX_DATETIME"
            amount = "TX_AMOUNT"
            payer = "CUSTOMER_ID"
            payee = "TERMINAL_ID"
            label = "TX_FRAUD"
            scenario = "TX_FRAUD_SCENARIO"
            home = ["TX_BILL_LAT", "TX_BILL_LONG"]
            payee_place = ["TX_TERM_LAT", "TX_TERM_LONG"]
            place = ["TX_SHIPP_LAT", "TX_SHIPP_LONG"]
            categories = ["TX_TYPE"]
        "#,
        // 2025-01-01
        start: Timestamp(1_735_689_600_000),
        train_from: 30,
        train_until: 80,
        test_from: 81,
    },
    Simulator {
        name: "fraudtwin",
        mapping: r#"
            id = "id"
            time = "at"
            amount = "amount"
            payer = "payer"
            payee = "payee"
            device = "device"
            declined = "declined"
            label = "fraud"
            scenario = "kind"
            categories = ["rail"]
        "#,
        // 2026-01-01
        start: Timestamp(1_767_225_600_000),
        train_from: 5,
        train_until: 39,
        test_from: 40,
    },
];

/// Both simulators with one seed. A simulator that refuses the seed, as `fraudtwin` does some, is left out, and the figures
/// say so.
pub(super) fn measure(seed: u64, python: &Path, put: Put) -> Result<(), MeasureError> {
    for simulator in &SIMULATORS {
        match simulator.measure(seed, python, put) {
            Err(MeasureError::Peer { .. }) => {
                let name = format!("risk.{}.seed_{seed}.refused", simulator.name);
                put(&name, 1.0, "streams");
            }
            measured => measured?,
        }
    }
    Ok(())
}

impl Simulator {
    fn measure(&self, seed: u64, python: &Path, put: Put) -> Result<(), MeasureError> {
        let directory = tempfile::tempdir()?;
        let events = directory.path().join("stream.csv");
        let arguments = [
            self.name.to_owned(),
            events.display().to_string(),
            seed.to_string(),
        ];
        run_peer(self.name, python, STREAMS, &arguments)?;
        let mapping = directory.path().join("mapping.toml");
        fs::write(&mapping, self.mapping)?;
        let request = self.request(events, mapping, directory.path().join("scores.csv"));
        let evaluation = evaluate(&request)?;
        let name = format!("risk.{}.seed_{seed}", self.name);
        put(
            &format!("{name}.payments"),
            evaluation.payments as f64,
            "payments",
        );
        put(
            &format!("{name}.tested"),
            evaluation.figures.attempts as f64,
            "payments",
        );
        put(
            &format!("{name}.frauds"),
            evaluation.figures.frauds as f64,
            "payments",
        );
        put_figures(&name, &evaluation.figures, put);
        for (kind, figures) in &evaluation.scenarios {
            let name = format!("{name}.kind_{kind}.recall_at_0.5");
            put(&name, figures.recall[1], "share");
        }
        let rows = read_scores(&request)?;
        let hard = rows.iter().filter(|row| row.kind == HARD_NEGATIVE).count();
        if 0 < hard {
            put(&format!("{name}.hard_negatives"), hard as f64, "payments");
            let share = flagged_hard_negatives(&rows);
            put(
                &format!("{name}.hard_negatives.flagged_at_1"),
                share,
                "share",
            );
        }
        Ok(())
    }

    fn request(&self, events: PathBuf, mapping: PathBuf, scores: PathBuf) -> Request {
        let day = |number: i64| self.start.plus(Span::DAY.times(number));
        Request {
            events,
            mapping,
            train_from: Some(day(self.train_from)),
            train_until: day(self.train_until),
            test_from: day(self.test_from),
            test_until: None,
            label_delay: Span::DAY,
            scores,
            threads: 2,
            seed: 1,
        }
    }
}

/// A line of the scores.
#[derive(serde::Deserialize)]
struct Row {
    /// Its row in the stream, counted from 1 without the header.
    row: usize,
    score: f32,
    fraud: u8,
    /// As the stream names it, for good payments too.
    #[serde(skip)]
    kind: String,
}

/// A row of the stream; only `fraudtwin` names kinds of good payments.
#[derive(serde::Deserialize)]
struct Named {
    #[serde(default)]
    kind: String,
}

fn read_scores(request: &Request) -> Result<Vec<Row>, MeasureError> {
    let mut stream = csv::Reader::from_path(&request.events)?;
    let named: Vec<Named> = stream.deserialize().collect::<Result<_, _>>()?;
    let mut scores = csv::Reader::from_path(&request.scores)?;
    let mut rows: Vec<Row> = scores.deserialize().collect::<Result<_, _>>()?;
    for row in &mut rows {
        let of_stream = row.row.checked_sub(1).and_then(|place| named.get(place));
        row.kind = of_stream
            .map(|named| named.kind.clone())
            .unwrap_or_default();
    }
    Ok(rows)
}

/// The share of hard negatives from the lowest threshold on that flags at most one good payment in a hundred.
fn flagged_hard_negatives(rows: &[Row]) -> f64 {
    let mut goods: Vec<&Row> = rows.iter().filter(|row| row.fraud == 0).collect();
    goods.sort_by(|one, other| other.score.total_cmp(&one.score));
    let allowed = (goods.len() as f64 * FLAGGED_SHARE) as usize;
    // Those that share the score of the first that may not be flagged cannot be flagged either.
    let limit = goods
        .get(allowed)
        .map_or(f32::NEG_INFINITY, |row| row.score);
    let is_hard = |row: &&&Row| row.kind == HARD_NEGATIVE;
    let hard = goods.iter().filter(is_hard).count();
    let flagged = goods.iter().filter(|row| limit < row.score);
    flagged.filter(is_hard).count() as f64 / hard as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_negatives_are_counted_above_the_limit_that_all_good_payments_set() {
        let row = |score: f32, kind: &str| Row {
            row: 1,
            score,
            fraud: u8::from(kind == "fraud"),
            kind: kind.to_owned(),
        };
        // Of 200 good payments two may be flagged; frauds take no room.
        let mut rows = vec![
            row(0.9, HARD_NEGATIVE),
            row(0.8, ""),
            row(0.7, HARD_NEGATIVE),
        ];
        rows.extend((0..197).map(|_| row(0.1, "")));
        rows.extend((0..50).map(|_| row(0.95, "fraud")));
        assert_eq!(flagged_hard_negatives(&rows), 0.5);
        // The third shares its score with the second: neither can be flagged without the other.
        rows[1].score = 0.7;
        rows[0].kind = String::new();
        assert_eq!(flagged_hard_negatives(&rows), 0.0);
    }
}
