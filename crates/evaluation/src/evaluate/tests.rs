use std::fmt::Write as _;

use super::*;
use crate::handbook::{Handbook, Payment, START, simulate};

const MAPPING: &str = r#"
time = "at"
time_format = "milliseconds"
amount = "amount"
payer = "card"
payee = "terminal"
label = "fraud"
scenario = "kind"
id = "id"
"#;

fn payments() -> Vec<Payment> {
    simulate(&Handbook {
        cards: 250,
        terminals: 400,
        days: 60,
        radius: 5.0,
        cards_stolen_from: 0,
        seed: 5,
    })
}

/// A small stream of the handbook as a file, with other names for cards and terminals, shifted by whole weeks.
fn file(
    payments: &[Payment],
    name: &str,
    weeks: i64,
    label: impl Fn(usize, &Payment) -> bool,
) -> String {
    let mut text = String::from("id,at,amount,card,terminal,fraud,kind\n");
    for (place, payment) in payments.iter().enumerate() {
        let at = START.0 + i64::from(payment.second) * 1_000 + weeks * 7 * Span::DAY.0;
        let minor = payment.amount_minor;
        let (card, terminal) = (payment.card, payment.terminal);
        let fraud = u8::from(label(place, payment));
        let kind = payment.scenario;
        writeln!(
            text,
            "{place},{at},{}.{:02},{name}{card},{name}{terminal},{fraud},kind {kind}",
            minor / 100,
            minor % 100
        )
        .expect("a string takes all");
    }
    text
}

fn scores(text: &str, weeks: i64) -> (Vec<String>, Evaluation) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    fs::write(path("events.csv"), text).expect("written");
    fs::write(path("map.toml"), MAPPING).expect("written");
    let day = |number: i64| START.plus(Span::DAY.times(number + 7 * weeks));
    let request = Request {
        events: path("events.csv"),
        mapping: path("map.toml"),
        train_from: Some(day(10)),
        train_until: day(40),
        test_from: day(43),
        test_until: None,
        label_delay: Span::DAY,
        scores: path("scores.csv"),
        threads: 2,
        seed: 1,
    };
    let evaluation = evaluate(&request).expect("an evaluation");
    let written = fs::read_to_string(request.scores).expect("scores");
    (written.lines().map(str::to_owned).collect(), evaluation)
}

fn truth(_: usize, payment: &Payment) -> bool {
    payment.scenario != 0
}

#[test]
fn frauds_of_a_file_are_found_and_its_kinds_named() {
    let (lines, evaluation) = scores(&file(&payments(), "", 0, truth), 0);
    assert!(evaluation.figures.auc > 0.8, "{evaluation}");
    assert_eq!(lines.len(), evaluation.figures.attempts + 1);
    let names: Vec<&str> = evaluation
        .scenarios
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(names.contains(&"kind 2"), "{names:?}");
    let shown = evaluation.to_string();
    assert!(
        shown.contains("\nrecall at 0.5 % false alarms: "),
        "{shown}"
    );
}

#[test]
fn other_names_other_weeks_and_a_future_cut_off_change_no_score() {
    let payments = payments();
    let (whole, _) = scores(&file(&payments, "", 0, truth), 0);
    let (renamed, _) = scores(&file(&payments, "x-", 0, truth), 0);
    assert!(whole == renamed);
    let (shifted, _) = scores(&file(&payments, "", 31, truth), 31);
    assert!(whole == shifted);
    let cut = payments
        .iter()
        .position(|payment| payment.day() == 55)
        .expect("days");
    let (earlier, _) = scores(&file(&payments[..cut], "", 0, truth), 0);
    assert!(earlier.len() > 1_000 && earlier.len() < whole.len());
    assert!(whole[..earlier.len()] == earlier[..]);
}

#[test]
fn shuffled_labels_leave_nothing_to_learn() {
    let payments = payments();
    let mut chance = crate::chance::Chance::of(6);
    let order = chance.sample(payments.len(), payments.len());
    let label = |place: usize, _: &Payment| payments[order[place]].scenario != 0;
    let (_, evaluation) = scores(&file(&payments, "", 0, label), 0);
    assert!((evaluation.figures.auc - 0.5).abs() < 0.06, "{evaluation}");
}

#[test]
fn periods_out_of_order_are_refused_before_anything_is_read() {
    let request = Request {
        events: "no such file".into(),
        mapping: "no such file".into(),
        train_from: None,
        train_until: START.plus(Span::DAY),
        test_from: START,
        test_until: None,
        label_delay: Span(0),
        scores: "no such file".into(),
        threads: 1,
        seed: 1,
    };
    assert!(matches!(evaluate(&request), Err(EvaluateError::Periods)));
    let negative = Request {
        test_from: START.plus(Span::DAY),
        label_delay: Span(-1),
        ..request
    };
    assert!(matches!(evaluate(&negative), Err(EvaluateError::Delay)));
}
