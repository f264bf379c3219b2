//! Guards that are raised and lowered by themselves.

use engine::risk::countermeasures::{CHANGE_EVERY, Countermeasures, GUARDED_MAX};

use super::*;

/// Lets every attempt put its network under guard.
async fn guard_all(judged: &Judged) {
    let rule = Rule {
        name: Name::parse("guard-all").unwrap(),
        expression: "attempt.amount >= 0".to_owned(),
        effect: Some(Verdict::Challenge),
        actions: vec![Action::RaiseGuard(Guarded::Network, Span::HOUR.times(12))],
        reason: "The test says so.".to_owned(),
        payer_words: String::new(),
        mode: Mode::Live,
    };
    let edit = Edit::SaveRule(rule);
    let saved = judged.analysts.edit_rules(Actor::Operator, edit).await;
    saved.unwrap();
    judged.follow().await;
}

async fn guarded(judged: &Judged) -> usize {
    let rules = judged.analysts.current().await.unwrap().rules;
    let list = rules.list(&Name::parse("guarded-networks").unwrap());
    list.unwrap().len()
}

async fn rule_sets(judged: &Judged) -> usize {
    let store = &judged.platform.store;
    let entries = store.entries_after(Sequence(0), 100_000).await.unwrap();
    let is_set = |entry: &&Arc<accounting::entry::Entry>| {
        let fact = entry.fact();
        matches!(fact, Fact::DocumentSaved { name, .. } if matches!(name, DocumentName::RiskRules(_)))
    };
    entries.iter().filter(is_set).count()
}

#[tokio::test]
async fn a_storm_of_raised_guards_writes_few_rule_sets() {
    let judged = Judged::new().await;
    guard_all(&judged).await;
    let engine = Arc::clone(&judged.platform.engine);
    let mut work = Countermeasures::new(engine, judged.analysts.clone());
    let before = rule_sets(&judged).await;
    let order = judged.platform.sell(1, 1_000).await;
    for number in 1..=30 {
        judged.attempt(payer(number), 700, &order.pin).await;
        work.step().await.unwrap();
    }
    assert_eq!(guarded(&judged).await, 1, "the first is raised at once");
    judged.platform.clock.advance(CHANGE_EVERY);
    work.step().await.unwrap();
    assert_eq!(guarded(&judged).await, 30, "the others together");
    work.step().await.unwrap();
    assert_eq!(rule_sets(&judged).await - before, 2);
}

#[tokio::test]
async fn a_full_list_keeps_no_other_guard_from_being_raised() {
    let judged = Judged::new().await;
    guard_all(&judged).await;
    let list = Name::parse("guarded-networks").unwrap();
    let edits: Vec<Edit> = (0..GUARDED_MAX)
        .map(|number| Edit::AddEntry {
            list: list.clone(),
            entry: format!("network {number}"),
            until: None,
        })
        .collect();
    let full = judged
        .analysts
        .edit_as_far_as_possible(Actor::Operator, &edits);
    full.await.unwrap();
    let engine = Arc::clone(&judged.platform.engine);
    let mut work = Countermeasures::new(engine, judged.analysts.clone());
    let order = judged.platform.sell(1, 1_000).await;
    judged.attempt(payer(1), 700, &order.pin).await;
    while 0 < work.step().await.unwrap() {}
    assert_eq!(guarded(&judged).await, GUARDED_MAX);
    let away = Edit::RemoveEntry {
        list,
        entry: "network 7".to_owned(),
    };
    let edited = judged.analysts.edit_rules(Actor::Operator, away).await;
    edited.unwrap();
    let order = judged.platform.sell(1, 1_000).await;
    judged.attempt(payer(2), 700, &order.pin).await;
    judged.platform.clock.advance(CHANGE_EVERY);
    while 0 < work.step().await.unwrap() {}
    let rules = judged.analysts.current().await.unwrap().rules;
    let list = rules.list(&Name::parse("guarded-networks").unwrap());
    let mut entries = list.unwrap().entries();
    assert!(entries.any(|(entry, _)| entry == "203.0.2.0/24"));
}

#[tokio::test]
async fn a_network_under_attack_is_put_under_guard_and_let_go_again() {
    let judged = Judged::new().await;
    let engine = Arc::clone(&judged.platform.engine);
    let mut work = Countermeasures::new(engine, judged.analysts.clone());
    let guesser = Payer {
        device: None,
        customer: "a guesser",
        ..payer(1)
    };
    for _ in 0..5 {
        judged.attempt(guesser, 700, &Pin::generate()).await;
        judged.platform.clock.advance(Span::MINUTE);
    }
    let neighbour = |number| Payer {
        address: IpAddr::V4(Ipv4Addr::new(203, 0, 1, 99)),
        customer: ["Ada", "Bob", "Cleo", "Dan", "Eve", "Flo"][usize::from(number)],
        ..payer(number)
    };
    let pays = async |payer| {
        let order = judged.platform.sell(1, 1_000).await;
        judged.attempt(payer, 700, &order.pin).await.1
    };
    assert!(matches!(pays(neighbour(2)).await, PayOutcome::Paid(_)));
    assert!(matches!(pays(guesser).await, PayOutcome::Challenged { .. }));
    while 0 < work.step().await.unwrap() {}
    judged.follow().await;
    let version = judged.risk.bench().rules.version();
    assert!(matches!(
        pays(neighbour(4)).await,
        PayOutcome::Challenged { .. }
    ));
    // Whoever paid before is spared, and so are strangers elsewhere.
    assert!(matches!(pays(neighbour(2)).await, PayOutcome::Paid(_)));
    assert!(matches!(pays(payer(3)).await, PayOutcome::Paid(_)));
    // The same attack again soon changes nothing more.
    assert!(matches!(pays(guesser).await, PayOutcome::Challenged { .. }));
    while 0 < work.step().await.unwrap() {}
    assert_eq!(
        judged.analysts.current().await.unwrap().rules.version(),
        version
    );
    judged.platform.clock.advance(Span::HOUR.times(2));
    assert!(matches!(pays(neighbour(5)).await, PayOutcome::Paid(_)));
    judged.replayed().await;
}
