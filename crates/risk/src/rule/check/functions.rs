//! The functions that an expression may use.

use super::super::program::{Flag, Part, Source, Text};
use super::super::refusal::Problem;
use super::super::syntax::{Form, Node};
use super::{Checked, Checker, Typed, closest};
use crate::fact::Kind;
use crate::name::Name;

const FUNCTIONS: [&str; 5] = ["contains", "endsWith", "has", "listed", "startsWith"];

/// Steps besides the one that every part costs.
const START_OR_END_COST: u32 = 2;
const ANYWHERE_COST: u32 = 15;
const LISTED_COST: u32 = 30;

impl Checker<'_> {
    pub(super) fn function(
        &mut self,
        part: &Node,
        name: &str,
        target: Option<&Node>,
        arguments: &[Node],
    ) -> Checked<Typed> {
        match (name, target) {
            ("has", None) => self.is_known(part, arguments),
            ("listed", None) => self.listed(part, arguments),
            ("startsWith", Some(text)) => {
                self.cost += START_OR_END_COST;
                self.text_part(part, "startsWith()", Part::Start, (text, arguments))
            }
            ("endsWith", Some(text)) => {
                self.cost += START_OR_END_COST;
                self.text_part(part, "endsWith()", Part::End, (text, arguments))
            }
            ("contains", Some(text)) => {
                self.cost += ANYWHERE_COST;
                self.text_part(part, "contains()", Part::Anywhere, (text, arguments))
            }
            ("startsWith" | "endsWith" | "contains", None) => {
                self.wrong_arguments(part, "it", "a text before it: device.id.startsWith(\"a\")")
            }
            ("matches", _) => self.not_offered(
                part,
                "matches()",
                "use startsWith, endsWith, contains, in or a named list",
            ),
            ("exists" | "exists_one" | "all" | "map" | "filter", _) => self.not_offered(
                part,
                "a loop (all, exists, exists_one, map, filter)",
                "use in, or a named list with listed()",
            ),
            (name, _) => {
                let problem = Problem::UnknownFunction {
                    name: name.to_owned(),
                    suggestion: closest(name, FUNCTIONS.into_iter()),
                };
                self.refuse(part, problem)
            }
        }
    }

    /// `has(fact)`.
    fn is_known(&mut self, part: &Node, arguments: &[Node]) -> Checked<Typed> {
        let [
            fact @ Node {
                form: Form::Name(name),
                ..
            },
        ] = arguments
        else {
            return self.wrong_arguments(part, "has()", "one fact: has(address.country)");
        };
        let (source, kind) = self.find(fact, name)?;
        Ok(Typed::Flag(match (kind, source) {
            (Kind::Text, Source::Fact(index)) => Flag::IsKnownText(index),
            (_, source) => Flag::IsKnownNumber(source),
        }))
    }

    /// `listed("name", fact)`.
    fn listed(&mut self, part: &Node, arguments: &[Node]) -> Checked<Typed> {
        const WANTED: &str = "the list's name in quotes and a fact: listed(\"tor\", address.ip)";
        let [name, fact] = arguments else {
            return self.wrong_arguments(part, "listed()", WANTED);
        };
        let Form::Text(text) = &name.form else {
            return self.wrong_arguments(name, "listed()", WANTED);
        };
        self.cost += LISTED_COST;
        let (Some((index, _)), Ok(list)) = (self.lists.find(text), Name::parse(text)) else {
            let problem = Problem::UnknownList {
                name: text.to_owned(),
                suggestion: closest(text, self.lists.names()),
            };
            return self.refuse(name, problem);
        };
        let fact = self.text(fact)?;
        let slot = self.slot(list, index);
        Ok(Typed::Flag(Flag::Listed(slot, fact)))
    }

    fn slot(&mut self, name: Name, index: u16) -> u16 {
        let known = self.named.iter().position(|(each, _)| *each == name);
        let slot = known.unwrap_or_else(|| {
            self.named.push((name, index));
            self.named.len() - 1
        });
        // An expression has far fewer marks than a slot has numbers.
        u16::try_from(slot).unwrap_or(u16::MAX)
    }

    fn text_part(
        &mut self,
        part: &Node,
        function: &'static str,
        place: Part,
        (text, arguments): (&Node, &[Node]),
    ) -> Checked<Typed> {
        let text = self.text(text)?;
        let [wanted] = arguments else {
            return self.wrong_arguments(part, function, "one text in quotes");
        };
        match self.text(wanted)? {
            Text::Constant(wanted) => Ok(Typed::Flag(Flag::TextPart(text, place, wanted))),
            Text::Fact(_) => self.wrong_arguments(wanted, function, "one text in quotes"),
        }
    }
}
