//! The outbox: numbers without gaps, a cursor that only advances, and what became of each message.

use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;

use crate::conformance::Harness;
use crate::conformance::world::{MERCHANT, START, World};
use crate::outbox::{
    Attempt, Channel, Message, MessageId, MessageStatus, NewMessage, Outbox, Outcome, Queue,
    Recipient, Resend, Step, Stepped,
};

pub fn numbers_have_no_gap_for_each_recipient_and_channel<H: Harness>() {
    let world = filled::<H>();
    let other = other_merchant();
    enqueue(
        &world,
        vec![
            webhook(MERCHANT, "a"),
            webhook(other, "b"),
            letter("l"),
            notification("c"),
        ],
        1,
    );
    enqueue(
        &world,
        vec![webhook(MERCHANT, "d"), letter("m"), webhook(MERCHANT, "e")],
        2,
    );
    let outbox = world.harness.backend();
    let test = outbox.enqueue_now(webhook(MERCHANT, "test"));
    let test = world.harness.wait(test).expect("a message is added");
    enqueue(&world, vec![webhook(MERCHANT, "f"), webhook(other, "g")], 3);
    let numbers = |recipient: Recipient, channel| -> Vec<(u64, String)> {
        let messages = world.harness.wait(outbox.messages(recipient, None, 100));
        let messages = messages.expect("messages are listed").into_iter().rev();
        let of_channel = messages.filter(|message| message.content.channel == channel);
        of_channel
            .map(|message| (message.number, message.content.event))
            .collect()
    };
    let expected = [(1, "a"), (2, "d"), (3, "e"), (4, "test"), (5, "f")];
    assert_eq!(numbers(MERCHANT.into(), Channel::Webhook), owned(&expected));
    assert_eq!(
        numbers(MERCHANT.into(), Channel::Notification),
        owned(&[(1, "c")])
    );
    assert_eq!(
        numbers(owner(), Channel::Mail),
        owned(&[(1, "l"), (2, "m")])
    );
    assert_eq!(
        numbers(other.into(), Channel::Webhook),
        owned(&[(1, "b"), (2, "g")])
    );
    let (message, attempts) = message(&world, test);
    assert_eq!((message.number, attempts.len()), (4, 0));
}

pub fn a_cursor_that_is_not_ahead_changes_nothing<H: Harness>() {
    let world = filled::<H>();
    assert_eq!(cursor(&world), Sequence(0));
    let taken = [2, 2, 1].map(|to| enqueue(&world, vec![webhook(MERCHANT, "a")], to));
    assert_eq!(
        taken,
        [Stepped::Taken, Stepped::NotTaken, Stepped::NotTaken]
    );
    assert_eq!(
        (cursor(&world), events(&world)),
        (Sequence(2), vec!["a".to_owned()])
    );
    enqueue(&world, Vec::new(), 3);
    assert_eq!((cursor(&world), events(&world).len()), (Sequence(3), 1));
}

pub fn a_reader_that_was_overtaken_changes_nothing<H: Harness>() {
    let world = filled::<H>();
    enqueue(&world, vec![webhook(MERCHANT, "a")], 2);
    // It had read from the beginning, and further than the other one.
    let late = vec![webhook(MERCHANT, "a"), webhook(MERCHANT, "b")];
    assert_eq!(enqueue_from(&world, late, 0, 3), Stepped::NotTaken);
    assert_eq!(
        (cursor(&world), events(&world)),
        (Sequence(2), vec!["a".to_owned()])
    );
}

