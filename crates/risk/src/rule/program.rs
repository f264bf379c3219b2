//! A checked expression, and what it says of an attempt.
//!
//! An expression is a tree of typed parts, not of values that carry their types: no allocation, no look-up by name, tens of
//! nanoseconds. What it says is what CEL says, with an unknown fact in the place of an error: `&&` and `||` are decided by
//! the side that suffices, everything else that meets an unknown value is unknown.

use crate::fact::Facts;
use crate::list::{List, ListNames};
use crate::name::Name;
use crate::verdict::Score;
use ids::time::Timestamp;
use std::cell::Cell;
use std::sync::Arc;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The fact at this index of the catalogue.
    Fact(u16),
    /// The model's score in hundredths of a percent: the fact `model.score`.
    Score,
}

/// Why an expression is neither true nor false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// The first unknown value that was met.
    Value(Source),
    /// Arithmetic left the finite numbers, as a division by zero does.
    Arithmetic,
}

/// What an expression says of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Matches,
    MatchesNot,
    NotJudged(Unknown),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Start,
    End,
    Anywhere,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flag {
    Constant(bool),
    Fact(u16),
    Not(Box<Flag>),
    All(Box<[Flag]>),
    Any(Box<[Flag]>),
    Choose(Box<[Flag; 3]>),
    Same(Box<[Flag; 2]>),
    /// The commonest comparison, without a detour through `Number`.
    CompareFact(u16, Order, f64),
    Compare(Box<(Number, Number)>, Order),
    NumberIn(Box<(Number, Box<[f64]>)>),
    SameText(Box<(Text, Text)>),
    TextIn(Box<(Text, Box<[Box<str>]>)>),
    TextPart(Text, Part, Box<str>),
    IsKnownNumber(Source),
    IsKnownText(u16),
    /// Whether the list of this slot holds the text.
    Listed(u16, Text),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Constant(f64),
    From(Source),
    Negative(Box<Number>),
    Calculated(Box<(Number, Number)>, Arithmetic),
    Choose(Box<(Flag, Number, Number)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    Constant(Box<str>),
    Fact(u16),
}

/// An expression that can be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    pub(super) root: Flag,
    /// The lists that the expression names, by slot, and where each stands in the rule set.
    pub(super) lists: Vec<(Name, u16)>,
    pub(super) cost: u32,
}

/// What an expression is asked about.
#[derive(Debug)]
pub struct Question<'a, F: Facts + ?Sized> {
    pub facts: &'a F,
    /// None if there is no model, or it could not judge.
    pub score: Option<Score>,
    pub lists: &'a [Arc<List>],
    /// The time of the attempt, by which entries of lists have expired or not.
    pub at: Timestamp,
}

impl Program {
    /// The steps that one evaluation takes at most.
    pub fn cost(&self) -> u32 {
        self.cost
    }

    pub fn lists(&self) -> impl Iterator<Item = &Name> {
        self.lists.iter().map(|(name, _)| name)
    }

    pub fn ask<F: Facts + ?Sized>(&self, question: &Question<'_, F>) -> Outcome {
        let evaluation = Evaluation {
            question,
            lists: &self.lists,
            unknown: Cell::new(None),
        };
        match evaluation.flag(&self.root) {
            Some(true) => Outcome::Matches,
            Some(false) => Outcome::MatchesNot,
            None => Outcome::NotJudged(evaluation.unknown.get().unwrap_or(Unknown::Arithmetic)),
        }
    }

    /// Finds the lists again after lists came or went. Every list that the expression names is still there.
    pub(crate) fn bind(&mut self, names: &ListNames) {
        for (name, index) in &mut self.lists {
            if let Some((found, _)) = names.find(name.as_str()) {
                *index = found;
            }
        }
    }
}

struct Evaluation<'a, F: Facts + ?Sized> {
    question: &'a Question<'a, F>,
    lists: &'a [(Name, u16)],
    unknown: Cell<Option<Unknown>>,
}

