use super::*;

const PROMISE: Promise = Promise {
    false_alarm_share: 0.01,
    recall: Some(0.8),
    precision: Some(0.6),
};

/// What a monitor says after attempts of which frauds and good ones just these shares are alarmed.
fn after(recall: f64, false_alarm_share: f64, attempts: usize) -> ResultsReport {
    let mut results = Results::new(PROMISE, 0.5, attempts as u64);
    let (mut frauds_due, mut goods_due) = (0.0, 0.0);
    for attempt in 0..attempts {
        let is_fraud = attempt % 50 == 0;
        let (due, share) = if is_fraud {
            (&mut frauds_due, recall)
        } else {
            (&mut goods_due, false_alarm_share)
        };
        *due += share;
        let is_alarmed = 1.0 <= *due;
        *due -= if is_alarmed { 1.0 } else { 0.0 };
        results.observe(Scored {
            score: if is_alarmed { 0.5 } else { 0.49 },
            is_fraud,
            weight: 1.0,
        });
    }
    results.report()
}

#[test]
fn results_as_promised_are_fine() {
    let report = after(0.8, 0.01, 50_000);
    assert_eq!(report.standing(), Standing::Fine, "{report:?}");
    assert_eq!(report.rows, 50_000);
    assert!((report.recall.realised.unwrap() - 0.8).abs() < 0.03);
}

#[test]
fn more_or_fewer_false_alarms_than_the_budget_are_seen() {
    assert_eq!(
        after(0.8, 0.012, 50_000).false_alarms.standing,
        Standing::Watch
    );
    assert_eq!(
        after(0.8, 0.015, 50_000).false_alarms.standing,
        Standing::Alarm
    );
    assert_eq!(
        after(0.8, 0.005, 50_000).false_alarms.standing,
        Standing::Alarm
    );
}

#[test]
fn a_loss_of_recall_or_precision_is_seen() {
    assert_eq!(after(0.7, 0.01, 50_000).recall.standing, Standing::Watch);
    assert_eq!(after(0.4, 0.01, 50_000).recall.standing, Standing::Alarm);
    assert_eq!(after(0.95, 0.01, 50_000).recall.standing, Standing::Fine);
    assert_eq!(after(0.8, 0.04, 50_000).precision.standing, Standing::Alarm);
}

#[test]
fn few_labels_say_nothing_and_chance_is_no_loss() {
    assert_eq!(after(0.0, 0.5, 40).standing(), Standing::TooFew);
    let few = after(0.72, 0.01, 2_500);
    assert_eq!(few.recall.standing, Standing::Fine, "{few:?}");
    assert_eq!(few.false_alarms.standing, Standing::TooFew);
}

#[test]
fn a_model_without_a_report_promises_the_budget_alone() {
    let promise = Promise::new(&Budget::default(), None);
    let mut results = Results::new(promise, 0.5, 10_000);
    for _ in 0..10_000 {
        results.observe(Scored {
            score: 0.6,
            is_fraud: false,
            weight: 1.0,
        });
    }
    let report = results.report();
    assert_eq!(report.false_alarms.standing, Standing::Alarm);
    assert_eq!(report.recall.standing, Standing::TooFew);
}
