use super::*;

fn judged(scores: &[(f32, bool)]) -> Vec<Judged> {
    let one = |(place, (score, is_fraud)): (usize, &(f32, bool))| Judged {
        score: *score,
        is_fraud: *is_fraud,
        day: 0,
        payer: Some(place as u64),
        scenario: u32::from(*is_fraud),
    };
    scores.iter().enumerate().map(one).collect()
}

#[test]
fn figures_of_a_small_table_are_those_worked_out_by_hand() {
    let scores = [
        (0.9, true),
        (0.8, false),
        (0.7, true),
        (0.6, false),
        (0.5, false),
    ];
    let figures = figures(&judged(&scores));
    // Pairs: the first fraud beats all three, the second two of three.
    assert_eq!(figures.auc, 5.0 / 6.0);
    assert_eq!(figures.average_precision, (1.0 + 2.0 / 3.0) / 2.0);
    assert_eq!(figures.recall, [0.5; 3]);
    assert_eq!(figures.payer_precision, 2.0 / 5.0);
}

#[test]
fn recall_counts_no_fraud_of_a_group_that_breaks_the_budget() {
    let mut scores = vec![(1.0, true)];
    scores.extend([(0.5, true), (0.5, false), (0.5, false)]);
    scores.extend(vec![(0.1, false); 198]);
    let figures = figures(&judged(&scores));
    // One in 200 may be flagged at 0.5 %, two at 1 %.
    assert_eq!(figures.recall, [0.5, 0.5, 1.0]);
}

#[test]
fn equal_scores_tell_nothing_apart() {
    let scores: Vec<(f32, bool)> = (0..100).map(|i| (0.5, i % 10 == 0)).collect();
    let figures = figures(&judged(&scores));
    assert_eq!(figures.auc, 0.5);
    assert_eq!(figures.average_precision, 0.1);
    assert_eq!(figures.recall, [0.0; 3]);
}

#[test]
fn a_payer_counts_once_a_day() {
    let mut rows = judged(&[(0.9, true), (0.8, false), (0.7, false)]);
    for row in &mut rows {
        row.payer = Some(7);
    }
    rows[2].day = 1;
    assert_eq!(figures(&rows).payer_precision, 0.5);
}

#[test]
fn each_kind_of_fraud_is_held_against_all_good_attempts() {
    let mut rows = judged(&[(0.9, true), (0.5, false), (0.1, true)]);
    rows[2].scenario = 2;
    let by_scenario = by_scenario(&rows);
    assert_eq!(by_scenario[&1].auc, 1.0);
    assert_eq!(by_scenario[&2].auc, 0.0);
}
