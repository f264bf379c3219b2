//! A commit whose answer was lost is looked up: it is never done twice and never reported wrong.

use std::time::Duration;

use store::conformance::Harness;
use store::conformance::world::{MERCHANT, START, World, created, payment_id};
use store::fold::Rows;
use store::outbox::{Attempt, Channel, MessageStatus, NewMessage, Outbox, Outcome};
use store::row::Key;

use crate::harness::ThroughProxy;
use crate::proxy::Cut;

#[test]
fn an_attempt_whose_recording_lost_its_answer_is_noted_once() {
    let world = World::<ThroughProxy>::new();
    let backend = world.harness.backend();
    let message = NewMessage {
        recipient: MERCHANT.into(),
        channel: Channel::Webhook,
        event: "a".to_owned(),
        url: "https://shop.example/hook".to_owned(),
        body: "{}".to_owned(),
        entry: None,
        created_at: START,
    };
    let id = world.harness.wait(backend.enqueue_now(message));
    let id = id.expect("a message is added");
    for (number, cut) in (1..).zip([Cut::BeforeTheAnswer, Cut::AndDeliverLate, Cut::Nothing]) {
        let attempt = Attempt {
            message: id,
            number,
            at: START,
            duration_ms: 1,
            // So long that the proxy takes it for a commit.
            outcome: Outcome::Unreachable("x".repeat(1_000)),
            status: MessageStatus::GaveUp,
        };
        world.harness.proxy().cut_next(cut);
        let recorded = world.harness.wait(backend.record(vec![attempt]));
        recorded.expect("it is recorded");
        assert!(world.harness.proxy().is_done(), "{cut:?} did not happen");
        std::thread::sleep(Duration::from_millis(600));
        let found = world.harness.wait(backend.message(MERCHANT.into(), id));
        let (message, attempts) = found.expect("an answer").expect("the message");
        assert_eq!(
            (message.attempts, attempts.len()),
            (number, number as usize),
            "{cut:?}"
        );
    }
}

#[test]
fn a_commit_is_done_once_however_its_connection_ends() {
    let world = World::<ThroughProxy>::new();
    for (number, cut) in (0..).zip([
        Cut::BeforeTheServer,
        Cut::BeforeTheAnswer,
        Cut::AndDeliverLate,
        Cut::Nothing,
    ]) {
        let id = payment_id(MERCHANT, &format!("payment-{number}"));
        let batch = world.batch(world.entries(vec![created(id, 500, "anna")]));
        let head = world.head();
        world.harness.proxy().cut_next(cut);
        let shift = world.try_commit(batch);
        assert!(world.harness.proxy().is_done(), "{cut:?} did not happen");
        assert!(
            shift.as_ref().is_ok_and(|shift| shift.is_none()),
            "{cut:?}: {shift:?}"
        );
        // What was delivered late has arrived by now, and found that it was given up.
        std::thread::sleep(Duration::from_millis(600));
        assert_eq!(world.head(), head.next(), "{cut:?}");
        let rows = world.load(&[Key::Payment(id)]);
        let entries = rows.payment(id).map(|payment| payment.entries.clone());
        assert_eq!(entries, Some(vec![head.next()]), "{cut:?}");
    }
}