impl<F: Facts + ?Sized> Evaluation<'_, F> {
    /// True, false, or none if what is known does not say.
    fn flag(&self, flag: &Flag) -> Option<bool> {
        match flag {
            Flag::Constant(value) => Some(*value),
            Flag::Fact(index) => self
                .number_of(Source::Fact(*index))
                .map(|number| number != 0.0),
            Flag::Not(inner) => self.flag(inner).map(|value| !value),
            Flag::All(parts) => self.decided_by(false, parts),
            Flag::Any(parts) => self.decided_by(true, parts),
            Flag::Choose(parts) => {
                let [condition, yes, no] = parts.as_ref();
                self.flag(if self.flag(condition)? { yes } else { no })
            }
            Flag::Same(sides) => Some(self.flag(&sides[0])? == self.flag(&sides[1])?),
            Flag::CompareFact(index, order, limit) => {
                let number = self.number_of(Source::Fact(*index))?;
                Some(order.holds(number, *limit))
            }
            Flag::Compare(sides, order) => {
                Some(order.holds(self.number(&sides.0)?, self.number(&sides.1)?))
            }
            Flag::NumberIn(parts) => {
                let number = self.number(&parts.0)?;
                Some(parts.1.contains(&number))
            }
            Flag::SameText(sides) => Some(self.text(&sides.0)? == self.text(&sides.1)?),
            Flag::TextIn(parts) => {
                let text = self.text(&parts.0)?;
                Some(
                    parts
                        .1
                        .binary_search_by(|each| each.as_ref().cmp(text))
                        .is_ok(),
                )
            }
            Flag::TextPart(text, part, wanted) => Some(part.is_in(self.text(text)?, wanted)),
            Flag::IsKnownNumber(source) => Some(self.value(*source).is_finite()),
            Flag::IsKnownText(index) => {
                Some(self.question.facts.text(usize::from(*index)).is_some())
            }
            Flag::Listed(slot, text) => self.listed(*slot, text),
        }
    }

    /// One part of this value decides; else one that is unknown leaves it open.
    fn decided_by(&self, deciding: bool, parts: &[Flag]) -> Option<bool> {
        let mut is_open = false;
        for part in parts {
            match self.flag(part) {
                Some(value) if value == deciding => return Some(deciding),
                Some(_) => {}
                None => is_open = true,
            }
        }
        (!is_open).then_some(!deciding)
    }

    fn number(&self, number: &Number) -> Option<f64> {
        match number {
            Number::Constant(value) => Some(*value),
            Number::From(source) => self.number_of(*source),
            Number::Negative(inner) => self.number(inner).map(|value| -value),
            Number::Calculated(sides, arithmetic) => {
                let value = arithmetic.of(self.number(&sides.0)?, self.number(&sides.1)?);
                if value.is_finite() {
                    return Some(value);
                }
                self.meet(Unknown::Arithmetic)
            }
            Number::Choose(parts) => {
                let (condition, yes, no) = parts.as_ref();
                self.number(if self.flag(condition)? { yes } else { no })
            }
        }
    }

    fn text<'b>(&'b self, text: &'b Text) -> Option<&'b str> {
        match text {
            Text::Constant(constant) => Some(constant),
            Text::Fact(index) => match self.question.facts.text(usize::from(*index)) {
                Some(value) => Some(value),
                None => self.meet(Unknown::Value(Source::Fact(*index))),
            },
        }
    }

    fn number_of(&self, source: Source) -> Option<f64> {
        let value = self.value(source);
        if value.is_finite() {
            return Some(f64::from(value));
        }
        self.meet(Unknown::Value(source))
    }

    /// The value as it is; not finite if unknown.
    fn value(&self, source: Source) -> f32 {
        match (source, self.question.score) {
            (Source::Fact(index), _) => self.question.facts.number(usize::from(index)),
            (Source::Score, Some(score)) => f32::from(score.basis_points()),
            (Source::Score, None) => f32::NAN,
        }
    }

    fn listed(&self, slot: u16, text: &Text) -> Option<bool> {
        let text = self.text(text)?;
        let (_, index) = self.lists.get(usize::from(slot))?;
        let list = self.question.lists.get(usize::from(*index))?;
        Some(list.holds(text, self.question.at))
    }

    /// Remembers the first unknown thing.
    fn meet<T>(&self, unknown: Unknown) -> Option<T> {
        if self.unknown.get().is_none() {
            self.unknown.set(Some(unknown));
        }
        None
    }
}

impl Order {
    fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Order::Less => left < right,
            Order::LessOrEqual => left <= right,
            Order::Equal => left == right,
            Order::NotEqual => left != right,
            Order::GreaterOrEqual => right <= left,
            Order::Greater => right < left,
        }
    }

    /// The same order with its sides exchanged.
    pub(super) fn turned(self) -> Order {
        match self {
            Order::Less => Order::Greater,
            Order::LessOrEqual => Order::GreaterOrEqual,
            Order::Equal => Order::Equal,
            Order::NotEqual => Order::NotEqual,
            Order::GreaterOrEqual => Order::LessOrEqual,
            Order::Greater => Order::Less,
        }
    }
}

impl Arithmetic {
    fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
        }
    }
}

impl Part {
    fn is_in(self, text: &str, wanted: &str) -> bool {
        match self {
            Part::Start => text.starts_with(wanted),
            Part::End => text.ends_with(wanted),
            Part::Anywhere => text.contains(wanted),
        }
    }
}
