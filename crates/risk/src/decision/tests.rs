mod properties;

use super::explain::{PayerWords, Warning, lines, payer_words, reasons};
use super::values::{FactValues, Schema};
use super::{
    Absence, Case, Cause, Contribution, Cutoffs, Exploration, Judged, ModelScore, Policy, Record,
    Unjudged, decide,
};
use crate::fact::{Catalogue, FactType, Facts, Kind};
use crate::model::artifact::ModelHash;
use crate::name::Name;
use crate::rule::defaults::SWINDLER_WORDS;
use crate::rule::{Action, Guarded, Mode, Rule};
use crate::rule_set::{Edit, RuleSet};
use crate::verdict::{Score, Verdict};
use Verdict::{Allow, Block, Challenge, Review};
use ids::time::{Span, Timestamp};
use std::cell::Cell;

pub const NOW: Timestamp = Timestamp(1_000);

pub fn schema() -> Schema {
    let fact = |name: &str, kind, unit| FactType {
        name: name.to_owned(),
        kind,
        unit,
        meaning: format!("The meaning of {name}."),
    };
    let types = vec![
        fact("a.n", Kind::Number, "attempts"),
        fact("a.f", Kind::Flag, ""),
        fact("a.t", Kind::Text, ""),
    ];
    Schema::new(Catalogue::new(types)).unwrap()
}

