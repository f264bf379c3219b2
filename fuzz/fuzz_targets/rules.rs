//! Rules as their authors write them, and the bytes of rule sets, changes and decisions: no panic, and what is read is
//! written back as it was.
#![no_main]

use ids::time::Timestamp;
use libfuzzer_sys::fuzz_target;
use risk::decision::Record;
use risk::fact::{Catalogue, FactType, Facts, Kind};
use risk::list::{ListKind, ListNames};
use risk::name::Name;
use risk::rule::program::Question;
use risk::rule::{compile, limits};
use risk::rule_set::{Change, RuleSet};

fn catalogue() -> Catalogue {
    let fact = |name: &str, kind| FactType {
        name: name.to_owned(),
        kind,
        unit: "",
        meaning: String::new(),
    };
    let number = fact("a.n", Kind::Number);
    Catalogue::new(vec![number, fact("a.f", Kind::Flag), fact("a.t", Kind::Text)])
}

struct Values(f32, Option<&'static str>);

impl Facts for Values {
    fn number(&self, _: usize) -> f32 {
        self.0
    }

    fn text(&self, _: usize) -> Option<&str> {
        self.1
    }
}

fn ask(text: &str) {
    let lists = ListNames::new(Name::parse("l").map(|name| (name, ListKind::Networks)));
    match compile(text, &catalogue(), &lists) {
        Ok(program) => {
            assert!(program.cost() <= limits::COST_MAX);
            for facts in [Values(f32::NAN, None), Values(0.0, Some("")), Values(f32::MAX, Some("x"))] {
                program.ask(&Question {
                    facts: &facts,
                    score: None,
                    lists: &[],
                    at: Timestamp(0),
                });
            }
        }
        Err(refusal) => assert!(!refusal.to_string().is_empty()),
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        ask(text);
    }
    if let Ok(set) = RuleSet::decode(bytes, &catalogue()) {
        assert_eq!(set.encode(), bytes);
    }
    if let Ok(change) = Change::decode(bytes) {
        assert_eq!(change.encode(), bytes);
    }
    if let Ok(record) = Record::decode(bytes) {
        assert_eq!(record.encode(), bytes);
    }
});
