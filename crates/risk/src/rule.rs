//! Rules: what an analyst wrote, checked when it is saved, and asked of every attempt.

mod check;
pub mod defaults;

pub mod program;
pub mod refusal;
mod syntax;

use crate::fact::{Catalogue, FactType, Kind};
use crate::list::ListNames;
use crate::name::Name;
use crate::verdict::Verdict;
use ids::time::Span;
use program::Program;
use refusal::{ExpressionError, RuleError};

/// Bounds of one rule.
pub mod limits {
    use ids::time::Span;

    /// Bytes of an expression.
    pub const EXPRESSION_BYTES_MAX: usize = 2_048;
    /// How deep an expression nests; operators in a row nest too, except `&&` and `||`.
    pub const DEPTH_MAX: usize = 24;
    /// Words and signs of an expression.
    pub const TOKENS_MAX: usize = 512;
    /// Elements of a list that stands in an expression.
    pub const ELEMENTS_MAX: usize = 64;
    /// Bytes of a text that stands in an expression.
    pub const TEXT_BYTES_MAX: usize = 128;
    /// Steps that one evaluation takes at most; a comparison of a number takes one.
    pub const COST_MAX: u32 = 500;
    /// Whole numbers up to here have a floating-point number of their own.
    pub const WHOLE_NUMBER_MAX: i64 = 1 << 53;
    /// Bytes of what is told to people.
    pub const WORDS_BYTES_MAX: usize = 240;
    /// Actions of one rule.
    pub const ACTIONS_MAX: usize = 6;
    /// How long an action may last.
    pub const ACTION_SPAN_MIN: Span = Span::MINUTE;
    pub const ACTION_SPAN_MAX: Span = Span::DAY.times(30);
}

/// Whether a rule has a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It decides.
    Live,
    /// What it would have done is written down, and nothing else happens.
    Shadow,
    /// It is not asked.
    Off,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Live, Mode::Shadow, Mode::Off];

    pub fn word(self) -> &'static str {
        match self {
            Mode::Live => "live",
            Mode::Shadow => "shadow",
            Mode::Off => "off",
        }
    }
}

/// Whose guard an action raises: guesses there become dearer for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guarded {
    /// The network that the attempt came from.
    Network,
    /// The till where the voucher was sold.
    Terminal,
    /// The merchant who is to be paid.
    Merchant,
}

impl Guarded {
    pub const ALL: [Guarded; 3] = [Guarded::Network, Guarded::Terminal, Guarded::Merchant];

    pub fn word(self) -> &'static str {
        match self {
            Guarded::Network => "network",
            Guarded::Terminal => "terminal",
            Guarded::Merchant => "merchant",
        }
    }
}

/// What a rule does besides its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The voucher spends nothing until its owner gets it released.
    FreezeVoucher,
    NotifyOwner,
    NotifyMerchant,
    /// The payer reads a page about swindlers who have codes read to them, before going on.
    WarnPayer,
    /// The voucher is not spent before the span is over.
    CoolDown(Span),
    RaiseGuard(Guarded, Span),
}

/// One rule, as its author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub name: Name,
    /// A CEL expression over the catalogue's facts that is true or false.
    pub expression: String,
    /// What the rule says of attempts that it matches; none if it only acts.
    pub effect: Option<Verdict>,
    pub actions: Vec<Action>,
    /// Why, in plain words, for analysts and merchants.
    pub reason: String,
    /// What the payer reads beside the general words; may be empty. It must not teach a guesser.
    pub payer_words: String,
    pub mode: Mode,
}

/// A rule that was checked, and can be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedRule {
    rule: Rule,
    program: Program,
}

impl CheckedRule {
    /// # Errors
    /// What is wrong with the rule, in words that its author understands.
    pub fn new(
        rule: Rule,
        catalogue: &Catalogue,
        lists: &ListNames,
    ) -> Result<CheckedRule, RuleError> {
        check_words(&rule)?;
        check_actions(&rule)?;
        let program = compile(&rule.expression, catalogue, lists)?;
        Ok(CheckedRule { rule, program })
    }

    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    pub(crate) fn bound_to(&self, lists: &ListNames) -> CheckedRule {
        let mut bound = self.clone();
        bound.program.bind(lists);
        bound
    }

    pub(crate) fn with_mode(&self, mode: Mode) -> CheckedRule {
        let mut changed = self.clone();
        changed.rule.mode = mode;
        changed
    }
}

/// Checks an expression and makes it ready to be asked.
///
/// # Errors
/// Where and why the expression cannot be a rule's.
pub fn compile(
    expression: &str,
    catalogue: &Catalogue,
    lists: &ListNames,
) -> Result<Program, ExpressionError> {
    let root = syntax::parse(expression)?;
    check::check(expression, &root, catalogue, lists)
}

/// Every fact that an expression may ask: those of the catalogue, and the model's score.
pub fn facts(catalogue: &Catalogue) -> impl Iterator<Item = FactType> {
    let score = FactType {
        name: check::SCORE.to_owned(),
        kind: Kind::Number,
        unit: "hundredths of a percent",
        meaning: "The model's score, 0 to 10000; unknown if there is no model or it cannot judge."
            .to_owned(),
    };
    catalogue.types().iter().cloned().chain([score])
}

fn check_words(rule: &Rule) -> Result<(), RuleError> {
    if rule.reason.trim().is_empty() {
        return Err(RuleError::NoReason);
    }
    for words in [&rule.reason, &rule.payer_words] {
        if limits::WORDS_BYTES_MAX < words.len() {
            return Err(RuleError::WordsTooLong);
        }
        if words.chars().any(char::is_control) {
            return Err(RuleError::WordsWithControlCharacter);
        }
    }
    Ok(())
}

fn check_actions(rule: &Rule) -> Result<(), RuleError> {
    if rule.effect.is_none() && rule.actions.is_empty() {
        return Err(RuleError::DoesNothing);
    }
    if limits::ACTIONS_MAX < rule.actions.len() {
        return Err(RuleError::TooManyActions);
    }
    for action in &rule.actions {
        let (Action::CoolDown(span) | Action::RaiseGuard(_, span)) = *action else {
            continue;
        };
        let is_whole = span.0 % Span::SECOND.0 == 0;
        if !is_whole || !(limits::ACTION_SPAN_MIN..=limits::ACTION_SPAN_MAX).contains(&span) {
            return Err(RuleError::SpanOutOfBounds);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
