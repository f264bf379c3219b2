//! Decisions in words.

use super::values::Schema;
use super::{Absence, Cause, Contribution, Record};
use crate::fact::{Facts, Kind};
use crate::model::artifact::ModelHash;
use crate::rule::program::{Source, Unknown};
use crate::rule::{Action, CheckedRule, Rule, defaults};
use crate::rule_set::RuleSet;
use crate::verdict::{Score, Verdict};
use ids::time::Span;

/// One reason, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `rule:NAME`, `model`, `fact:NAME`, `unjudged:CAUSE`, `explored` or `clear`.
    pub code: String,
    pub words: String,
    /// Thousandths of log-odds by which a fact moved the model.
    pub contribution_milli: Option<i32>,
}

/// Why a decision is what it is, most important first. The rule set is the one that decided.
pub fn reasons(record: &Record, schema: &Schema, rule_set: &RuleSet) -> Vec<Reason> {
    let causes = record.decision.causes.iter();
    causes
        .map(|cause| reason(*cause, record, schema, rule_set))
        .collect()
}

fn reason(cause: Cause, record: &Record, schema: &Schema, rule_set: &RuleSet) -> Reason {
    let (code, words) = match cause {
        Cause::Rule(place) => match rule_at(rule_set, place) {
            Some(rule) => (format!("rule:{}", rule.name), rule.reason.clone()),
            None => (
                format!("rule:{place}"),
                "A rule that is not at hand.".to_owned(),
            ),
        },
        Cause::Model(verdict) => {
            let words = format!(
                "The model found the attempt suspicious enough to {}.",
                verdict.word()
            );
            ("model".to_owned(), words)
        }
        Cause::Fact(contribution) => (
            format!("fact:{}", fact_name(schema, contribution.fact)),
            fact_words(contribution, record, schema),
        ),
        Cause::Unjudged(absence) => (
            format!("unjudged:{}", absence.word()),
            format!(
                "{} The policy for such attempts was followed.",
                absence_words(absence)
            ),
        ),
        Cause::Explored => (
            "explored".to_owned(),
            "It was let through although the model would block it, to learn what happens then."
                .to_owned(),
        ),
        Cause::Clear => ("clear".to_owned(), "Nothing spoke against it.".to_owned()),
    };
    let contribution_milli = match cause {
        Cause::Fact(contribution) => Some(contribution.milli),
        _ => None,
    };
    Reason {
        code,
        words,
        contribution_milli,
    }
}

/// What a payer is told besides the outcome: it tells a guesser nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayerWords {
    pub warning: Warning,
    /// The words of the live rules that matched, each once, in whatever language their author wrote them.
    pub lines: Vec<String>,
}

/// Whether the payer is warned of swindlers, which the pages do in every language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Warning {
    #[default]
    None,
    Swindlers,
}

/// What the payer is told. The shipped words about swindlers are a warning and no line: pages have them in every language,
/// and would show them twice.
pub fn payer_words(record: &Record, rule_set: &RuleSet) -> PayerWords {
    let mut told = PayerWords::default();
    if record.decision.actions.contains(&Action::WarnPayer) {
        told.warning = Warning::Swindlers;
    }
    for rule in matched(record, rule_set) {
        let words = rule.payer_words.trim();
        if words == defaults::SWINDLER_WORDS {
            told.warning = Warning::Swindlers;
        } else if !words.is_empty() && told.lines.iter().all(|line| line != words) {
            told.lines.push(words.to_owned());
        }
    }
    told
}

/// What the merchant is told: the reasons of the rules that matched and ask for it; none if no rule asks. Reasons are written
/// for merchants and analysts.
pub fn merchant_reasons(record: &Record, rule_set: &RuleSet) -> Vec<String> {
    let rules = matched(record, rule_set);
    let asking = rules.filter(|rule| rule.actions.contains(&Action::NotifyMerchant));
    asking.map(|rule| rule.reason.clone()).collect()
}

/// The live rules that matched, the most severe first.
fn matched<'a>(record: &'a Record, rule_set: &'a RuleSet) -> impl Iterator<Item = &'a Rule> {
    let causes = record.decision.causes.iter();
    causes.filter_map(|cause| match cause {
        Cause::Rule(place) => rule_at(rule_set, *place),
        Cause::Model(_) | Cause::Fact(_) | Cause::Unjudged(_) | Cause::Explored | Cause::Clear => {
            None
        }
    })
}

