//! Histories that are right, and one that is wrong in each way.

use std::time::Duration;

use super::history::{Action, Answer, Answered, Call, History, PaymentSeen, Phase};
use super::money::totals;
use super::search::{CALLS_MAX, Fault, judge};

const PAY: Action = Action::Pay { payment: 0 };
const CAPTURE: Action = Action::Capture { payment: 0 };
const CANCEL: Action = Action::Cancel { payment: 0 };
const LOOK: Action = Action::LookAtPayment { payment: 0 };
const BALANCE: Action = Action::LookAtVoucher;

fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn told(action: Action, begun: u64, ended: u64, answer: Answer) -> Call {
    Call {
        action,
        command: None,
        begun: at(begun),
        answer: Some(Answered {
            at: at(ended),
            answer,
        }),
    }
}

fn unanswered(action: Action, begun: u64) -> Call {
    Call {
        action,
        command: None,
        begun: at(begun),
        answer: None,
    }
}

fn of_command(command: u16, call: Call) -> Call {
    Call {
        command: Some(command),
        ..call
    }
}

fn seen(phase: Phase, captured: i64, refunded: i64, refunds: usize) -> Answer {
    Answer::Payment(PaymentSeen {
        phase,
        captured,
        refunded,
        refunds,
    })
}

fn left(left: i64) -> Answer {
    Answer::Voucher { left }
}

/// A voucher of 25.00 and two payments of 10.00 and 20.00.
fn history(calls: Vec<Call>) -> History {
    History {
        worth: 2_500,
        currency: "EUR",
        amounts: vec![1_000, 2_000],
        calls,
    }
}

#[track_caller]
fn accept(calls: Vec<Call>) {
    assert_eq!(judge(&history(calls)), Ok(()));
}

#[track_caller]
fn reject(calls: Vec<Call>) {
    let verdict = judge(&history(calls));
    assert!(matches!(verdict, Err(Fault::NoOrder { .. })), "{verdict:?}");
}

fn refund(minor: i64) -> Action {
    Action::Refund { payment: 0, minor }
}

#[test]
fn a_whole_life_is_right() {
    accept(vec![
        told(BALANCE, 0, 1, left(2_500)),
        told(PAY, 2, 3, Answer::Ended),
        told(LOOK, 4, 5, seen(Phase::Held, 0, 0, 0)),
        told(Action::Pay { payment: 1 }, 4, 6, Answer::NotEnough),
        told(CAPTURE, 7, 8, Answer::Done),
        told(refund(400), 9, 10, Answer::Done),
        told(refund(601), 11, 12, Answer::Refused),
        told(LOOK, 13, 14, seen(Phase::Captured, 1_000, 400, 1)),
        told(BALANCE, 13, 14, left(1_900)),
    ]);
}

#[test]
fn calls_at_the_same_time_may_take_effect_in_either_order() {
    for (captured, cancelled) in [
        (Answer::Done, Answer::Refused),
        (Answer::Refused, Answer::Done),
    ] {
        accept(vec![
            told(PAY, 0, 1, Answer::Ended),
            told(CAPTURE, 2, 9, captured),
            told(CANCEL, 3, 8, cancelled),
        ]);
    }
}

#[test]
fn both_of_two_that_exclude_each_other_cannot_be_done() {
    reject(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(CAPTURE, 2, 9, Answer::Done),
        told(CANCEL, 3, 8, Answer::Done),
    ]);
}

#[test]
fn an_acknowledged_command_that_is_lost_is_found() {
    reject(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(CAPTURE, 2, 3, Answer::Done),
        told(LOOK, 4, 5, seen(Phase::Held, 0, 0, 0)),
    ]);
    reject(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(LOOK, 4, 5, seen(Phase::Open, 0, 0, 0)),
        told(BALANCE, 6, 7, left(2_500)),
    ]);
    reject(vec![told(LOOK, 0, 1, Answer::Nothing)]);
}

#[test]
fn a_command_that_is_done_twice_is_found() {
    let sent_twice = |seen: Answer, left: Answer| {
        vec![
            told(PAY, 0, 1, Answer::Ended),
            told(CAPTURE, 2, 3, Answer::Done),
            of_command(1, unanswered(refund(300), 4)),
            of_command(1, told(refund(300), 5, 6, Answer::Done)),
            told(LOOK, 7, 8, seen),
            told(BALANCE, 7, 8, left),
        ]
    };
    accept(sent_twice(
        seen(Phase::Captured, 1_000, 300, 1),
        left(1_800),
    ));
    reject(sent_twice(
        seen(Phase::Captured, 1_000, 600, 2),
        left(2_100),
    ));
    // The payment is right and the voucher is not: either is enough.
    reject(sent_twice(
        seen(Phase::Captured, 1_000, 300, 1),
        left(2_100),
    ));
}