#[derive(Clone, Debug)]
pub struct Sample(pub f32, pub Option<bool>, pub Option<&'static str>);

impl Facts for Sample {
    fn number(&self, index: usize) -> f32 {
        match index {
            0 => self.0,
            1 => self.1.map_or(f32::NAN, |flag| f32::from(u8::from(flag))),
            _ => f32::NAN,
        }
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.2.filter(|_| index == 2)
    }
}

pub fn score(basis_points: u16) -> Score {
    Score::new(basis_points).unwrap()
}

pub fn case() -> Case {
    Case {
        at: NOW,
        amount_minor: 1_000,
        draw: u64::MAX,
        policy: Policy {
            cutoffs: Cutoffs {
                challenge: Some(score(2_000)),
                review: Some(score(5_000)),
                block: Some(score(8_000)),
            },
            appetite_basis_points: 0,
            unjudged: Unjudged {
                small_minor_max: 500,
                small: Allow,
                large: Challenge,
            },
            exploration: Exploration {
                share_basis_points: 100,
                each_minor_max: 2_000,
                left_minor: 10_000,
            },
        },
    }
}

pub fn judged(basis_points: u16) -> Judged {
    Judged {
        answer: Ok(ModelScore {
            model: ModelHash([7; 32]),
            score: score(basis_points),
            at_most: None,
        }),
        challengers: Vec::new(),
    }
}

/// A rule that matches if `a.n` is at least its number.
pub fn rule(name: &str, from: u32, effect: Option<Verdict>, mode: Mode) -> Rule {
    Rule {
        name: Name::parse(name).unwrap(),
        expression: format!("a.n >= {from}"),
        effect,
        actions: match effect {
            Some(_) => Vec::new(),
            None => vec![Action::NotifyOwner],
        },
        reason: format!("The reason of {name}."),
        payer_words: String::new(),
        mode,
    }
}

pub fn rule_set(rules: Vec<Rule>) -> RuleSet {
    rules.into_iter().fold(RuleSet::empty(), |set, rule| {
        let applied = set.apply(&Edit::SaveRule(rule), schema().catalogue(), NOW);
        applied.unwrap()
    })
}

fn facts(number: f32) -> FactValues {
    FactValues::take(&schema(), &Sample(number, Some(true), Some("x")))
}

fn ask(case: Case, number: f32, rules: Vec<Rule>, judged: &Judged) -> Record {
    let contributions = |_: &FactValues| {
        vec![Contribution {
            fact: 0,
            milli: 2_310,
        }]
    };
    decide(case, facts(number), &rule_set(rules), judged, contributions)
}

fn check(number: f32, rules: Vec<Rule>, basis_points: u16, expected: Verdict) {
    let record = ask(case(), number, rules, &judged(basis_points));
    assert_eq!(record.decision.verdict, expected);
    assert!(!record.decision.causes.is_empty());
}

#[test]
fn a_score_means_the_most_severe_cutoff_that_it_reaches() {
    for (basis_points, expected) in [
        (0, Allow),
        (1_999, Allow),
        (2_000, Challenge),
        (4_999, Challenge),
        (5_000, Review),
        (7_999, Review),
        (8_000, Block),
        (10_000, Block),
    ] {
        check(0.0, Vec::new(), basis_points, expected);
    }
    let mut bold = case();
    bold.policy.appetite_basis_points = 3_000;
    let record = ask(bold, 0.0, Vec::new(), &judged(10_000));
    assert_eq!(
        record.decision.verdict, Block,
        "the highest score reaches every cutoff"
    );
    let record = ask(bold, 0.0, Vec::new(), &judged(7_000));
    assert_eq!(record.decision.verdict, Challenge);
    bold.policy.appetite_basis_points = i16::MIN;
    let record = ask(bold, 0.0, Vec::new(), &judged(0));
    assert_eq!(
        record.decision.verdict, Allow,
        "the lowest score reaches none"
    );
    bold.policy.cutoffs = Cutoffs::default();
    let record = ask(bold, 0.0, Vec::new(), &judged(10_000));
    assert_eq!(
        record.decision.verdict, Allow,
        "a cutoff that is not there is never reached"
    );
}

#[test]
fn the_most_severe_of_rules_and_model_counts() {
    let rules = || {
        vec![
            rule("review", 1, Some(Review), Mode::Live),
            rule("block", 2, Some(Block), Mode::Live),
            rule("challenge", 0, Some(Challenge), Mode::Live),
        ]
    };
    check(0.0, rules(), 0, Challenge);
    check(1.0, rules(), 0, Review);
    check(2.0, rules(), 0, Block);
    check(0.0, rules(), 5_000, Review);
    let record = ask(case(), 2.0, rules(), &judged(0));
    assert_eq!(
        record.decision.causes,
        [Cause::Rule(1), Cause::Rule(0), Cause::Rule(2)]
    );
}

#[test]
fn an_allow_rule_ends_the_judging_below_itself() {
    let rules = || {
        vec![
            rule("above", 2, Some(Review), Mode::Live),
            rule("known-good", 1, Some(Allow), Mode::Live),
            rule("below", 0, Some(Block), Mode::Live),
        ]
    };
    check(0.0, rules(), 10_000, Block);
    check(1.0, rules(), 10_000, Allow);
    check(2.0, rules(), 10_000, Review);
    let record = ask(case(), 1.0, rules(), &judged(10_000));
    assert_eq!(record.decision.causes, [Cause::Rule(1)]);
}

#[test]
fn an_attempt_that_the_model_cannot_judge_follows_the_policy() {
    let judged = Judged {
        answer: Err(Absence::ColdProfiles),
        challengers: Vec::new(),
    };
    let record = ask(case(), 0.0, Vec::new(), &judged);
    assert_eq!(record.decision.verdict, Challenge);
    assert_eq!(
        record.decision.causes,
        [Cause::Unjudged(Absence::ColdProfiles)]
    );
    let small = Case {
        amount_minor: 500,
        ..case()
    };
    let record = ask(small, 0.0, Vec::new(), &judged);
    assert_eq!(record.decision.verdict, Allow);
    assert_eq!(
        record.decision.causes,
        [Cause::Unjudged(Absence::ColdProfiles)]
    );
    let rules = vec![rule("good", 0, Some(Allow), Mode::Live)];
    assert_eq!(ask(case(), 0.0, rules, &judged).decision.verdict, Allow);
    let rules = vec![rule("bad", 0, Some(Block), Mode::Live)];
    assert_eq!(ask(case(), 0.0, rules, &judged).decision.verdict, Block);
}

#[test]
fn shadow_rules_change_nothing_and_say_what_they_would() {
    let rules = vec![
        rule("live", 0, Some(Challenge), Mode::Live),
        rule("shadow-block", 0, Some(Block), Mode::Shadow),
        rule("shadow-allow", 0, Some(Allow), Mode::Shadow),
        rule("shadow-act", 0, None, Mode::Shadow),
        rule("off", 0, Some(Block), Mode::Off),
        rule("known-good", 0, Some(Allow), Mode::Live),
        rule("shadow-late", 0, Some(Block), Mode::Shadow),
    ];
    let record = ask(case(), 0.0, rules, &judged(10_000));
    let decision = &record.decision;
    assert_eq!(decision.verdict, Challenge);
    let would: Vec<_> = decision
        .shadows
        .iter()
        .map(|each| (each.rule, each.verdict))
        .collect();
    assert_eq!(
        would,
        [(1, Block), (2, Challenge), (3, Challenge), (6, Challenge)]
    );
    assert!(decision.actions.is_empty());
}

#[test]
fn of_actions_that_last_the_longest_stays() {
    let with = |name: &str, actions: Vec<Action>| Rule {
        actions,
        ..rule(name, 0, None, Mode::Live)
    };
    let raise = |span| Action::RaiseGuard(Guarded::Network, span);
    let rules = vec![
        with(
            "one",
            vec![
                Action::CoolDown(Span::HOUR),
                raise(Span::DAY),
                Action::NotifyOwner,
            ],
        ),
        with(
            "two",
            vec![
                Action::NotifyOwner,
                Action::CoolDown(Span::DAY),
                raise(Span::HOUR),
            ],
        ),
        with(
            "three",
            vec![
                Action::RaiseGuard(Guarded::Terminal, Span::HOUR),
                Action::FreezeVoucher,
            ],
        ),
    ];
    let expected = [
        Action::FreezeVoucher,
        Action::NotifyOwner,
        Action::CoolDown(Span::DAY),
        raise(Span::DAY),
        Action::RaiseGuard(Guarded::Terminal, Span::HOUR),
    ];
    assert_eq!(
        ask(case(), 0.0, rules, &judged(0)).decision.actions,
        expected
    );
}

#[test]
fn a_small_share_of_blocks_that_only_the_model_wants_goes_through() {
    let drawn = Case { draw: 0, ..case() };
    let record = ask(drawn, 0.0, Vec::new(), &judged(9_000));
    assert_eq!(record.decision.verdict, Allow);
    assert_eq!(record.decision.explored_weight_milli, Some(100_000));
    assert!(record.decision.causes.contains(&Cause::Explored));
    let challenge = vec![rule("r", 0, Some(Challenge), Mode::Live)];
    assert_eq!(
        ask(drawn, 0.0, challenge, &judged(9_000)).decision.verdict,
        Challenge
    );
    let block = vec![rule("r", 0, Some(Block), Mode::Live)];
    assert_eq!(
        ask(drawn, 0.0, block, &judged(9_000)).decision.verdict,
        Block
    );
    for (amount_minor, left_minor) in [(2_001, 10_000), (1_000, 999)] {
        let mut dear = Case {
            amount_minor,
            ..drawn
        };
        dear.policy.exploration.left_minor = left_minor;
        assert_eq!(
            ask(dear, 0.0, Vec::new(), &judged(9_000)).decision.verdict,
            Block
        );
    }
    let explored = (0..100_000_u128).filter(|number| {
        let case = Case {
            draw: u64::try_from(((2 * number + 1) << 63) / 100_000).unwrap(),
            ..case()
        };
        ask_quickly(case).decision.explored_weight_milli.is_some()
    });
    assert_eq!(explored.count(), 1_000, "one in a hundred");
}

fn ask_quickly(case: Case) -> Record {
    decide(
        case,
        facts_cached(),
        &RuleSet::empty(),
        &judged(9_000),
        |_| Vec::new(),
    )
}

fn facts_cached() -> FactValues {
    static FACTS: std::sync::OnceLock<FactValues> = std::sync::OnceLock::new();
    FACTS.get_or_init(|| facts(0.0)).clone()
}

#[test]
fn contributions_are_asked_only_when_the_model_wants_more_than_to_allow() {
    for (basis_points, expected) in [(0, false), (2_000, true)] {
        let is_asked = Cell::new(false);
        let rules = rule_set(vec![rule("block", 0, Some(Block), Mode::Live)]);
        decide(case(), facts(0.0), &rules, &judged(basis_points), |_| {
            is_asked.set(true);
            Vec::new()
        });
        assert_eq!(is_asked.get(), expected);
    }
}

#[test]
fn a_decision_is_told_in_plain_words() {
    let mut judged = judged(9_731);
    let answer = ModelScore {
        model: ModelHash([0xab; 32]),
        score: score(150),
        at_most: Some(Allow),
    };
    judged.challengers.push(answer);
    let mut blocking = rule("wrong-pins", 5, Some(Block), Mode::Live);
    blocking.actions = vec![Action::CoolDown(Span::HOUR)];
    let unknown = Rule {
        expression: "a.f && a.n / (a.n - 7) > 2".to_owned(),
        ..rule("odd", 0, Some(Block), Mode::Live)
    };
    let rules = vec![
        blocking,
        unknown,
        rule("tried", 6, Some(Review), Mode::Shadow),
    ];
    let record = ask(case(), 7.0, rules.clone(), &judged);
    let expected = "\
block; score 97.31 % by model 070707070707
because rule:wrong-pins: The reason of wrong-pins.
because model: The model found the attempt suspicious enough to block.
because fact:a.n: 7 attempts, which raised the score by 2.310. The meaning of a.n.
action: wait 1 hours before the voucher is spent
not judged: rule odd, as a calculation has no result
shadow: with rule tried the verdict would be block
challenger abababababab: score 1.50 %, the verdict would be block
decided by rule set 3";
    assert_eq!(
        lines(&record, &schema(), &rule_set(rules.clone())).join("\n"),
        expected
    );
    let reasons = reasons(&record, &schema(), &rule_set(rules.clone()));
    assert_eq!(reasons[2].contribution_milli, Some(2_310));
    assert_eq!(
        payer_words(&record, &rule_set(rules)),
        PayerWords::default()
    );
}

#[test]
fn payers_read_the_words_of_every_live_rule_that_matched_once() {
    let speaking = |name: &str, words: &str| Rule {
        payer_words: words.to_owned(),
        ..rule(name, 1, Some(Review), Mode::Live)
    };
    let quiet = Rule {
        mode: Mode::Shadow,
        ..speaking("tried", "From the shadow.")
    };
    let absent = Rule {
        expression: "a.n >= 100".to_owned(),
        ..speaking("absent", "Not matched.")
    };
    let acting = Rule {
        effect: None,
        actions: vec![Action::NotifyOwner],
        ..speaking("acting", "Frag uns.")
    };
    let judged = judged(1);
    let told = |rules: Vec<Rule>| {
        let record = ask(case(), 7.0, rules.clone(), &judged);
        payer_words(&record, &rule_set(rules))
    };
    let lines = ["Call us.", "Frag uns."].map(str::to_owned).to_vec();
    let rules = vec![
        speaking("first", "Call us."),
        quiet,
        absent,
        acting,
        speaking("again", "Call us."),
    ];
    assert_eq!(
        told(rules),
        PayerWords {
            warning: Warning::None,
            lines
        }
    );
    let warned = PayerWords {
        warning: Warning::Swindlers,
        lines: Vec::new(),
    };
    assert_eq!(told(vec![speaking("shipped", SWINDLER_WORDS)]), warned);
    let acting = Rule {
        actions: vec![Action::WarnPayer],
        ..rule("warning", 1, Some(Review), Mode::Live)
    };
    assert_eq!(told(vec![acting]), warned);
}

#[test]
fn the_model_asks_for_the_milder_of_costs_and_budget() {
    for (basis_points, at_most, expected) in [
        (9_731, None, Block),
        (9_731, Some(Block), Block),
        (9_731, Some(Challenge), Challenge),
        (9_731, Some(Allow), Allow),
        (1, Some(Block), Allow),
    ] {
        let mut judged = judged(basis_points);
        if let Ok(answer) = &mut judged.answer {
            answer.at_most = at_most;
        }
        let record = ask(case(), 0.0, Vec::new(), &judged);
        assert_eq!(
            record.decision.verdict, expected,
            "{basis_points} {at_most:?}"
        );
        assert_eq!(Record::decode(&record.encode()), Ok(record));
    }
}

#[test]
fn a_record_of_the_first_form_is_still_read() {
    let judged = Judged {
        answer: Err(Absence::NoModel),
        challengers: Vec::new(),
    };
    let record = ask(case(), 7.0, Vec::new(), &judged);
    let mut bytes = record.encode();
    assert_eq!(bytes[0], 2);
    // Without an answer of a model both forms are the same.
    bytes[0] = 1;
    assert_eq!(Record::decode(&bytes), Ok(record));
    bytes[0] = 3;
    assert!(Record::decode(&bytes).is_err());
}