pub fn messages_fall_due_oldest_first<H: Harness>() {
    let world = filled::<H>();
    let messages = ["a", "b", "c"].map(|event| webhook(MERCHANT, event));
    enqueue(&world, messages.to_vec(), 1);
    assert_eq!(due(&world, START.minus(Span(1)), 10), []);
    let all = due(&world, START, 10);
    let names: Vec<&str> = all
        .iter()
        .map(|message| message.content.event.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(due(&world, START, 2), all[..2]);
    assert_eq!(all[0].content, webhook(MERCHANT, "a"));
    let later = START.plus(Span::MINUTE);
    let pending = MessageStatus::Pending {
        next_attempt_at: later,
    };
    record(
        &world,
        vec![
            attempt(all[0].id, pending),
            attempt(all[1].id, MessageStatus::Delivered),
        ],
    );
    let ids = |now| -> Vec<MessageId> {
        due(&world, now, 10)
            .iter()
            .map(|message| message.id)
            .collect()
    };
    assert_eq!(ids(START), [all[2].id]);
    assert_eq!(ids(later), [all[2].id, all[0].id]);
}

pub fn queues_fall_due_apart<H: Harness>() {
    let world = filled::<H>();
    let mut messages: Vec<NewMessage> = ["l", "m", "n"].map(letter).to_vec();
    messages.extend([webhook(MERCHANT, "w"), notification("c"), letter("o")]);
    messages.push(NewMessage {
        channel: Channel::Parting,
        ..letter("p")
    });
    enqueue(&world, messages, 1);
    let due = |queue, count| -> Vec<String> {
        let due = Outbox::due(world.harness.backend(), queue, START, count);
        let due = world.harness.wait(due).expect("due messages are listed");
        due.into_iter()
            .map(|message| message.content.event)
            .collect()
    };
    assert_eq!(due(Queue::Merchants, 2), ["w", "c"]);
    assert_eq!(due(Queue::Letters, 10), ["l", "m", "n", "o"]);
    assert_eq!(due(Queue::Partings, 10), ["p"]);
}

pub fn attempts_are_recorded_with_their_outcome<H: Harness>() {
    let world = filled::<H>();
    enqueue(&world, vec![webhook(MERCHANT, "a")], 1);
    let id = due(&world, START, 1)[0].id;
    let pending = MessageStatus::Pending {
        next_attempt_at: START.plus(Span::MINUTE),
    };
    let mut attempts = vec![attempt(id, pending), attempt(id, MessageStatus::GaveUp)];
    attempts[1].number = 2;
    attempts[1].outcome = Outcome::Unreachable("the name does not resolve".to_owned());
    attempts
        .iter()
        .for_each(|attempt| record(&world, vec![attempt.clone()]));
    let (message, recorded) = message(&world, id);
    assert_eq!(recorded, attempts);
    assert_eq!(
        (message.attempts, message.status),
        (2, MessageStatus::GaveUp)
    );
    let elsewhere = world.harness.backend().message(other_merchant().into(), id);
    let elsewhere = world.harness.wait(elsewhere).expect("messages are found");
    assert_eq!(elsewhere, None);
}

pub fn an_attempt_is_recorded_once<H: Harness>() {
    let world = filled::<H>();
    enqueue(&world, vec![webhook(MERCHANT, "a")], 1);
    let id = due(&world, START, 1)[0].id;
    let pending = MessageStatus::Pending {
        next_attempt_at: START.plus(Span::MINUTE),
    };
    let first = attempt(id, pending);
    let mut second = attempt(id, MessageStatus::Delivered);
    second.number = 2;
    // A lost answer: the same is recorded again, alone or with what came since.
    record(&world, vec![first.clone()]);
    record(&world, vec![first.clone()]);
    record(&world, vec![first.clone(), second.clone()]);
    record(&world, vec![first.clone(), second.clone()]);
    let (message, recorded) = message(&world, id);
    assert_eq!(recorded, [first, second]);
    assert_eq!(
        (message.attempts, message.status),
        (2, MessageStatus::Delivered)
    );
}

pub fn a_message_is_sent_again_on_request<H: Harness>() {
    let world = filled::<H>();
    enqueue(&world, vec![webhook(MERCHANT, "a")], 1);
    let id = due(&world, START, 1)[0].id;
    record(&world, vec![attempt(id, MessageStatus::Delivered)]);
    let now = START.plus(Span::DAY);
    assert_eq!(due(&world, now, 10), []);
    let resend = |merchant: MerchantId, id| {
        let resend = world.harness.backend();
        let resend = resend.resend(merchant.into(), id, Resend::Always, now);
        world.harness.wait(resend).expect("a message is made due")
    };
    assert!(!resend(other_merchant(), id));
    assert!(!resend(MERCHANT, MessageId(id.0 + 1)));
    assert!(resend(MERCHANT, id));
    let again = due(&world, now, 10);
    assert_eq!((again[0].id, again[0].number), (id, 1));
}

/// Two people press the button, or a node that has lost its lease puts off what another one has sent.
pub fn only_the_message_that_is_meant_is_sent_again<H: Harness>() {
    let world = filled::<H>();
    enqueue(&world, vec![webhook(MERCHANT, "a")], 1);
    let id = due(&world, START, 1)[0].id;
    let resend = |meant, now| {
        let resend = world.harness.backend();
        let resend = resend.resend(MERCHANT.into(), id, meant, now);
        world.harness.wait(resend).expect("a message is made due")
    };
    let waiting = |attempts, next_attempt_at| Resend::IfWaiting {
        attempts,
        next_attempt_at,
    };
    let next_attempt_at = |at| MessageStatus::Pending {
        next_attempt_at: at,
    };
    let (soon, later) = (START.plus(Span::MINUTE), START.plus(Span::DAY));
    let unchanged = |meant: &[Resend], status| {
        for meant in meant {
            assert!(!resend(*meant, later), "{meant:?}");
            assert_eq!(message(&world, id).0.status, status, "{meant:?}");
        }
    };
    let others = [Resend::IfGivenUp, waiting(1, START), waiting(0, soon)];
    unchanged(&others, next_attempt_at(START));
    assert!(resend(waiting(0, START), soon));
    unchanged(&[waiting(0, START)], next_attempt_at(soon));
    record(&world, vec![attempt(id, MessageStatus::GaveUp)]);
    unchanged(&[waiting(0, soon), waiting(1, soon)], MessageStatus::GaveUp);
    assert!(resend(Resend::IfGivenUp, later));
    unchanged(&[Resend::IfGivenUp], next_attempt_at(later));
    let mut second = attempt(id, MessageStatus::Delivered);
    second.number = 2;
    record(&world, vec![second]);
    let all = [Resend::IfGivenUp, waiting(1, later), waiting(2, later)];
    unchanged(&all, MessageStatus::Delivered);
}

pub fn messages_are_listed_newest_first<H: Harness>() {
    let world = filled::<H>();
    let names = ["a", "b", "c", "d", "e"];
    enqueue(
        &world,
        names.map(|event| webhook(MERCHANT, event)).to_vec(),
        1,
    );
    let outbox = world.harness.backend();
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = world
            .harness
            .wait(outbox.messages(MERCHANT.into(), before, 2));
        let page = page.expect("messages are listed");
        let Some(last) = page.last() else {
            break;
        };
        before = Some(last.id);
        seen.extend(page.into_iter().map(|message| message.content.event));
    }
    assert_eq!(seen, ["e", "d", "c", "b", "a"]);
}

