//! Whatever is decided is kept, read back, and decided again bit for bit.

use super::super::values::FactValues;
use super::super::{
    Absence, Case, Contribution, Difference, Judged, ModelScore, Record, decide, limits, replay,
};
use super::{Sample, case, rule, rule_set, schema, score};
use crate::model::artifact::ModelHash;
use crate::rule::{Mode, Rule};
use crate::rule_set::RuleSet;
use crate::verdict::Verdict;
use proptest::prelude::*;

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let effect = prop::option::weighted(0.9, prop::sample::select(Verdict::ALL.to_vec()));
    let mode = prop::sample::select(Mode::ALL.to_vec());
    let one = (0_u32..6, effect, mode, any::<bool>());
    prop::collection::vec(one, 0..40).prop_map(|rules| {
        let rules = rules.into_iter().enumerate();
        let made = rules.map(|(number, (from, effect, mode, asks_text))| {
            let mut rule = rule(&format!("r{number}"), from, effect, mode);
            if asks_text {
                rule.expression = format!(
                    "{} && a.t == 'x' || a.f && model.score > 5000",
                    rule.expression
                );
            }
            rule
        });
        made.collect()
    })
}

fn answers() -> impl Strategy<Value = Judged> {
    let answer = || {
        let score = (0_u16..=10_000).prop_map(score);
        let at_most = prop::option::of(prop::sample::select(Verdict::ALL.to_vec()));
        (any::<[u8; 32]>(), score, at_most).prop_map(|(model, score, at_most)| ModelScore {
            model: ModelHash(model),
            score,
            at_most,
        })
    };
    let absence = prop::sample::select(Absence::ALL.to_vec());
    let first = prop_oneof![3 => answer().prop_map(Ok), 1 => absence.prop_map(Err)];
    let challengers = prop::collection::vec(answer(), 0..6);
    (first, challengers).prop_map(|(answer, challengers)| Judged {
        answer,
        challengers,
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let policy = (any::<i16>(), 0_u16..=10_000, any::<i64>(), any::<i64>());
    (any::<i64>(), any::<u64>(), policy).prop_map(|(amount_minor, draw, policy)| {
        let mut case = Case {
            amount_minor,
            draw,
            ..case()
        };
        case.policy.appetite_basis_points = policy.0;
        case.policy.exploration.share_basis_points = policy.1;
        case.policy.exploration.each_minor_max = policy.2;
        case.policy.unjudged.small_minor_max = policy.3;
        case
    })
}

fn samples() -> impl Strategy<Value = Sample> {
    let text = prop::sample::select(vec![None, Some("x"), Some("ü")]);
    let number = prop_oneof![any::<f32>(), (0_u8..6).prop_map(f32::from)];
    (number, any::<Option<bool>>(), text)
        .prop_map(|(number, flag, text)| Sample(number, flag, text))
}

fn contributions(facts: &FactValues) -> Vec<Contribution> {
    let numbers = (0_u16..).zip(facts.numbers());
    let known = numbers.filter(|(_, number)| number.is_finite());
    known
        .map(|(fact, number)| Contribution {
            fact,
            milli: *number as i32,
        })
        .collect()
}

fn replayed(record: &Record, rules: &RuleSet, judged: &Judged) -> Result<(), Difference> {
    replay(record, &schema(), rules, |_| judged.clone(), contributions)
}

prop_compose! {
    fn records()(rules in rules(), judged in answers(), case in cases(), sample in samples())
        -> (RuleSet, Judged, Record)
    {
        let rules = rule_set(rules);
        let facts = FactValues::take(&schema(), &sample);
        let record = decide(case, facts, &rules, &judged, contributions);
        (rules, judged, record)
    }
}

proptest! {
    #[test]
    fn a_record_is_read_back_and_decided_again_bit_for_bit((rules, judged, record) in records()) {
        let bytes = record.encode();
        prop_assert!(bytes.len() <= limits::RECORD_BYTES_MAX);
        let decoded = Record::decode(&bytes).unwrap();
        prop_assert_eq!(&decoded, &record);
        prop_assert_eq!(&decoded.encode(), &bytes);
        prop_assert_eq!(replayed(&decoded, &rules, &judged), Ok(()));
        prop_assert!(!record.decision.causes.is_empty());
    }

    #[test]
    fn another_answer_or_another_rule_set_is_noticed((rules, judged, record) in records()) {
        let other = Judged { answer: Err(Absence::NoNumber), ..judged.clone() };
        if other.answer != judged.answer {
            let noticed = replayed(&record, &rules, &other);
            prop_assert!(matches!(noticed, Err(Difference::OtherDecision(_))));
        }
        let mut forged = record.clone();
        forged.rule_set_hash[0] ^= 1;
        prop_assert_eq!(replayed(&forged, &rules, &judged), Err(Difference::OtherRules));
        let mut forged = record.clone();
        forged.rule_set_version += 1;
        let noticed = matches!(replayed(&forged, &rules, &judged), Err(Difference::OtherRuleSet { .. }));
        prop_assert!(noticed);
        let mut forged = record;
        forged.decision.verdict = match forged.decision.verdict {
            Verdict::Allow => Verdict::Block,
            _ => Verdict::Allow,
        };
        prop_assert!(matches!(replayed(&forged, &rules, &judged), Err(Difference::OtherDecision(_))));
    }

    #[test]
    fn damaged_bytes_are_refused_or_are_another_record(
        (_, _, record) in records(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = record.encode();
        let at = at.index(bytes.len());
        prop_assert!(Record::decode(&bytes[..at]).is_err());
        bytes[at] = byte;
        if let Ok(other) = Record::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
    }
}
