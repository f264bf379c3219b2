//! How a decision is made.

use super::values::FactValues;
use super::{
    Absence, Case, Cause, Challenger, Contribution, Cutoffs, Decision, ModelScore, NotJudged,
    Policy, Record, Shadow, limits,
};
use crate::model::panel::CHALLENGERS_MAX;
use crate::rule::program::{Outcome, Question};
use crate::rule::{Action, CheckedRule, Mode};
use crate::rule_set::RuleSet;
use crate::verdict::{Score, Verdict};
use std::cmp::Reverse;

/// Shares are given in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// What the models say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub answer: Result<ModelScore, Absence>,
    /// Models beside it, at most [`CHALLENGERS_MAX`]; more are left out.
    pub challengers: Vec<ModelScore>,
}

/// Decides about an attempt.
///
/// `contributions` is asked only when the model wants more than to allow, because its answer is dear: the facts that moved
/// the model most, strongest first.
pub fn decide(
    case: Case,
    facts: FactValues,
    rule_set: &RuleSet,
    judged: &Judged,
    contributions: impl FnOnce(&FactValues) -> Vec<Contribution>,
) -> Record {
    let score = judged.answer.ok().map(|answer| answer.score);
    let heard = ask_rules(case, &facts, rule_set, score);
    let rules_say = heard.verdict;
    let model_says = model_verdict(&case, &heard, judged.answer);
    let explored = explored_weight(&case, rules_say, model_says, judged.answer);
    let verdict = match explored {
        Some(_) => rules_say,
        None => rules_say.max(model_says),
    };
    let mut causes = heard.rule_causes();
    if Verdict::Allow < model_says {
        match judged.answer {
            Ok(_) => {
                causes.push(Cause::Model(model_says));
                let strongest = contributions(&facts);
                let strongest = strongest.into_iter().take(limits::FACT_REASONS_MAX);
                causes.extend(strongest.map(Cause::Fact));
            }
            Err(absence) => causes.push(Cause::Unjudged(absence)),
        }
    } else if let (Err(absence), None) = (judged.answer, heard.allowed_at) {
        causes.push(Cause::Unjudged(absence));
    }
    if explored.is_some() {
        causes.push(Cause::Explored);
    }
    if causes.is_empty() {
        causes.push(Cause::Clear);
    }
    let decision = Decision {
        verdict,
        causes,
        challengers: challengers(&case, &heard, judged),
        shadows: heard.shadows(verdict),
        shadow_count: count(heard.shadows.len()),
        not_judged_count: count(heard.not_judged_count),
        not_judged: heard.not_judged,
        actions: heard.actions,
        explored_weight_milli: explored,
    };
    Record {
        case,
        facts,
        rule_set_version: rule_set.version(),
        rule_set_hash: rule_set.hash(),
        answer: judged.answer,
        decision,
    }
}

/// What the rules said.
struct Heard {
    /// The most severe verdict of the live rules that matched.
    verdict: Verdict,
    /// The place of the rule that ended the judging.
    allowed_at: Option<u16>,
    /// Live rules that matched and have an effect or actions.
    matched: Vec<(u16, Option<Verdict>)>,
    shadows: Vec<ShadowMatch>,
    not_judged: Vec<NotJudged>,
    not_judged_count: usize,
    actions: Vec<Action>,
}

/// A shadow rule that matched, and what the live rules above it had said.
struct ShadowMatch {
    rule: u16,
    effect: Option<Verdict>,
    above: Verdict,
    is_heard: bool,
}

fn ask_rules(case: Case, facts: &FactValues, rule_set: &RuleSet, score: Option<Score>) -> Heard {
    let question = Question {
        facts,
        score,
        lists: rule_set.lists(),
        at: case.at,
    };
    let mut heard = Heard {
        verdict: Verdict::Allow,
        allowed_at: None,
        matched: Vec::new(),
        shadows: Vec::new(),
        not_judged: Vec::new(),
        not_judged_count: 0,
        actions: Vec::new(),
    };
    for (place, rule) in (0_u16..).zip(rule_set.rules()) {
        let is_asked = match rule.rule().mode {
            Mode::Live => heard.allowed_at.is_none(),
            Mode::Shadow => true,
            Mode::Off => false,
        };
        if is_asked {
            heard.hear(place, rule, rule.program().ask(&question));
        }
    }
    heard
}

impl Heard {
    fn hear(&mut self, place: u16, rule: &CheckedRule, outcome: Outcome) {
        let effect = rule.rule().effect;
        match (outcome, rule.rule().mode) {
            (Outcome::MatchesNot, _) | (_, Mode::Off) => {}
            (Outcome::NotJudged(unknown), _) => {
                self.not_judged_count += 1;
                if self.not_judged.len() < limits::NOT_JUDGED_MAX {
                    let rule = place;
                    self.not_judged.push(NotJudged { rule, unknown });
                }
            }
            (Outcome::Matches, Mode::Shadow) => self.shadows.push(ShadowMatch {
                rule: place,
                effect,
                above: self.verdict,
                is_heard: self.allowed_at.is_none(),
            }),
            (Outcome::Matches, Mode::Live) => {
                self.matched.push((place, effect));
                rule.rule()
                    .actions
                    .iter()
                    .for_each(|action| self.act(*action));
                match effect {
                    Some(Verdict::Allow) => self.allowed_at = Some(place),
                    Some(effect) => self.verdict = self.verdict.max(effect),
                    None => {}
                }
            }
        }
    }

