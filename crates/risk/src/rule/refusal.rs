//! What is wrong with a rule, in words for whoever wrote it.

use super::limits;
use std::fmt;

/// A place in an expression, both counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    /// Where a byte of a text stands.
    pub(super) fn of(text: &str, offset: usize) -> Position {
        let before = text.get(..offset).unwrap_or(text);
        let lines = before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
        let from_one = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
        Position {
            line: from_one(lines),
            column: from_one(column),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// What an expression is, as its author sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Flag,
    Number,
    Text,
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Type::Flag => "true or false",
            Type::Number => "a number",
            Type::Text => "a text",
        })
    }
}

/// Why a rule is not saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("say in `reason` why the rule is there, in words a merchant understands")]
    NoReason,
    #[error("the words are longer than {max} bytes; shorten them", max = limits::WORDS_BYTES_MAX)]
    WordsTooLong,
    #[error("the words hold a line break or another control character; write one line")]
    WordsWithControlCharacter,
    #[error("the rule has neither an effect nor an action; give it one")]
    DoesNothing,
    #[error("a rule has at most {max} actions", max = limits::ACTIONS_MAX)]
    TooManyActions,
    #[error("an action lasts whole seconds, from one minute to thirty days")]
    SpanOutOfBounds,
    #[error(transparent)]
    Expression(#[from] ExpressionError),
}

/// Why an expression is no rule's, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct ExpressionError {
    pub at: Position,
    pub problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("the expression is empty; write a condition such as address.attempts_1h > 20")]
    Empty,
    #[error("the expression has {bytes} bytes, more than {max}; split the rule", max = limits::EXPRESSION_BYTES_MAX)]
    TooLong { bytes: usize },
    #[error("only ASCII characters stand in an expression; write others in a text as \\u00e9")]
    NotAscii,
    #[error(
        "too many brackets are open here, or too many operators follow one another; split the rule"
    )]
    TooDeep,
    #[error("the expression has more than {max} words and signs; split the rule", max = limits::TOKENS_MAX)]
    TooManyTokens,
    #[error("here is {found}, where {wanted} should be")]
    Unexpected { found: String, wanted: &'static str },
    #[error("this number is not finished, or something follows it too closely")]
    InvalidNumber,
    #[error("the text does not end; close it with the quote it began with")]
    OpenText,
    #[error("there is no such escape; write \\\\ for a backslash")]
    InvalidEscape,
    #[error("there is no fact {name}{}", suggested(.suggestion))]
    UnknownFact {
        name: String,
        suggestion: Option<String>,
    },
    #[error("there is no function {name}{}", suggested(.suggestion))]
    UnknownFunction {
        name: String,
        suggestion: Option<String>,
    },
    #[error("there is no list {name}{}; make the list first", suggested(.suggestion))]
    UnknownList {
        name: String,
        suggestion: Option<String>,
    },
    #[error("this must be {wanted}, and is {found}")]
    WrongType { wanted: Type, found: Type },
    #[error("a text cannot be compared with {operator}; use ==, != or in")]
    TextOrder { operator: &'static str },
    #[error("{function} takes {wanted}")]
    WrongArguments {
        function: &'static str,
        wanted: &'static str,
    },
    #[error("{what} cannot be used in a rule; {instead}")]
    NotOffered {
        what: &'static str,
        instead: &'static str,
    },
    #[error("whole numbers go up to 9007199254740992 in both directions")]
    NumberTooLarge,
    #[error("this divides by zero")]
    DivisionByZero,
    #[error(
        "whole numbers that depend on the attempt are not calculated with; write one with a point, as in 2.0"
    )]
    WholeArithmetic,
    #[error("the list is empty, so nothing is in it")]
    EmptyList,
    #[error("a list in an expression has at most {max} elements; make a named list", max = limits::ELEMENTS_MAX)]
    TooManyElements,
    #[error("a text in an expression has at most {max} bytes", max = limits::TEXT_BYTES_MAX)]
    TextTooLong,
    #[error("the expression takes {cost} steps, more than {max}; split the rule", max = limits::COST_MAX)]
    TooCostly { cost: u32 },
}

fn suggested(suggestion: &Option<String>) -> String {
    match suggestion {
        Some(name) => format!("; did you mean {name}?"),
        None => String::new(),
    }
}
