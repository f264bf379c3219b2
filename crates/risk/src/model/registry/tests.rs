use super::*;
use crate::model::contest::Measure;
use ids::time::Span;
use proptest::prelude::*;

const RULE: PromotionRule = PromotionRule {
    measure: Measure::AveragePrecision,
    gain_min: 0.01,
    labelled_min: 1_000,
    frauds_min: 50,
    window: Span::DAY,
};

fn model(number: u8) -> ModelHash {
    ModelHash([number; 32])
}

fn person() -> String {
    "Ada".into()
}

fn register(number: u8) -> Command {
    Command::Register {
        model: model(number),
    }
}

fn promote(number: u8) -> Command {
    Command::Promote {
        model: model(number),
        person: person(),
    }
}

fn challenge(number: u8) -> Command {
    Command::Challenge {
        model: model(number),
    }
}

fn evidence(champion: u8, challenger: u8) -> Evidence {
    Evidence {
        champion: model(champion),
        challenger: model(challenger),
        labelled: 5_000,
        frauds: 100,
        champion_value: 0.7,
        challenger_value: 0.75,
    }
}

fn roll_back() -> Command {
    Command::RollBack { person: person() }
}

fn after(commands: impl IntoIterator<Item = Command>) -> Registry {
    let mut registry = Registry::default();
    for command in commands {
        let event = registry.decide(command).unwrap();
        registry.apply(&event);
    }
    registry
}

fn refusal(registry: &Registry, command: Command) -> RegistryRefusal {
    registry.decide(command).expect_err("it is to be refused")
}

#[test]
fn a_champion_is_rolled_back_in_one_step() {
    let commands = [
        register(1),
        register(2),
        register(3),
        promote(1),
        promote(2),
        promote(3),
    ];
    let mut registry = after(commands);
    for (from, to) in [(3, 2), (2, 1)] {
        let event = registry.decide(roll_back()).unwrap();
        let (from, to) = (model(from), model(to));
        assert_eq!(
            event,
            Event::RolledBack {
                from,
                to,
                person: person()
            }
        );
        registry.apply(&event);
        assert_eq!(registry.champion(), Some(to));
    }
    assert_eq!(
        refusal(&registry, roll_back()),
        RegistryRefusal::NothingBefore
    );
}

#[test]
fn a_rule_promotes_a_challenger_and_never_one_that_was_rolled_back() {
    let rule = Command::SetRule { rule: Some(RULE) };
    let mut registry = after([register(1), register(2), promote(1), challenge(2), rule]);
    let by_rule = Command::PromoteByRule {
        evidence: evidence(1, 2),
    };
    let event = registry.decide(by_rule.clone()).unwrap();
    let Event::Promoted { replaced, by, .. } = &event else {
        panic!("{event:?}");
    };
    assert_eq!(*replaced, Some(model(1)));
    assert_eq!(*by, Promoter::Rule(RULE, evidence(1, 2)));
    registry.apply(&event);
    assert_eq!(registry.champion(), Some(model(2)));
    assert!(registry.challengers().is_empty());
    let event = registry.decide(roll_back()).unwrap();
    registry.apply(&event);
    let refused = refusal(&registry, by_rule);
    assert_eq!(refused, RegistryRefusal::NoChallenger { model: model(2) });
}

#[test]
fn evidence_that_does_not_fit_promotes_nobody() {
    let commands = [
        register(1),
        register(2),
        register(3),
        promote(1),
        challenge(2),
    ];
    let without_rule = after(commands.clone());
    let by_rule = |evidence| Command::PromoteByRule { evidence };
    let refused = refusal(&without_rule, by_rule(evidence(1, 2)));
    assert_eq!(refused, RegistryRefusal::NoRule);
    let rule = Command::SetRule { rule: Some(RULE) };
    let registry = after(commands.into_iter().chain([rule]));
    let refused = refusal(&registry, by_rule(evidence(3, 2)));
    assert_eq!(refused, RegistryRefusal::OtherChampion);
    let refused = refusal(&registry, by_rule(evidence(1, 3)));
    assert_eq!(refused, RegistryRefusal::NoChallenger { model: model(3) });
    let weak = Evidence {
        challenger_value: 0.705,
        ..evidence(1, 2)
    };
    assert_eq!(
        refusal(&registry, by_rule(weak)),
        RegistryRefusal::TooLittle
    );
}

