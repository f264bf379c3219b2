//! The types, names and cost of an expression, checked while its tree becomes a program.

mod functions;
mod operators;

use super::limits;
use super::program::{Flag, Number, Program, Source, Text};
use super::refusal::{ExpressionError, Position, Problem, Type};
use super::syntax::{Form, Node};
use crate::fact::{Catalogue, Kind};
use crate::list::ListNames;
use crate::name::Name;

/// The fact that is the model's answer.
pub const SCORE: &str = "model.score";
/// A name that differs by more than this share of its length is not what was meant.
const SUGGESTION_DISTANCE_SHARE: usize = 3;

pub fn check(
    text: &str,
    root: &Node,
    catalogue: &Catalogue,
    lists: &ListNames,
) -> Result<Program, ExpressionError> {
    let mut checker = Checker {
        text,
        catalogue,
        lists,
        named: Vec::new(),
        cost: 0,
    };
    let flag = checker.flag(root)?;
    if limits::COST_MAX < checker.cost {
        let cost = checker.cost;
        return checker.refuse(root, Problem::TooCostly { cost });
    }
    Ok(Program {
        root: flag,
        lists: checker.named,
        cost: checker.cost,
    })
}

/// A part of an expression whose type is known.
enum Typed {
    Flag(Flag),
    Number(Number, Whole),
    Text(Text),
}

impl Typed {
    fn type_of(&self) -> Type {
        match self {
            Typed::Flag(_) => Type::Flag,
            Typed::Number(..) => Type::Number,
            Typed::Text(_) => Type::Text,
        }
    }
}

/// Whether a number is one of CEL's whole numbers, which divide and overflow otherwise than facts do.
#[derive(Clone, Copy)]
enum Whole {
    /// A whole number that is known now.
    Constant(i64),
    /// A whole number that depends on the attempt.
    Varying,
    /// A floating-point number, as all facts are.
    No,
}

struct Checker<'a> {
    text: &'a str,
    catalogue: &'a Catalogue,
    lists: &'a ListNames,
    /// The lists named so far, and where they stand in the rule set.
    named: Vec<(Name, u16)>,
    cost: u32,
}

type Checked<T> = Result<T, ExpressionError>;

impl Checker<'_> {
    fn flag(&mut self, part: &Node) -> Checked<Flag> {
        match self.typed(part)? {
            Typed::Flag(flag) => Ok(flag),
            other => self.wrong_type(part, Type::Flag, &other),
        }
    }

    fn number(&mut self, part: &Node) -> Checked<(Number, Whole)> {
        match self.typed(part)? {
            Typed::Number(number, whole) => Ok((number, whole)),
            other => self.wrong_type(part, Type::Number, &other),
        }
    }

    fn text(&mut self, part: &Node) -> Checked<Text> {
        match self.typed(part)? {
            Typed::Text(text) => Ok(text),
            other => self.wrong_type(part, Type::Text, &other),
        }
    }

    fn typed(&mut self, part: &Node) -> Checked<Typed> {
        self.cost += 1;
        match &part.form {
            Form::Flag(value) => Ok(Typed::Flag(Flag::Constant(*value))),
            Form::Whole(value) => self.whole(part, *value),
            Form::Double(value) if value.is_finite() => {
                Ok(Typed::Number(Number::Constant(*value), Whole::No))
            }
            Form::Double(_) => self.refuse(part, Problem::NumberTooLarge),
            Form::Text(value) => Ok(Typed::Text(Text::Constant(value.as_str().into()))),
            Form::Name(name) => self.fact(part, name),
            Form::List(_) => self.not_offered(part, "a list", "write it behind in"),
            Form::Call {
                name,
                target,
                arguments,
            } => self.function(part, name, target.as_deref(), arguments),
            Form::Not(inner) => Ok(Typed::Flag(Flag::Not(Box::new(self.flag(inner)?)))),
            Form::Negative(inner) => self.negative(part, inner),
            Form::All(parts) => Ok(Typed::Flag(Flag::All(self.flags(parts)?))),
            Form::Any(parts) => Ok(Typed::Flag(Flag::Any(self.flags(parts)?))),
            Form::Choice(parts) => self.choice(parts),
            Form::Compare(order, sides) => self.comparison(part, *order, sides),
            Form::Calculate(arithmetic, sides) => self.calculation(part, *arithmetic, sides),
            Form::Remainder(sides) => self.remainder(part, sides),
            Form::In(sides) => self.membership(sides),
        }
    }

    /// A constant whole number; none if it overflowed.
    fn whole(&mut self, part: &Node, value: Option<i64>) -> Checked<Typed> {
        let bounds = -limits::WHOLE_NUMBER_MAX..=limits::WHOLE_NUMBER_MAX;
        match value.filter(|value| bounds.contains(value)) {
            // Within these bounds the conversion is exact.
            Some(value) => Ok(Typed::Number(
                Number::Constant(value as f64),
                Whole::Constant(value),
            )),
            None => self.refuse(part, Problem::NumberTooLarge),
        }
    }

    fn fact(&mut self, part: &Node, name: &str) -> Checked<Typed> {
        let (source, kind) = self.find(part, name)?;
        Ok(match (kind, source) {
            (Kind::Text, Source::Fact(index)) => Typed::Text(Text::Fact(index)),
            (Kind::Flag, Source::Fact(index)) => Typed::Flag(Flag::Fact(index)),
            (_, source) => Typed::Number(Number::From(source), Whole::No),
        })
    }

    fn find(&self, part: &Node, name: &str) -> Checked<(Source, Kind)> {
        if name == SCORE {
            return Ok((Source::Score, Kind::Number));
        }
        let found = self.catalogue.find(name);
        let source = found.and_then(|(index, fact)| {
            let index = u16::try_from(index).ok()?;
            Some((Source::Fact(index), fact.kind))
        });
        source.ok_or_else(|| {
            let facts = self.catalogue.types().iter().map(|fact| fact.name.as_str());
            let problem = Problem::UnknownFact {
                name: name.to_owned(),
                suggestion: closest(name, facts.chain([SCORE])),
            };
            self.error(part, problem)
        })
    }

    fn refuse<T>(&self, part: &Node, problem: Problem) -> Checked<T> {
        Err(self.error(part, problem))
    }

    fn error(&self, part: &Node, problem: Problem) -> ExpressionError {
        ExpressionError {
            at: Position::of(self.text, part.offset),
            problem,
        }
    }

    fn wrong_type<T>(&self, part: &Node, wanted: Type, found: &Typed) -> Checked<T> {
        let found = found.type_of();
        self.refuse(part, Problem::WrongType { wanted, found })
    }

    fn wrong_arguments<T>(
        &self,
        part: &Node,
        function: &'static str,
        wanted: &'static str,
    ) -> Checked<T> {
        self.refuse(part, Problem::WrongArguments { function, wanted })
    }

    fn not_offered<T>(&self, part: &Node, what: &'static str, instead: &'static str) -> Checked<T> {
        self.refuse(part, Problem::NotOffered { what, instead })
    }
}

/// The candidate that was probably meant, if one is close.
fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let distances = candidates.map(|each| (strsim::damerau_levenshtein(name, each), each));
    let (distance, best) = distances.min()?;
    let is_close = distance <= name.len().div_ceil(SUGGESTION_DISTANCE_SHARE);
    is_close.then(|| best.to_owned())
}