/// The whole decision, a line for each thing that can be said of it.
pub fn lines(record: &Record, schema: &Schema, rule_set: &RuleSet) -> Vec<String> {
    let decision = &record.decision;
    let mut lines = vec![headline(record)];
    for reason in reasons(record, schema, rule_set) {
        lines.push(format!("because {}: {}", reason.code, reason.words));
    }
    for action in &decision.actions {
        lines.push(format!("action: {}", action_words(*action)));
    }
    if let Some(weight) = decision.explored_weight_milli {
        lines.push(format!(
            "stands for {} attempts like it in training",
            thousandths(weight)
        ));
    }
    for not_judged in &decision.not_judged {
        let rule = rule_name(rule_set, not_judged.rule);
        let unknown = match not_judged.unknown {
            Unknown::Value(Source::Fact(index)) => {
                format!("{} is unknown", fact_name(schema, index))
            }
            Unknown::Value(Source::Score) => "there is no score".to_owned(),
            Unknown::Arithmetic => "a calculation has no result".to_owned(),
        };
        lines.push(format!("not judged: rule {rule}, as {unknown}"));
    }
    lines.extend(left_out(
        "rules not judged",
        decision.not_judged_count,
        decision.not_judged.len(),
    ));
    for shadow in &decision.shadows {
        let rule = rule_name(rule_set, shadow.rule);
        lines.push(format!(
            "shadow: with rule {rule} the verdict would be {}",
            shadow.verdict.word()
        ));
    }
    lines.extend(left_out(
        "shadow rules",
        decision.shadow_count,
        decision.shadows.len(),
    ));
    for challenger in &decision.challengers {
        let model = short(&challenger.answer.model);
        let score = percent(challenger.answer.score);
        let verdict = challenger.verdict.word();
        lines.push(format!(
            "challenger {model}: score {score}, the verdict would be {verdict}"
        ));
    }
    if let Ok(answer) = record.answer
        && let Some(at_most) = answer.at_most.filter(|it| *it < Verdict::Block)
    {
        let word = at_most.word();
        lines.push(format!(
            "the model's budget of false alarms lets it ask for {word} at most"
        ));
    }
    lines.push(format!("decided by rule set {}", record.rule_set_version));
    lines
}

fn headline(record: &Record) -> String {
    let verdict = record.decision.verdict.word();
    match record.answer {
        Ok(answer) => {
            let (score, model) = (percent(answer.score), short(&answer.model));
            format!("{verdict}; score {score} by model {model}")
        }
        Err(absence) => format!("{verdict}; no score: {}", absence_words(absence)),
    }
}

fn left_out(what: &str, count: u16, named: usize) -> Option<String> {
    let more = usize::from(count).checked_sub(named)?;
    (0 < more).then(|| format!("{more} more {what}"))
}

fn fact_words(contribution: Contribution, record: &Record, schema: &Schema) -> String {
    let index = usize::from(contribution.fact);
    let direction = if contribution.milli < 0 {
        "lowered"
    } else {
        "raised"
    };
    let by = thousandths(contribution.milli.unsigned_abs());
    let Some(fact) = schema.catalogue().types().get(index) else {
        return format!("A fact that is not at hand {direction} the score by {by}.");
    };
    let number = record.facts.number(index);
    let value = match fact.kind {
        _ if !number.is_finite() => "unknown".to_owned(),
        Kind::Flag => if number == 0.0 { "no" } else { "yes" }.to_owned(),
        Kind::Number | Kind::Text => format!("{number} {}", fact.unit).trim_end().to_owned(),
    };
    format!(
        "{value}, which {direction} the score by {by}. {}",
        fact.meaning
    )
}

fn absence_words(absence: Absence) -> &'static str {
    match absence {
        Absence::NoModel => "There is no model.",
        Absence::ColdProfiles => "The profiles are not ready.",
        Absence::OtherFacts => "The model asks for facts that do not exist here.",
        Absence::NoNumber => "The model gave no number.",
    }
}

fn action_words(action: Action) -> String {
    match action {
        Action::FreezeVoucher => "freeze the voucher until its owner gets it released".to_owned(),
        Action::NotifyOwner => "tell the voucher's owner".to_owned(),
        Action::NotifyMerchant => "tell the merchant".to_owned(),
        Action::WarnPayer => "warn the payer of swindlers".to_owned(),
        Action::CoolDown(span) => format!("wait {} before the voucher is spent", duration(span)),
        Action::RaiseGuard(guarded, span) => {
            format!(
                "raise the guard of the {} for {}",
                guarded.word(),
                duration(span)
            )
        }
    }
}

fn duration(span: Span) -> String {
    let seconds = span.seconds();
    for (unit, words) in [(86_400, "days"), (3_600, "hours"), (60, "minutes")] {
        if unit <= seconds && seconds % unit == 0 {
            return format!("{} {words}", seconds / unit);
        }
    }
    format!("{seconds} seconds")
}

fn rule_at(rule_set: &RuleSet, place: u16) -> Option<&Rule> {
    let rule = rule_set.rules().get(usize::from(place));
    rule.map(|rule| CheckedRule::rule(rule))
}

fn rule_name(rule_set: &RuleSet, place: u16) -> String {
    rule_at(rule_set, place).map_or_else(|| place.to_string(), |rule| rule.name.to_string())
}

fn fact_name(schema: &Schema, index: u16) -> String {
    let fact = schema.catalogue().types().get(usize::from(index));
    fact.map_or_else(|| index.to_string(), |fact| fact.name.clone())
}

fn percent(score: Score) -> String {
    let basis_points = score.basis_points();
    format!("{}.{:02} %", basis_points / 100, basis_points % 100)
}

fn thousandths(milli: u32) -> String {
    format!("{}.{:03}", milli / 1_000, milli % 1_000)
}

/// Enough of a digest to tell models apart.
fn short(model: &ModelHash) -> String {
    let mut digits = model.to_string();
    digits.truncate(12);
    digits
}
