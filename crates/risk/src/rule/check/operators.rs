//! Comparisons, arithmetic and logic.

use super::super::limits;
use super::super::program::{Arithmetic, Flag, Number, Order, Source, Text};
use super::super::refusal::{Problem, Type};
use super::super::syntax::{Form, Node};
use super::{Checked, Checker, Typed, Whole};

impl Checker<'_> {
    pub(super) fn flags(&mut self, parts: &[Node]) -> Checked<Box<[Flag]>> {
        parts.iter().map(|part| self.flag(part)).collect()
    }

    pub(super) fn choice(&mut self, [condition, yes, no]: &[Node; 3]) -> Checked<Typed> {
        let condition = self.flag(condition)?;
        let first = self.typed(yes)?;
        match first {
            Typed::Flag(yes) => {
                let parts = [condition, yes, self.flag(no)?];
                Ok(Typed::Flag(Flag::Choose(Box::new(parts))))
            }
            Typed::Number(yes, whole) => {
                let (no, other) = self.number(no)?;
                let whole = match (whole, other) {
                    (Whole::No, Whole::No) => Whole::No,
                    _ => Whole::Varying,
                };
                let number = Number::Choose(Box::new((condition, yes, no)));
                Ok(Typed::Number(number, whole))
            }
            Typed::Text(_) => self.not_offered(yes, "a choice between texts", "compare each text"),
        }
    }

    pub(super) fn negative(&mut self, part: &Node, inner: &Node) -> Checked<Typed> {
        match self.number(inner)? {
            (_, Whole::Constant(value)) => self.whole(part, value.checked_neg()),
            (number, whole) => Ok(Typed::Number(Number::Negative(Box::new(number)), whole)),
        }
    }

    pub(super) fn comparison(
        &mut self,
        part: &Node,
        order: Order,
        [left, right]: &[Node; 2],
    ) -> Checked<Typed> {
        let flag = match self.typed(left)? {
            Typed::Number(number, _) => compare(number, order, self.number(right)?.0),
            Typed::Flag(flag) => {
                let right = self.flag(right)?;
                let same = Flag::Same(Box::new([flag, right]));
                self.sameness(part, order, same, Type::Flag)?
            }
            Typed::Text(text) => {
                self.cost += 1;
                let right = self.text(right)?;
                let same = Flag::SameText(Box::new((text, right)));
                self.sameness(part, order, same, Type::Text)?
            }
        };
        Ok(Typed::Flag(flag))
    }

    /// Flags and texts are the same or not; they have no order.
    fn sameness(&self, part: &Node, order: Order, same: Flag, found: Type) -> Checked<Flag> {
        match (order, found) {
            (Order::Equal, _) => Ok(same),
            (Order::NotEqual, _) => Ok(Flag::Not(Box::new(same))),
            (_, Type::Text) => {
                let operator = symbol(order);
                self.refuse(part, Problem::TextOrder { operator })
            }
            (_, found) => {
                let wanted = Type::Number;
                self.refuse(part, Problem::WrongType { wanted, found })
            }
        }
    }

    pub(super) fn calculation(
        &mut self,
        part: &Node,
        arithmetic: Arithmetic,
        [left, right]: &[Node; 2],
    ) -> Checked<Typed> {
        let (left, left_whole) = self.number(left)?;
        let (right, right_whole) = self.number(right)?;
        if arithmetic == Arithmetic::Divide && right == Number::Constant(0.0) {
            return self.refuse(part, Problem::DivisionByZero);
        }
        match (left_whole, right_whole) {
            (Whole::Constant(left), Whole::Constant(right)) => {
                self.whole(part, whole_result(arithmetic, left, right))
            }
            (Whole::No, _) | (_, Whole::No) => {
                let calculated = Number::Calculated(Box::new((left, right)), arithmetic);
                Ok(Typed::Number(calculated, Whole::No))
            }
            (Whole::Varying, _) | (_, Whole::Varying) => {
                self.refuse(part, Problem::WholeArithmetic)
            }
        }
    }

    /// CEL has a remainder of whole numbers alone, and facts are none.
    pub(super) fn remainder(&mut self, part: &Node, sides: &[Node; 2]) -> Checked<Typed> {
        let [left, right] = sides;
        match (self.number(left)?.1, self.number(right)?.1) {
            (Whole::Constant(_), Whole::Constant(0)) => self.refuse(part, Problem::DivisionByZero),
            (Whole::Constant(left), Whole::Constant(right)) => {
                self.whole(part, left.checked_rem(right))
            }
            _ => self.not_offered(part, "the remainder of a fact", "compare the fact itself"),
        }
    }

    pub(super) fn membership(&mut self, [element, list]: &[Node; 2]) -> Checked<Typed> {
        let Form::List(elements) = &list.form else {
            let instead = "write a list in brackets, or use listed() for a named list";
            return self.not_offered(list, "in without a list", instead);
        };
        if elements.is_empty() {
            return self.refuse(list, Problem::EmptyList);
        }
        if limits::ELEMENTS_MAX < elements.len() {
            return self.refuse(list, Problem::TooManyElements);
        }
        self.cost += elements.len().ilog2() + 1;
        let flag = match self.typed(element)? {
            Typed::Text(text) => Flag::TextIn(Box::new((text, self.texts(elements)?))),
            Typed::Number(number, _) => {
                self.cost += u32::try_from(elements.len()).unwrap_or(u32::MAX) / 8;
                Flag::NumberIn(Box::new((number, self.numbers(elements)?)))
            }
            flag @ Typed::Flag(_) => return self.wrong_type(element, Type::Text, &flag),
        };
        Ok(Typed::Flag(flag))
    }

    fn texts(&mut self, elements: &[Node]) -> Checked<Box<[Box<str>]>> {
        let mut texts = Vec::with_capacity(elements.len());
        for element in elements {
            match self.literal_of(element)? {
                Typed::Text(Text::Constant(text)) => texts.push(text),
                other => return self.wrong_type(element, Type::Text, &other),
            }
        }
        texts.sort_unstable();
        Ok(texts.into_boxed_slice())
    }

    fn numbers(&mut self, elements: &[Node]) -> Checked<Box<[f64]>> {
        let mut numbers = Vec::with_capacity(elements.len());
        for element in elements {
            match self.literal_of(element)? {
                Typed::Number(Number::Constant(number), _) => numbers.push(number),
                other => return self.wrong_type(element, Type::Number, &other),
            }
        }
        Ok(numbers.into_boxed_slice())
    }

    /// An element of a list in an expression: a literal, or a number with a minus before it.
    fn literal_of(&mut self, element: &Node) -> Checked<Typed> {
        let literal = match &element.form {
            Form::Negative(inner) => inner,
            _ => element,
        };
        match (&literal.form, &element.form) {
            (Form::Whole(_) | Form::Double(_), Form::Negative(_)) => match self.typed(element)? {
                Typed::Number(Number::Negative(inner), whole) => match *inner {
                    Number::Constant(value) => Ok(Typed::Number(Number::Constant(-value), whole)),
                    inner => Ok(Typed::Number(inner, whole)),
                },
                other => Ok(other),
            },
            (Form::Whole(_) | Form::Double(_) | Form::Text(_) | Form::Flag(_), _) => {
                self.typed(element)
            }
            _ => self.not_offered(element, "this in a list", "write numbers and texts alone"),
        }
    }
}

fn compare(left: Number, order: Order, right: Number) -> Flag {
    match (left, right) {
        (Number::From(Source::Fact(index)), Number::Constant(limit)) => {
            Flag::CompareFact(index, order, limit)
        }
        (Number::Constant(limit), Number::From(Source::Fact(index))) => {
            Flag::CompareFact(index, order.turned(), limit)
        }
        sides => Flag::Compare(Box::new(sides), order),
    }
}

fn whole_result(arithmetic: Arithmetic, left: i64, right: i64) -> Option<i64> {
    match arithmetic {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
    }
}

fn symbol(order: Order) -> &'static str {
    match order {
        Order::Less => "<",
        Order::LessOrEqual => "<=",
        Order::Equal => "==",
        Order::NotEqual => "!=",
        Order::GreaterOrEqual => ">=",
        Order::Greater => ">",
    }
}
