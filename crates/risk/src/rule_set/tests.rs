use super::{Edit, EditError, RULES_MAX, RuleSet};
use crate::fact::{Catalogue, FactType, Kind};
use crate::list::ListKind;
use crate::name::Name;
use crate::rule::program::{Outcome, Question};
use crate::rule::{Action, Guarded, Mode, Rule};
use crate::verdict::Verdict;
use ids::time::{Span, Timestamp};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000);

fn catalogue() -> Catalogue {
    let fact = |name: &str, kind| FactType {
        name: name.to_owned(),
        kind,
        unit: "",
        meaning: "A fact of the tests.".to_owned(),
    };
    let number = fact("address.attempts", Kind::Number);
    Catalogue::new(vec![number, fact("address.ip", Kind::Text)])
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn rule(text: &str, expression: &str) -> Rule {
    Rule {
        name: name(text),
        expression: expression.to_owned(),
        effect: Some(Verdict::Block),
        actions: vec![
            Action::FreezeVoucher,
            Action::CoolDown(Span::HOUR),
            Action::RaiseGuard(Guarded::Terminal, Span::DAY),
        ],
        reason: "Too many attempts.".to_owned(),
        payer_words: String::new(),
        mode: Mode::Live,
    }
}

fn apply(set: &RuleSet, edit: Edit) -> Result<RuleSet, EditError> {
    set.apply(&edit, &catalogue(), NOW)
}

fn apply_all(edits: Vec<Edit>) -> RuleSet {
    let start = RuleSet::empty();
    edits
        .into_iter()
        .fold(start, |set, edit| apply(&set, edit).unwrap())
}

fn add(list: &str, entry: &str, until: Option<Timestamp>) -> Edit {
    Edit::AddEntry {
        list: name(list),
        entry: entry.to_owned(),
        until,
    }
}

/// Two rules, two lists.
fn sample() -> RuleSet {
    apply_all(vec![
        Edit::MakeList(name("tor"), ListKind::Networks),
        add("tor", "192.0.2.0/24", Some(Timestamp(9_000))),
        Edit::SaveRule(rule("from-tor", "listed('tor', address.ip)")),
        Edit::SaveRule(rule("many", "address.attempts > 10")),
        Edit::MakeList(name("a-list"), ListKind::Texts),
    ])
}

struct From(&'static str);

impl crate::fact::Facts for From {
    fn number(&self, _: usize) -> f32 {
        f32::NAN
    }

    fn text(&self, index: usize) -> Option<&str> {
        (index == 1).then_some(self.0)
    }
}

#[test]
fn a_rule_finds_its_list_whatever_lists_come_and_go() {
    let ask = |set: &RuleSet, at| {
        let question = Question {
            facts: &From("192.0.2.7"),
            score: None,
            lists: set.lists(),
            at,
        };
        set.rule(&name("from-tor"))
            .unwrap()
            .program()
            .ask(&question)
    };
    let set = sample();
    assert_eq!(set.lists()[0].name().as_str(), "a-list");
    assert_eq!(ask(&set, NOW), Outcome::Matches);
    assert_eq!(ask(&set, Timestamp(9_000)), Outcome::MatchesNot);
    let dropped = apply(&set, Edit::DropList(name("a-list"))).unwrap();
    assert_eq!(ask(&dropped, NOW), Outcome::Matches);
    let decoded = RuleSet::decode(&set.encode(), &catalogue()).unwrap();
    assert_eq!(ask(&decoded, NOW), Outcome::Matches);
}

#[test]
fn an_edit_leaves_the_version_before_it_alone() {
    let set = sample();
    let before = set.encode();
    let next = apply(&set, Edit::MoveRule(name("many"), 0)).unwrap();
    assert_eq!(next.rules()[0].rule().name, name("many"));
    assert_eq!(next.version(), set.version() + 1);
    assert_ne!(next.hash(), set.hash());
    let next = apply(&next, Edit::SetMode(name("many"), Mode::Shadow)).unwrap();
    assert_eq!(next.rules()[0].rule().mode, Mode::Shadow);
    let next = apply(&next, Edit::SaveRule(rule("many", "address.attempts > 20"))).unwrap();
    assert_eq!(next.rules()[0].rule().expression, "address.attempts > 20");
    let next = apply(&next, Edit::RemoveRule(name("many"))).unwrap();
    assert_eq!(next.rules().len(), 1);
    assert_eq!(set.encode(), before);
}

#[test]
fn refusals_say_what_to_do() {
    for (edit, expected) in [
        (Edit::RemoveRule(name("none")), "there is no rule none"),
        (
            Edit::MoveRule(name("many"), 2),
            "the place 2 is behind the last rule; there are 2",
        ),
        (
            Edit::MakeList(name("tor"), ListKind::Texts),
            "there is a list tor already",
        ),
        (
            Edit::DropList(name("tor")),
            "rule from-tor asks the list tor; change the rule first",
        ),
        (
            add("none", "x", None),
            "there is no list none; make the list first",
        ),
        (
            add("a-list", "x", Some(NOW)),
            "an entry that has expired already has no effect; give it a later end",
        ),
        (
            add("a-list", "", None),
            "an entry is one line of 1 to 128 bytes",
        ),
        (
            Edit::SaveRule(rule("x", "address.attemps > 1")),
            "line 1, column 1: there is no fact address.attemps; did you mean address.attempts?",
        ),
        (
            Edit::SaveRule(Rule {
                reason: " ".to_owned(),
                ..rule("x", "true")
            }),
            "say in `reason` why the rule is there, in words a merchant understands",
        ),
        (
            Edit::SaveRule(Rule {
                effect: None,
                actions: Vec::new(),
                ..rule("x", "true")
            }),
            "the rule has neither an effect nor an action; give it one",
        ),
        (
            Edit::SaveRule(Rule {
                actions: vec![Action::CoolDown(Span(1))],
                ..rule("x", "true")
            }),
            "an action lasts whole seconds, from one minute to thirty days",
        ),
    ] {
        assert_eq!(apply(&sample(), edit).unwrap_err().to_string(), expected);
    }
    let absent = Edit::RemoveEntry {
        list: name("tor"),
        entry: "10.0.0.1".to_owned(),
    };
    assert_eq!(
        apply(&sample(), absent),
        Err(EditError::NoSuchEntry("10.0.0.1".to_owned()))
    );
}

#[test]
fn the_number_of_rules_and_their_cost_are_bounded() {
    let mut set = RuleSet::empty();
    for number in 0..RULES_MAX {
        set = apply(
            &set,
            Edit::SaveRule(rule(&format!("rule-{number}"), "address.attempts > 10")),
        )
        .unwrap();
    }
    for number in RULES_MAX..RULES_MAX + 3 {
        let edit = Edit::SaveRule(rule(&format!("rule-{number}"), "address.attempts > 10"));
        assert_eq!(apply(&set, edit), Err(EditError::TooManyRules));
    }
    let decoded = RuleSet::decode(&set.encode(), &catalogue()).unwrap();
    assert_eq!(decoded, set);
    let costly = vec!["address.ip.contains('x')"; 20].join(" || ");
    let refusal = (0..RULES_MAX).find_map(|number| {
        let edit = Edit::SaveRule(rule(&format!("rule-{number}"), &costly));
        set = match apply(&set, edit) {
            Ok(set) => set,
            Err(refusal) => return Some(refusal),
        };
        None
    });
    assert!(matches!(refusal, Some(EditError::TooCostly { .. })));
}

fn edits() -> impl Strategy<Value = Edit> {
    let names = prop::sample::select(vec!["one", "two", "three"]).prop_map(name);
    let expression = prop::sample::select(vec![
        "address.attempts > 1",
        "listed('one', address.ip)",
        "listed('two', address.ip) || address.attempts / 2 > 3.5",
    ]);
    let mode = prop::sample::select(Mode::ALL.to_vec());
    let kind = prop::sample::select(ListKind::ALL.to_vec());
    let entry = prop::sample::select(vec!["192.0.2.1", "10.0.0.0/8"]).prop_map(str::to_owned);
    let until = prop::option::of((0_i64..3_000).prop_map(Timestamp));
    let lists = names.clone();
    prop_oneof![
        (names.clone(), expression)
            .prop_map(|(name, expression)| Edit::SaveRule(rule(name.as_str(), expression))),
        names.clone().prop_map(Edit::RemoveRule),
        (names.clone(), 0_usize..4).prop_map(|(name, place)| Edit::MoveRule(name, place)),
        (names, mode).prop_map(|(name, mode)| Edit::SetMode(name, mode)),
        (lists.clone(), kind).prop_map(|(name, kind)| Edit::MakeList(name, kind)),
        lists.clone().prop_map(Edit::DropList),
        (lists.clone(), entry.clone(), until).prop_map(|(list, entry, until)| Edit::AddEntry {
            list,
            entry,
            until
        }),
        (lists, entry).prop_map(|(list, entry)| Edit::RemoveEntry { list, entry }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn bytes_make_the_same_set(edits in prop::collection::vec(edits(), 0..40)) {
        let catalogue = catalogue();
        let mut set = RuleSet::empty();
        for (edit, at) in edits.into_iter().zip((0..).step_by(100).map(Timestamp)) {
            let Ok(next) = set.apply(&edit, &catalogue, at) else {
                continue;
            };
            let decoded = RuleSet::decode(&next.encode(), &catalogue).unwrap();
            prop_assert_eq!(&decoded, &next);
            prop_assert_eq!(decoded.hash(), next.hash());
            set = next;
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_are_another_set(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let set = sample();
        let mut bytes = set.encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(other) = RuleSet::decode(&bytes, &catalogue()) {
            prop_assert_eq!(&other.encode(), &bytes);
        }
        prop_assert!(RuleSet::decode(&bytes[..at], &catalogue()).is_err());
    }
}