pub fn letters_that_were_given_up_are_listed_alone<H: Harness>() {
    let world = filled::<H>();
    let mut messages: Vec<NewMessage> = ["l", "m", "n", "o"].map(letter).to_vec();
    messages.push(webhook(MERCHANT, "w"));
    enqueue(&world, messages, 1);
    let all = due_in(&world, Queue::Letters, START, 10);
    let gave_up = all.iter().filter(|message| message.content.event != "m");
    let attempts = gave_up.map(|message| attempt(message.id, MessageStatus::GaveUp));
    let mut attempts: Vec<Attempt> = attempts.collect();
    // The last letter has a second attempt, which is the one that counts.
    let second = attempts.pop().map(|only| {
        let pending = MessageStatus::Pending {
            next_attempt_at: START,
        };
        attempts.push(Attempt {
            status: pending,
            ..only.clone()
        });
        let outcome = Outcome::Unreachable("no answer".to_owned());
        Attempt {
            number: 2,
            outcome,
            ..only
        }
    });
    record(&world, attempts);
    record(&world, second.clone().into_iter().collect());
    let listed = |before: Option<MessageId>, count| -> Vec<(MessageId, String)> {
        let found = world.harness.backend().letters_given_up(before, count);
        let found = world.harness.wait(found).expect("letters are listed");
        for (message, last) in &found {
            let last = last.as_ref().expect("the last attempt is told");
            assert_eq!((last.message, last.number), (message.id, message.attempts));
            if second
                .as_ref()
                .is_some_and(|second| second.message == message.id)
            {
                assert_eq!(Some(last), second.as_ref());
            }
        }
        let found = found.into_iter();
        found
            .map(|(message, _)| (message.id, message.content.event))
            .collect()
    };
    let first = listed(None, 2);
    let names = |page: &[(MessageId, String)]| -> Vec<String> {
        page.iter().map(|(_, event)| event.clone()).collect()
    };
    assert_eq!(names(&first), ["o", "n"]);
    assert_eq!(names(&listed(Some(first[1].0), 2)), ["l"]);
}

