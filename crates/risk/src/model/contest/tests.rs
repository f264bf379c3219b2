use super::*;
use crate::model::artifact::Judged;
use crate::model::panel::Opinion;
use crate::model::stream::Dice;

const RULE: PromotionRule = PromotionRule {
    measure: Measure::AveragePrecision,
    gain_min: 0.05,
    labelled_min: 1_000,
    frauds_min: 50,
    window: Span::DAY,
};

fn model(number: u8) -> ModelHash {
    ModelHash([number; 32])
}

fn verdict(number: u8, score: f64) -> Opinion {
    let score = score as f32;
    Opinion {
        model: model(number),
        judged: Judged {
            score,
            probability: f64::from(score),
        },
        level: None,
    }
}

fn opinions(champion: Opinion, challengers: &[Opinion]) -> Opinions {
    let mut seats = [None; CHALLENGERS_MAX];
    for (seat, verdict) in seats.iter_mut().zip(challengers) {
        *seat = Some(*verdict);
    }
    Opinions {
        champion,
        challengers: seats,
    }
}

/// A minute apart: the second model sees frauds better than the first, the third is blind.
fn contest(attempts: i64) -> Contest {
    let mut contest = Contest::new(model(1), &[model(2), model(3)]);
    let mut dice = Dice(1);
    for minute in 0..attempts {
        let is_fraud = minute % 10 == 0;
        let hint = if is_fraud { 0.5 } else { 0.0 };
        let others = [
            verdict(2, dice.share() * 0.4 + hint),
            verdict(3, dice.share()),
        ];
        let opinions = opinions(verdict(1, dice.share() * 0.8 + hint * 0.3), &others);
        let label = if is_fraud { Label::Fraud } else { Label::Good };
        contest.observe(Timestamp(minute * Span::MINUTE.0), &opinions, label, 1.0);
    }
    contest
}

fn at_minute(minute: i64) -> Timestamp {
    Timestamp(minute * Span::MINUTE.0)
}

#[test]
fn the_better_challenger_satisfies_the_rule_and_the_blind_one_does_not() {
    let evidence = contest(1_400).evidence(&RULE, at_minute(1_400));
    assert_eq!(evidence.len(), 2);
    assert_eq!(evidence[0].challenger, model(2));
    assert_eq!(evidence[0].champion, model(1));
    assert_eq!((evidence[0].labelled, evidence[0].frauds), (1_400, 140));
    assert!(evidence[0].satisfies(&RULE), "{evidence:?}");
    assert!(!evidence[1].satisfies(&RULE), "{evidence:?}");
    assert_eq!(evidence[0].challenger_value, 1.0);
    let recall = PromotionRule {
        measure: Measure::RecallAt {
            false_alarm_share: 0.01,
        },
        ..RULE
    };
    let evidence = contest(1_400).evidence(&recall, at_minute(1_400));
    assert!(evidence[0].satisfies(&recall) && !evidence[1].satisfies(&recall));
}

#[test]
fn few_attempts_or_few_frauds_or_little_gain_do_not_satisfy() {
    let evidence = contest(900).evidence(&RULE, at_minute(900))[0];
    assert!(!evidence.satisfies(&RULE));
    let enough = Evidence {
        labelled: 1_000,
        ..evidence
    };
    assert!(enough.satisfies(&RULE));
    assert!(
        !Evidence {
            frauds: 49,
            ..enough
        }
        .satisfies(&RULE)
    );
    let same = Evidence {
        challenger_value: enough.champion_value,
        ..enough
    };
    let lenient = PromotionRule {
        gain_min: 0.0,
        ..RULE
    };
    assert!(enough.satisfies(&lenient) && !same.satisfies(&lenient));
}

#[test]
fn only_the_window_counts() {
    let contest = contest(3_000);
    let evidence = contest.evidence(&RULE, at_minute(3_000))[0];
    assert_eq!(evidence.labelled, 24 * 60 - 1);
    assert!(contest.evidence(&RULE, at_minute(9_000)).is_empty());
}

#[test]
fn attempts_of_another_champion_or_without_the_challenger_are_left_out() {
    let mut contest = Contest::new(model(1), &[model(2)]);
    let other = opinions(verdict(9, 0.5), &[verdict(2, 0.5)]);
    contest.observe(Timestamp(0), &other, Label::Fraud, 1.0);
    let alone = opinions(verdict(1, 0.5), &[verdict(3, 0.5)]);
    contest.observe(Timestamp(0), &alone, Label::Fraud, 1.0);
    assert!(contest.evidence(&RULE, Timestamp(0)).is_empty());
    let both = opinions(verdict(1, 0.5), &[verdict(3, 0.1), verdict(2, 0.5)]);
    contest.observe(Timestamp(0), &both, Label::Fraud, 1.0);
    assert_eq!(contest.evidence(&RULE, Timestamp(0))[0].labelled, 1);
}

#[test]
fn a_contest_is_bounded() {
    let mut contest = Contest::new(model(1), &[model(2)]);
    let both = opinions(verdict(1, 0.5), &[verdict(2, 0.5)]);
    for _ in 0..BOUTS_MAX + 10 {
        contest.observe(Timestamp(0), &both, Label::Fraud, 1.0);
    }
    assert_eq!(contest.bouts.len(), BOUTS_MAX);
}

#[test]
fn rules_that_would_promote_by_chance_are_refused() {
    assert_eq!(RULE.check(), Ok(()));
    let refused = [
        PromotionRule {
            gain_min: -0.1,
            ..RULE
        },
        PromotionRule {
            gain_min: f64::NAN,
            ..RULE
        },
        PromotionRule {
            labelled_min: 5,
            ..RULE
        },
        PromotionRule {
            labelled_min: 1_000_000,
            ..RULE
        },
        PromotionRule {
            frauds_min: 1,
            ..RULE
        },
        PromotionRule {
            frauds_min: 2_000,
            ..RULE
        },
        PromotionRule {
            window: Span(0),
            ..RULE
        },
        PromotionRule {
            measure: Measure::RecallAt {
                false_alarm_share: 0.0,
            },
            ..RULE
        },
    ];
    assert!(refused.iter().all(|rule| rule.check().is_err()));
}
