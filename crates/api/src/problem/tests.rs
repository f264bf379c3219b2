use std::collections::BTreeSet;

use super::*;

#[test]
fn every_code_stands_in_the_table_once_and_has_words() {
    let mut codes = BTreeSet::new();
    for kind in catalogue::all() {
        assert!(codes.insert(kind.code), "{} twice", kind.code);
        assert!(
            kind.code
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        );
        assert!(kind.remedy.ends_with('.'));
    }
}

#[test]
fn every_number_of_our_own_belongs_to_one_code() {
    let own = |kind: &Kind| (9001..10_000).contains(&kind.number);
    let mut numbers = BTreeSet::new();
    for kind in catalogue::all().into_iter().filter(|kind| own(kind)) {
        assert!(numbers.insert(kind.number), "{} twice", kind.number);
    }
    assert!(!numbers.is_empty());
}

#[test]
fn terminal_limits_have_the_numbers_3174_to_3178() {
    let numbers: Vec<u32> = (1..=5)
        .map(|limit| catalogue::terminal_limit(limit).number)
        .collect();
    assert_eq!(numbers, [3174, 3175, 3176, 3177, 3178]);
}

#[test]
fn the_same_refusal_has_another_number_for_a_refund() {
    let refusal = || {
        CommandError::from(Refusal::from(payment::decide::Refusal::InvalidState {
            status: Status::Expired,
        }))
    };
    let number = |subject| of(refusal(), subject).problem().number;
    assert_eq!(number(Subject::Payment(Currency::EUR)), 2017);
    assert_eq!(number(Subject::Refund(Currency::EUR)), 3180);
}

#[test]
fn a_busy_server_says_when_to_come_back() {
    let refused = of(CommandError::Overloaded, Subject::Account);
    assert_eq!(refused.problem().status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.problem().retry_after.is_some());
    assert_eq!(refused.problem().applied, Applied::Nothing);
}

#[test]
fn a_node_whose_data_is_served_elsewhere_sends_callers_on() {
    let failure = Failure::NotServed {
        place: "the database secret-name on 10.0.0.1".to_owned(),
        why: store::moving::MOVED_AWAY,
    };
    let refused = of(failure.into(), Subject::Account);
    let problem = refused.problem();
    assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(problem.retry_after.is_some());
    assert_eq!(problem.applied, Applied::Nothing);
    assert!(problem.detail.contains("has moved") && !problem.detail.contains("secret-name"));
}

#[test]
fn settings_that_changed_meanwhile_are_a_conflict_and_no_failure() {
    let error = || CommandError::Refused(Refusal::ChangedMeanwhile);
    let settings = of(error(), Subject::Account);
    assert_eq!(settings.problem().status, StatusCode::CONFLICT);
    assert_eq!(settings.problem().code, "changed_meanwhile");
    let order = of(error(), Subject::Order);
    assert_eq!(order.problem().status, StatusCode::SERVICE_UNAVAILABLE);
}
