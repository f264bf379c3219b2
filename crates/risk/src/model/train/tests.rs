use super::*;
use crate::model::data::{Example, TrainingSet};
use crate::model::settings::Imbalance;
use crate::model::stream::{self, Dice, quick_settings, training_set};
use crate::model::threshold::Budget;
use ids::time::Span;

fn settings(algorithm: Algorithm) -> Settings {
    Settings {
        algorithm,
        ..quick_settings()
    }
}

fn later(rows: usize, seed: u64, model: &dyn Model) -> Ranking {
    let set = training_set(rows, seed);
    let score = |row| Scored {
        score: model.score(set.values(row)),
        is_fraud: set.example(row).label == Label::Fraud,
        weight: 1.0,
    };
    Ranking::new((0..rows).map(score).collect())
}

/// The order of the true probabilities.
fn best(rows: usize, seed: u64) -> Ranking {
    let set = training_set(rows, seed);
    let score = |row| Scored {
        score: stream::fraud_share(set.values(row)) as f32,
        is_fraud: set.example(row).label == Label::Fraud,
        weight: 1.0,
    };
    Ranking::new((0..rows).map(score).collect())
}

#[test]
fn either_crate_learns_nearly_all_there_is_to_learn() {
    let set = training_set(24_000, 1);
    let best = best(8_000, 2).auc().unwrap();
    for algorithm in [Algorithm::Hessboost, Algorithm::Forust] {
        let trained = train(&set.known_at(Timestamp::NEVER), &settings(algorithm), 5).unwrap();
        let auc = later(8_000, 2, trained.model.as_ref()).auc().unwrap();
        assert!(best - 0.02 < auc, "{algorithm:?}: {auc} of {best}");
        let report = &trained.report;
        assert!((report.quality.auc.unwrap() - best).abs() < 0.04);
        // The last feature is the same in all rows; the first says most.
        assert_eq!(report.importance[7], 0.0);
        assert!((1..8).all(|other| report.importance[other] < report.importance[0]));
        assert!((report.importance.iter().sum::<f64>() - 1.0).abs() < 1e-4);
        for row in &report.calibration {
            assert!(
                (row.mean_probability - row.fraud_share).abs() < 0.1,
                "{row:?}"
            );
        }
    }
}

#[test]
fn the_same_rows_and_seed_give_the_same_bytes_on_any_number_of_threads() {
    let set = training_set(6_000, 1);
    for algorithm in [Algorithm::Hessboost, Algorithm::Forust] {
        let bytes = |seed, threads| {
            let settings = Settings {
                threads,
                ..settings(algorithm)
            };
            train(&set.known_at(Timestamp::NEVER), &settings, seed)
                .unwrap()
                .trees
        };
        let threads = if algorithm == Algorithm::Hessboost {
            2
        } else {
            1
        };
        assert!(bytes(5, 1) == bytes(5, threads), "{algorithm:?}");
        assert!(bytes(5, 1) != bytes(6, 1), "{algorithm:?}");
    }
}

#[test]
fn rows_that_become_known_later_change_nothing() {
    let moment = Timestamp(0).plus(Span::DAY.times(5));
    let set = training_set(8_000, 1);
    let mut other = TrainingSet::new(stream::feature_names()).unwrap();
    for row in 0..set.rows() {
        let example = *set.example(row);
        let is_known = example.label_known_at <= moment;
        let label = match example.label {
            label if is_known => label,
            Label::Fraud => Label::Good,
            Label::Good => Label::Fraud,
        };
        let values: Vec<f32> = set
            .values(row)
            .iter()
            .map(|value| if is_known { *value } else { 9.0 })
            .collect();
        other.push(&values, Example { label, ..example }).unwrap();
    }
    let settings = settings(Algorithm::Hessboost);
    let one = train(&set.known_at(moment), &settings, 5).unwrap();
    let other = train(&other.known_at(moment), &settings, 5).unwrap();
    assert!(one.trees == other.trees);
    assert_eq!(one.report, other.report);
    assert_eq!(one.report.unknown, 8_000 - (3 * 24 * 60 + 1));
    assert_eq!(one.report.trained_at_ms, moment.0);
}