    /// Adds an action; of two that last, the longer one stays.
    fn act(&mut self, action: Action) {
        let longer =
            |span: &mut ids::time::Span, other: ids::time::Span| *span = (*span).max(other);
        for known in &mut self.actions {
            match (known, action) {
                (Action::CoolDown(span), Action::CoolDown(other)) => return longer(span, other),
                (Action::RaiseGuard(guarded, span), Action::RaiseGuard(also, other))
                    if *guarded == also =>
                {
                    return longer(span, other);
                }
                (known, action) if *known == action => return,
                _ => {}
            }
        }
        self.actions.push(action);
        self.actions.sort_unstable();
    }

    /// The most severe first, in the order of the rules among equals.
    fn rule_causes(&self) -> Vec<Cause> {
        let mut matched = self.matched.clone();
        matched.sort_by_key(|(_, effect)| Reverse(*effect));
        let matched = matched.into_iter().take(limits::RULE_REASONS_MAX);
        matched.map(|(place, _)| Cause::Rule(place)).collect()
    }

    fn shadows(&self, verdict: Verdict) -> Vec<Shadow> {
        let shadows = self.shadows.iter().take(limits::SHADOWS_MAX);
        let would_be = |shadow: &ShadowMatch| match shadow.effect {
            _ if !shadow.is_heard => verdict,
            None => verdict,
            Some(Verdict::Allow) => shadow.above,
            Some(effect) => verdict.max(effect),
        };
        let named = shadows.map(|shadow| Shadow {
            rule: shadow.rule,
            verdict: would_be(shadow),
        });
        named.collect()
    }
}

/// What the model, or the policy in its place, wants; allow if a rule ended the judging.
fn model_verdict(case: &Case, heard: &Heard, answer: Result<ModelScore, Absence>) -> Verdict {
    if heard.allowed_at.is_some() {
        return Verdict::Allow;
    }
    let unjudged = case.policy.unjudged;
    match answer {
        Ok(answer) => {
            let by_costs = case.policy.verdict(answer.score);
            answer
                .at_most
                .map_or(by_costs, |at_most| by_costs.min(at_most))
        }
        Err(_) if case.amount_minor <= unjudged.small_minor_max => unjudged.small,
        Err(_) => unjudged.large,
    }
}

impl Policy {
    /// What a score asks for.
    pub fn verdict(&self, score: Score) -> Verdict {
        let Cutoffs {
            challenge,
            review,
            block,
        } = self.cutoffs;
        let reached = |cutoff: Option<Score>| {
            cutoff.is_some_and(|cutoff| self.shifted(cutoff) <= i32::from(score.basis_points()))
        };
        if reached(block) {
            Verdict::Block
        } else if reached(review) {
            Verdict::Review
        } else if reached(challenge) {
            Verdict::Challenge
        } else {
            Verdict::Allow
        }
    }

    /// A cutoff after the merchant's appetite. The highest score reaches every cutoff, the lowest none.
    fn shifted(&self, cutoff: Score) -> i32 {
        let shifted = i32::from(cutoff.basis_points()) + i32::from(self.appetite_basis_points);
        shifted.clamp(1, i32::from(Score::MAX.basis_points()))
    }
}

/// The weight of an attempt that goes through although the model alone would block it; none if it does not.
fn explored_weight(
    case: &Case,
    rules_say: Verdict,
    model_says: Verdict,
    answer: Result<ModelScore, Absence>,
) -> Option<u32> {
    let exploration = case.policy.exploration;
    let share = u64::from(exploration.share_basis_points).min(WHOLE);
    let is_open = answer.is_ok() && model_says == Verdict::Block && rules_say < Verdict::Block;
    let is_affordable = case.amount_minor <= exploration.each_minor_max.min(exploration.left_minor);
    // The upper half of the draw, as a fraction of its range, against the share: no remainder favours anybody.
    let is_drawn = ((case.draw >> 32) * WHOLE) >> 32 < share;
    let weight_milli = WHOLE * 1_000 / share.max(1);
    (is_open && is_affordable && is_drawn).then(|| u32::try_from(weight_milli).unwrap_or(u32::MAX))
}

fn challengers(case: &Case, heard: &Heard, judged: &Judged) -> Vec<Challenger> {
    let answers = judged.challengers.iter().take(CHALLENGERS_MAX);
    let verdicts = answers.map(|answer| Challenger {
        answer: *answer,
        verdict: heard.verdict.max(model_verdict(case, heard, Ok(*answer))),
    });
    verdicts.collect()
}

fn count(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
