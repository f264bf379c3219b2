mod differential;
mod hostile;
mod messages;
mod unknown;

use super::program::{Outcome, Question};
use super::refusal::ExpressionError;
use super::{Program, compile};
use crate::fact::{Catalogue, FactType, Facts, Kind};
use crate::list::{List, ListKind, ListNames};
use crate::name::Name;
use crate::verdict::Score;
use ids::time::Timestamp;
use std::sync::Arc;

/// Numbers n0 to n3, flags f0 and f1, texts t0 to t2.
pub fn catalogue() -> Catalogue {
    let fact = |name: &str, kind| FactType {
        name: name.to_owned(),
        kind,
        unit: "",
        meaning: "A fact of the tests.".to_owned(),
    };
    let numbers = ["a.n0", "a.n1", "b.n2", "b.n3"].map(|name| fact(name, Kind::Number));
    let flags = ["a.f0", "b.f1"].map(|name| fact(name, Kind::Flag));
    let texts = ["a.t0", "b.t1", "address.ip"].map(|name| fact(name, Kind::Text));
    Catalogue::new(numbers.into_iter().chain(flags).chain(texts).collect())
}

/// Facts of the tests' catalogue.
#[derive(Clone, Debug)]
pub struct Sample {
    pub numbers: [Option<f32>; 4],
    pub flags: [Option<bool>; 2],
    pub texts: [Option<&'static str>; 3],
}

impl Sample {
    pub fn new() -> Sample {
        Sample {
            numbers: [Some(1.0), Some(2.0), Some(3.0), Some(4.0)],
            flags: [Some(true), Some(false)],
            texts: [Some("red"), Some("blue"), Some("192.0.2.7")],
        }
    }
}

impl Facts for Sample {
    fn number(&self, index: usize) -> f32 {
        match index {
            0..4 => self.numbers[index].unwrap_or(f32::NAN),
            4..6 => self.flags[index - 4].map_or(f32::NAN, |flag| f32::from(u8::from(flag))),
            _ => f32::NAN,
        }
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.texts.get(index.checked_sub(6)?).copied().flatten()
    }
}

pub const NOW: Timestamp = Timestamp(1_000_000);

pub fn lists() -> Vec<Arc<List>> {
    let name = |text| Name::parse(text).unwrap();
    let colours = List::new(name("colours"), ListKind::Texts);
    let colours = colours.with("red", None, NOW).unwrap();
    let colours = colours
        .with("green", Some(Timestamp(NOW.0 + 5)), NOW)
        .unwrap();
    let networks = List::new(name("networks"), ListKind::Networks);
    let networks = networks.with("192.0.2.0/24", None, NOW).unwrap();
    vec![Arc::new(colours), Arc::new(networks)]
}

pub fn names() -> ListNames {
    ListNames::new(
        lists()
            .iter()
            .map(|list| (list.name().clone(), list.kind())),
    )
}

pub fn program(expression: &str) -> Result<Program, ExpressionError> {
    compile(expression, &catalogue(), &names())
}

pub fn ask(expression: &str, sample: &Sample) -> Outcome {
    let question = Question {
        facts: sample,
        score: Some(Score::new(4_200).unwrap()),
        lists: &lists(),
        at: NOW,
    };
    program(expression).unwrap().ask(&question)
}