#[test]
fn commands_that_make_no_sense_are_refused() {
    let registry = after([register(1), register(2), promote(1), challenge(2)]);
    let refused = |command| refusal(&registry, command);
    let (one, two, nine) = (model(1), model(2), model(9));
    assert_eq!(
        refused(register(1)),
        RegistryRefusal::Registered { model: one }
    );
    assert_eq!(
        refused(promote(1)),
        RegistryRefusal::Champion { model: one }
    );
    assert_eq!(
        refused(promote(9)),
        RegistryRefusal::Unknown { model: nine }
    );
    assert_eq!(
        refused(challenge(1)),
        RegistryRefusal::Champion { model: one }
    );
    assert_eq!(
        refused(challenge(2)),
        RegistryRefusal::Challenger { model: two }
    );
    let retire = |model| Command::Retire { model };
    assert_eq!(refused(retire(one)), RegistryRefusal::InUse { model: one });
    assert_eq!(refused(retire(two)), RegistryRefusal::InUse { model: two });
    assert_eq!(
        refused(retire(nine)),
        RegistryRefusal::Unknown { model: nine }
    );
    let nameless = Command::RollBack {
        person: String::new(),
    };
    assert_eq!(refused(nameless), RegistryRefusal::Person);
    let rule = Some(PromotionRule {
        frauds_min: 0,
        ..RULE
    });
    assert!(matches!(
        refused(Command::SetRule { rule }),
        RegistryRefusal::Rule(_)
    ));
    let empty = after([register(1)]);
    assert_eq!(refusal(&empty, challenge(1)), RegistryRefusal::NoChampion);
    assert_eq!(refusal(&empty, roll_back()), RegistryRefusal::NoChampion);
}

fn command() -> impl Strategy<Value = Command> {
    let number = || 0u8..8;
    prop_oneof![
        3 => number().prop_map(register),
        3 => number().prop_map(promote),
        3 => number().prop_map(challenge),
        1 => number().prop_map(|number| Command::Withdraw { model: model(number) }),
        2 => (number(), number()).prop_map(|(one, other)| Command::PromoteByRule { evidence: evidence(one, other) }),
        2 => Just(roll_back()),
        1 => any::<bool>().prop_map(|is_set| Command::SetRule { rule: is_set.then_some(RULE) }),
        1 => number().prop_map(|number| Command::Retire { model: model(number) }),
    ]
}

proptest! {
    #[test]
    fn whatever_is_commanded_the_state_makes_sense(commands in prop::collection::vec(command(), 0..200)) {
        let mut registry = Registry::default();
        for command in commands {
            let before = registry.clone();
            match registry.decide(command) {
                Err(_) => prop_assert_eq!(&registry, &before),
                Ok(event) => registry.apply(&event),
            }
            let known = |model: &ModelHash| registry.models.contains(model);
            prop_assert!(registry.champion.iter().all(known));
            prop_assert!(registry.former.iter().all(known));
            prop_assert!(registry.challengers.iter().all(known));
            prop_assert!(registry.challengers.len() <= CHALLENGERS_MAX);
            prop_assert!(registry.former.len() <= FORMER_MAX);
            prop_assert!(registry.champion.is_none_or(|champion| !registry.challengers.contains(&champion)));
            prop_assert!(registry.champion.is_some() || registry.former.is_empty());
            prop_assert!(registry.former.last().is_none() || registry.former.last() != registry.champion.as_ref());
            let mut distinct = registry.challengers.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), registry.challengers.len());
        }
    }
}