#[test]
fn judged_trees_know_nothing_of_the_time_in_which_they_are_judged() {
    let set = training_set(12_000, 1);
    let trained = train(
        &set.known_at(Timestamp::NEVER),
        &settings(Algorithm::Hessboost),
        5,
    )
    .unwrap();
    let Report {
        known,
        grown,
        judged,
        ..
    } = trained.report;
    assert_eq!(known.rows, 12_000);
    assert_eq!(judged.rows, 2_400);
    // Labels take two days: that long before the first judge no row could be used.
    let gap = judged.first_attempt_ms - grown.last_attempt_ms;
    assert_eq!(gap, Span::DAY.times(2).0);
}

#[test]
fn shuffled_labels_teach_nothing() {
    let set = training_set(12_000, 1);
    let mut shuffled = TrainingSet::new(stream::feature_names()).unwrap();
    let mut dice = Dice(9);
    for row in 0..set.rows() {
        let label = set.example(dice.below(set.rows())).label;
        shuffled
            .push(
                set.values(row),
                Example {
                    label,
                    ..*set.example(row)
                },
            )
            .unwrap();
    }
    let settings = settings(Algorithm::Hessboost);
    let trained = train(&shuffled.known_at(Timestamp::NEVER), &settings, 5).unwrap();
    let auc = later(8_000, 2, trained.model.as_ref()).auc().unwrap();
    assert!((0.4..0.6).contains(&auc), "{auc}");
}

#[test]
fn the_budget_of_false_alarms_holds_on_later_attempts() {
    let set = training_set(40_000, 1);
    let budget = Budget {
        alarm_share: 0.01,
        review_share: 0.005,
        block_share: 0.002,
    };
    for last in [LastRows::JudgeOnly, LastRows::GrowAgain] {
        let settings = Settings {
            budget,
            last,
            ..settings(Algorithm::Hessboost)
        };
        let trained = train(&set.known_at(Timestamp::NEVER), &settings, 5).unwrap();
        let ranking = later(40_000, 2, trained.model.as_ref());
        let realised = ranking
            .false_alarm_share(trained.thresholds.challenge)
            .unwrap();
        assert!((0.007..0.013).contains(&realised), "{last:?}: {realised}");
    }
}

#[test]
fn every_way_to_weigh_frauds_ends_in_probabilities_that_hold() {
    let set = training_set(24_000, 1);
    for imbalance in [Imbalance::Plain, Imbalance::SquareRoot, Imbalance::Balanced] {
        let settings = Settings {
            imbalance,
            good_rows_max: 6_000,
            ..settings(Algorithm::Hessboost)
        };
        let trained = train(&set.known_at(Timestamp::NEVER), &settings, 5).unwrap();
        let test = training_set(24_000, 2);
        let said: f64 = (0..test.rows())
            .map(|row| {
                trained
                    .calibration
                    .apply(trained.model.score(test.values(row)))
            })
            .sum();
        let truth: f64 = (0..test.rows())
            .map(|row| stream::fraud_share(test.values(row)))
            .sum();
        assert!(
            (0.85..1.15).contains(&(said / truth)),
            "{imbalance:?}: {said} for {truth}"
        );
    }
}

/// Of what would have been blocked, one in ten was let through and counts ten times. Without, good attempts among them
/// would be missing when thresholds are set.
#[test]
fn weights_give_back_what_blocking_took_away() {
    let full = training_set(40_000, 1);
    let mut blocked = TrainingSet::new(stream::feature_names()).unwrap();
    let mut weighted = TrainingSet::new(stream::feature_names()).unwrap();
    let mut dice = Dice(4);
    for row in 0..full.rows() {
        let example = *full.example(row);
        let is_blocked = 0.3 < stream::fraud_share(full.values(row));
        let weight = if is_blocked { 10.0 } else { 1.0 };
        if !is_blocked || dice.share() < 0.1 {
            weighted
                .push(full.values(row), Example { weight, ..example })
                .unwrap();
            blocked.push(full.values(row), example).unwrap();
        }
    }
    let settings = Settings {
        budget: Budget {
            alarm_share: 0.02,
            ..Budget::default()
        },
        ..settings(Algorithm::Hessboost)
    };
    let realised = |set: &TrainingSet| {
        let trained = train(&set.known_at(Timestamp::NEVER), &settings, 5).unwrap();
        let ranking = later(40_000, 2, trained.model.as_ref());
        ranking
            .false_alarm_share(trained.thresholds.challenge)
            .unwrap()
    };
    let (blocked, weighted) = (realised(&blocked), realised(&weighted));
    assert!(0.03 < blocked, "{blocked}");
    assert!((0.014..0.026).contains(&weighted), "{weighted}");
}

