use super::*;
use crate::model::quality::Scored;
use proptest::prelude::*;

fn costs() -> impl Strategy<Value = Costs> {
    let cost = 0.0f64..5_000.0;
    (
        cost.clone(),
        cost.clone(),
        cost,
        0.1f64..2.0,
        0.0f64..1.0,
        0.0f64..1.0,
    )
        .prop_map(
            |(challenge, review, false_block, missed_per_amount, one, other)| Costs {
                missed_per_amount,
                challenge,
                review,
                false_block,
                challenge_stops: one.min(other),
                review_stops: one.max(other),
            },
        )
}

#[test]
fn a_small_amount_is_let_through_where_a_large_one_is_not() {
    let costs = Costs::default();
    assert_eq!(costs.level(0.02, 500), Verdict::Allow);
    assert_eq!(costs.level(0.02, 10_000), Verdict::Challenge);
    assert_eq!(costs.level(0.3, 10_000), Verdict::Review);
    assert_eq!(costs.level(0.98, 10_000), Verdict::Block);
}

#[test]
fn thresholds_keep_the_shares_of_a_budget() {
    let goods = (0..10_000).map(|at| Scored {
        score: at as f32 / 10_000.0,
        is_fraud: false,
        weight: 1.0,
    });
    let ranking = Ranking::new(goods.collect());
    let budget = Budget {
        alarm_share: 0.01,
        review_share: 0.002,
        block_share: 0.0005,
    };
    let thresholds = Thresholds::within(&budget, &ranking);
    assert!(thresholds.is_ordered());
    let shares = [thresholds.challenge, thresholds.review, thresholds.block]
        .map(|threshold| ranking.false_alarm_share(threshold).unwrap());
    assert_eq!(shares, [0.01, 0.002, 0.0005]);
    assert_eq!(thresholds.level(0.9899), Verdict::Allow);
    assert_eq!(thresholds.level(0.9901), Verdict::Challenge);
    assert_eq!(thresholds.level(0.9985), Verdict::Review);
    assert_eq!(thresholds.level(1.0), Verdict::Block);
}

#[test]
fn budgets_and_costs_that_make_no_sense_are_refused() {
    let budget = Budget::default();
    let refused = [
        Budget {
            alarm_share: 0.0,
            ..budget
        },
        Budget {
            alarm_share: 0.6,
            ..budget
        },
        Budget {
            alarm_share: f64::NAN,
            ..budget
        },
        Budget {
            review_share: 0.1,
            ..budget
        },
        Budget {
            block_share: 0.1,
            ..budget
        },
    ];
    assert!(refused.iter().all(|budget| budget.check().is_err()));
    assert_eq!(budget.check(), Ok(()));
    let costs = Costs::default();
    let refused = [
        Costs {
            challenge: -1.0,
            ..costs
        },
        Costs {
            missed_per_amount: f64::INFINITY,
            ..costs
        },
        Costs {
            review_stops: 0.5,
            ..costs
        },
        Costs {
            challenge_stops: f64::NAN,
            ..costs
        },
    ];
    assert!(refused.iter().all(|costs| costs.check().is_err()));
    assert_eq!(costs.check(), Ok(()));
}

proptest! {
    #[test]
    fn a_higher_probability_is_never_answered_more_mildly(
        costs in costs(), amount in 0i64..100_000, one in 0.0f64..1.0, other in 0.0f64..1.0,
    ) {
        let (low, high) = (one.min(other), one.max(other));
        prop_assert!(costs.level(low, amount) <= costs.level(high, amount));
    }

    #[test]
    fn cutoffs_say_what_the_costs_say(costs in costs(), amount in 0i64..100_000, probability in 0.0f64..1.0) {
        let cutoffs = costs.cutoffs(amount);
        prop_assert!(cutoffs.challenge <= cutoffs.review && cutoffs.review <= cutoffs.block);
        let bounds = [cutoffs.challenge, cutoffs.review, cutoffs.block];
        // On the edge itself both answers cost the same.
        prop_assume!(bounds.iter().all(|bound| 1e-9 < (bound - probability).abs()));
        let expected = if cutoffs.block < probability {
            Verdict::Block
        } else if cutoffs.review < probability {
            Verdict::Review
        } else if cutoffs.challenge < probability {
            Verdict::Challenge
        } else {
            Verdict::Allow
        };
        prop_assert_eq!(costs.level(probability, amount), expected);
    }
}