#[test]
fn two_commands_that_are_alike_are_done_twice() {
    accept(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(CAPTURE, 2, 3, Answer::Done),
        of_command(1, told(refund(300), 4, 6, Answer::Done)),
        of_command(2, told(refund(300), 5, 6, Answer::Done)),
        told(LOOK, 7, 8, seen(Phase::Captured, 1_000, 600, 2)),
    ]);
}

#[test]
fn an_overspent_voucher_is_found() {
    reject(vec![
        told(PAY, 0, 5, Answer::Ended),
        told(Action::Pay { payment: 1 }, 0, 5, Answer::Ended),
        told(LOOK, 6, 7, seen(Phase::Held, 0, 0, 0)),
        told(
            Action::LookAtPayment { payment: 1 },
            6,
            7,
            seen(Phase::Held, 0, 0, 0),
        ),
    ]);
}

#[test]
fn a_refund_of_more_than_was_captured_is_found() {
    reject(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(CAPTURE, 2, 3, Answer::Done),
        of_command(1, told(refund(600), 4, 6, Answer::Done)),
        of_command(2, told(refund(600), 5, 6, Answer::Done)),
    ]);
}

#[test]
fn a_stale_read_is_found() {
    reject(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(LOOK, 2, 3, seen(Phase::Held, 0, 0, 0)),
        told(LOOK, 4, 5, seen(Phase::Open, 0, 0, 0)),
    ]);
    // While the call is under way, both are true.
    accept(vec![
        told(PAY, 0, 9, Answer::Ended),
        told(LOOK, 2, 3, seen(Phase::Open, 0, 0, 0)),
        told(LOOK, 4, 5, seen(Phase::Held, 0, 0, 0)),
    ]);
    // Whoever saw it done does not see it undone.
    reject(vec![
        told(PAY, 0, 9, Answer::Ended),
        told(LOOK, 2, 3, seen(Phase::Held, 0, 0, 0)),
        told(LOOK, 4, 5, seen(Phase::Open, 0, 0, 0)),
    ]);
}

#[test]
fn a_call_without_an_answer_may_take_effect_late_or_never() {
    for phase in [Phase::Open, Phase::Held] {
        accept(vec![
            unanswered(PAY, 0),
            told(LOOK, 90, 91, seen(phase, 0, 0, 0)),
        ]);
    }
    reject(vec![
        told(LOOK, 0, 1, seen(Phase::Held, 0, 0, 0)),
        unanswered(PAY, 2),
    ]);
}

#[test]
fn a_refused_command_has_no_effect() {
    reject(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(CAPTURE, 2, 3, Answer::Refused),
    ]);
    reject(vec![
        told(PAY, 0, 1, Answer::Ended),
        told(CAPTURE, 2, 3, Answer::Done),
        told(refund(1_001), 4, 5, Answer::Refused),
        told(LOOK, 6, 7, seen(Phase::Captured, 1_000, 1_001, 1)),
    ]);
}

#[test]
fn a_history_that_is_too_long_is_no_success() {
    let calls = (0..=CALLS_MAX as u64).map(|number| told(BALANCE, number, number, left(2_500)));
    let verdict = judge(&history(calls.collect()));
    assert_eq!(
        verdict,
        Err(Fault::TooLong {
            calls: CALLS_MAX + 1
        })
    );
}

#[test]
fn many_calls_without_answers_are_judged() {
    let mut calls: Vec<Call> = (0..30)
        .map(|number| unanswered(if number % 2 == 0 { PAY } else { CANCEL }, number))
        .collect();
    calls.push(told(LOOK, 40, 41, seen(Phase::Cancelled, 0, 0, 0)));
    calls.push(told(BALANCE, 42, 43, left(2_500)));
    accept(calls);
}

#[test]
fn money_that_is_missing_is_found() {
    let calls = |balance| {
        vec![
            told(BALANCE, 0, 1, left(2_500)),
            told(LOOK, 8, 9, seen(Phase::Captured, 1_000, 400, 1)),
            told(
                Action::LookAtPayment { payment: 1 },
                8,
                9,
                seen(Phase::Open, 0, 0, 0),
            ),
            told(BALANCE, 8, 9, left(balance)),
        ]
    };
    for (balance, missing) in [(1_900, 0), (1_899, 1), (2_300, -400)] {
        let sums = totals(&[history(calls(balance))]);
        assert_eq!(sums["EUR"].missing(), missing, "{sums:?}");
    }
}