pub fn the_outbox_survives_a_reopen<H: Harness>() {
    let mut world = filled::<H>();
    enqueue(
        &world,
        vec![webhook(MERCHANT, "a"), webhook(MERCHANT, "b")],
        3,
    );
    let id = due(&world, START, 1)[0].id;
    record(&world, vec![attempt(id, MessageStatus::Delivered)]);
    let before = message(&world, id);
    world.harness.reopen();
    assert_eq!(cursor(&world), Sequence(3));
    assert_eq!(message(&world, id), before);
    assert_eq!(due(&world, START, 10).len(), 1);
    let test = world
        .harness
        .backend()
        .enqueue_now(webhook(MERCHANT, "test"));
    let test = world.harness.wait(test).expect("a message is added");
    assert_eq!(message(&world, test).0.number, 3);
}

/// A world whose journal has entries that messages can follow.
fn filled<H: Harness>() -> World<H> {
    World::new()
}

fn other_merchant() -> MerchantId {
    MerchantId::new(MERCHANT.number() + 1).expect("the number is in range")
}

pub(super) fn webhook(merchant: MerchantId, event: &str) -> NewMessage {
    NewMessage {
        recipient: merchant.into(),
        channel: Channel::Webhook,
        event: event.to_owned(),
        url: "https://shop.example/hook".to_owned(),
        body: format!("{{\"event\":\"{event}\"}}"),
        entry: Some(Sequence(1)),
        created_at: START,
    }
}

pub(super) fn notification(event: &str) -> NewMessage {
    NewMessage {
        channel: Channel::Notification,
        entry: None,
        ..webhook(MERCHANT, event)
    }
}

/// The owner of a voucher, whose number no merchant has.
fn owner() -> Recipient {
    Recipient::Owner(Serial::new(1_000_000_000_000_001).expect("the number is in range"))
}

fn letter(event: &str) -> NewMessage {
    NewMessage {
        recipient: owner(),
        channel: Channel::Mail,
        ..webhook(MERCHANT, event)
    }
}

/// The first attempt.
pub(super) fn attempt(message: MessageId, status: MessageStatus) -> Attempt {
    Attempt {
        message,
        number: 1,
        at: START.plus(Span::SECOND),
        duration_ms: 120,
        outcome: Outcome::Answered(503),
        status,
    }
}

/// Adds messages as the only reader would.
pub(super) fn enqueue<H: Harness>(world: &World<H>, messages: Vec<NewMessage>, to: u64) -> Stepped {
    enqueue_from(world, messages, cursor(world).0, to)
}

fn enqueue_from<H: Harness>(
    world: &World<H>,
    messages: Vec<NewMessage>,
    from: u64,
    to: u64,
) -> Stepped {
    let step = Step {
        from: Sequence(from),
        to: Sequence(to),
    };
    let enqueue = world.harness.backend().enqueue(messages, step);
    world.harness.wait(enqueue).expect("messages are added")
}

pub(super) fn record<H: Harness>(world: &World<H>, attempts: Vec<Attempt>) {
    let record = world.harness.backend().record(attempts);
    world.harness.wait(record).expect("attempts are recorded");
}

fn due<H: Harness>(world: &World<H>, now: Timestamp, count: usize) -> Vec<Message> {
    due_in(world, Queue::Merchants, now, count)
}

fn due_in<H: Harness>(
    world: &World<H>,
    queue: Queue,
    now: Timestamp,
    count: usize,
) -> Vec<Message> {
    let due = Outbox::due(world.harness.backend(), queue, now, count);
    world.harness.wait(due).expect("due messages are listed")
}

fn cursor<H: Harness>(world: &World<H>) -> Sequence {
    let cursor = world.harness.wait(world.harness.backend().cursor());
    cursor.expect("the cursor is known")
}

pub(super) fn message<H: Harness>(world: &World<H>, id: MessageId) -> (Message, Vec<Attempt>) {
    let message = world.harness.backend().message(MERCHANT.into(), id);
    let message = world.harness.wait(message).expect("messages are found");
    message.expect("the message exists")
}

fn events<H: Harness>(world: &World<H>) -> Vec<String> {
    let messages = world.harness.backend().messages(MERCHANT.into(), None, 100);
    let messages = world.harness.wait(messages).expect("messages are listed");
    messages
        .into_iter()
        .map(|message| message.content.event)
        .collect()
}

fn owned(numbers: &[(u64, &str)]) -> Vec<(u64, String)> {
    let numbers = numbers.iter();
    numbers
        .map(|(number, event)| (*number, event.to_string()))
        .collect()
}
