use super::*;
use proptest::prelude::*;

fn scored(score: f32, is_fraud: bool, weight: f64) -> Scored {
    Scored {
        score,
        is_fraud,
        weight,
    }
}

fn rows() -> impl Strategy<Value = Vec<Scored>> {
    // Few distinct scores, so that ties are common.
    let row = (0u8..12, any::<bool>(), 1u8..5);
    prop::collection::vec(
        row.prop_map(|(score, is_fraud, weight)| {
            scored(f32::from(score) / 12.0, is_fraud, f64::from(weight))
        }),
        1..80,
    )
}

#[test]
fn figures_of_a_ranking_worked_out_by_hand() {
    let ranking = Ranking::new(vec![
        scored(0.9, true, 1.0),
        scored(0.8, false, 1.0),
        scored(0.7, true, 1.0),
        scored(0.2, false, 1.0),
        scored(0.1, false, 2.0),
    ]);
    // Of 2 x 4 pairs the fraud at 0.7 loses one.
    assert_eq!(ranking.auc(), Some(7.0 / 8.0));
    assert_eq!(ranking.average_precision(), Some((1.0 + 2.0 / 3.0) / 2.0));
    assert_eq!(ranking.recall_at(0.0), Some(0.5));
    assert_eq!(ranking.recall_at(0.25), Some(1.0));
    assert_eq!(ranking.threshold_at(0.24), 0.9);
    assert_eq!(ranking.threshold_at(0.25), 0.7);
    assert_eq!(ranking.false_alarm_share(0.7), Some(0.25));
    assert_eq!(ranking.precision_from(0.7), Some(2.0 / 3.0));
    assert_eq!(ranking.recall_from(0.71), Some(0.5));
}

#[test]
fn a_ranking_of_one_kind_says_nothing_of_the_other() {
    let goods = Ranking::new(vec![scored(0.5, false, 1.0)]);
    assert_eq!(goods.auc(), None);
    assert_eq!(goods.average_precision(), None);
    assert_eq!(goods.recall_at(0.5), None);
    assert!(0.5 < goods.threshold_at(0.5));
    let none = Ranking::new(Vec::new());
    assert_eq!(none.false_alarm_share(0.5), None);
    assert_eq!(none.precision_from(0.5), None);
}

proptest! {
    #[test]
    fn auc_is_the_share_of_pairs_in_order(rows in rows()) {
        let (mut right, mut all) = (0.0, 0.0);
        for fraud in rows.iter().filter(|row| row.is_fraud) {
            for good in rows.iter().filter(|row| !row.is_fraud) {
                let weight = fraud.weight * good.weight;
                all += weight;
                right += match fraud.score.total_cmp(&good.score) {
                    std::cmp::Ordering::Greater => weight,
                    std::cmp::Ordering::Equal => weight / 2.0,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        let auc = Ranking::new(rows).auc();
        prop_assert_eq!(auc.is_some(), 0.0 < all);
        if let Some(auc) = auc {
            prop_assert!((auc - right / all).abs() < 1e-12, "{} {}", auc, right / all);
        }
    }

    #[test]
    fn a_threshold_keeps_its_budget_and_a_lower_one_would_not(rows in rows(), share in 0.0f64..1.0) {
        let ranking = Ranking::new(rows.clone());
        let threshold = ranking.threshold_at(share);
        let alarmed = |threshold: f32| -> f64 {
            rows.iter().filter(|row| !row.is_fraud && threshold <= row.score).map(|row| row.weight).sum()
        };
        let goods = alarmed(0.0);
        prop_assert!(alarmed(threshold) <= share * goods);
        let lower = rows.iter().map(|row| row.score).filter(|score| *score < threshold).fold(-1.0, f32::max);
        if 0.0 <= lower {
            prop_assert!(share * goods < alarmed(lower));
        }
        if let Some(share) = ranking.false_alarm_share(threshold) {
            prop_assert_eq!(share, alarmed(threshold) / goods);
        }
    }

    #[test]
    fn a_weight_counts_like_as_many_rows(rows in rows()) {
        let repeated: Vec<Scored> = rows
            .iter()
            .flat_map(|row| vec![scored(row.score, row.is_fraud, 1.0); row.weight as usize])
            .collect();
        let (weighted, repeated) = (Ranking::new(rows), Ranking::new(repeated));
        prop_assert_eq!(weighted.auc(), repeated.auc());
        prop_assert_eq!(weighted.average_precision(), repeated.average_precision());
        prop_assert_eq!(weighted.recall_at(0.1), repeated.recall_at(0.1));
    }
}