/// By the newest fifth alone, about forty good attempts would decide where the threshold of the block lies.
#[test]
fn thresholds_keep_small_budgets_on_what_comes_later() {
    let budget = Budget::default();
    for seed in 1..=2 {
        let set = training_set(40_000, seed);
        let settings = settings(Algorithm::Hessboost);
        let trained = train(&set.known_at(Timestamp::NEVER), &settings, 5).unwrap();
        let later = later(80_000, 10 + seed, trained.model.as_ref());
        for (share, threshold) in [
            (budget.alarm_share, trained.thresholds.challenge),
            (budget.block_share, trained.thresholds.block),
        ] {
            let realised = later.false_alarm_share(threshold).unwrap() / share;
            assert!(
                (0.7..1.3).contains(&realised),
                "{realised} of {share}, seed {seed}"
            );
        }
    }
}

#[test]
fn too_few_rows_are_refused_with_their_number() {
    let set = training_set(60, 1);
    let refused = train(&set.known_at(Timestamp::NEVER), &quick_settings(), 5).err();
    assert!(
        matches!(refused, Some(TrainingRefusal::TooFewExamples { .. })),
        "{refused:?}"
    );
    let empty = TrainingSet::new(stream::feature_names()).unwrap();
    let refused = train(&empty.known_at(Timestamp::NEVER), &quick_settings(), 5).err();
    let nothing = TrainingRefusal::TooFewExamples {
        frauds: 0,
        goods: 0,
    };
    assert_eq!(refused, Some(nothing));
    let settings = Settings {
        learning_rate: 0.0,
        ..quick_settings()
    };
    let refused = train(&set.known_at(Timestamp::NEVER), &settings, 5).err();
    assert!(matches!(refused, Some(TrainingRefusal::Setting(_))));
}

#[test]
fn features_of_which_nothing_is_known_do_not_stop_a_training() {
    let known = training_set(6_000, 1);
    let mut set = TrainingSet::new(stream::feature_names()).unwrap();
    for row in 0..known.rows() {
        let mut values = known.values(row).to_vec();
        values[5] = f32::NAN;
        set.push(&values, *known.example(row)).unwrap();
    }
    for algorithm in [Algorithm::Hessboost, Algorithm::Forust] {
        let trained = train(&set.known_at(Timestamp::NEVER), &settings(algorithm), 5).unwrap();
        assert!(0.8 < trained.report.quality.auc.unwrap(), "{algorithm:?}");
        assert_eq!(trained.report.importance[5], 0.0);
    }
}

#[test]
fn late_frauds_teach_and_do_not_judge() {
    let whole = training_set(4_000, 3);
    let moment = whole.example(3_999).label_known_at;
    let until = whole.example(2_999).attempted_at;
    let mut early = TrainingSet::new(stream::feature_names()).unwrap();
    let mut lopsided = TrainingSet::new(stream::feature_names()).unwrap();
    lopsided.judge_until(until);
    for row in 0..whole.rows() {
        let example = Example {
            label_known_at: whole.example(row).attempted_at,
            ..*whole.example(row)
        };
        if example.attempted_at <= until {
            early.push(whole.values(row), example).unwrap();
        }
        if example.attempted_at <= until || example.label == Label::Fraud {
            lopsided.push(whole.values(row), example).unwrap();
        }
    }
    assert!(early.rows() + 20 < lopsided.rows());
    let of_early = train(&early.known_at(moment), &quick_settings(), 5).unwrap();
    let of_all = train(&lopsided.known_at(moment), &quick_settings(), 5).unwrap();
    assert_eq!(of_early.report.judged, of_all.report.judged);
    // Thresholds rest on trees that learn from all rows; how the judges are ranked does not.
    let ranked = |trained: &Trained| {
        let quality = trained.report.quality;
        (
            quality.auc,
            quality.average_precision,
            quality.recall_at_1_percent,
        )
    };
    assert_eq!(ranked(&of_early), ranked(&of_all));
    assert_eq!(of_early.calibration, of_all.calibration);
    assert_ne!(
        of_early.trees, of_all.trees,
        "the late frauds were learnt from"
    );
}
