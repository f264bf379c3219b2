//! Moving: the outbox comes over as it is, and what has moved is closed.

use ids::command::Sequence;

use crate::conformance::Harness;
use crate::conformance::messages::{attempt, enqueue, message, notification, record, webhook};
use crate::conformance::world::{MERCHANT, World, created, payment_id};
use crate::failure::Failure;
use crate::moving::{Extent, MessageSpan, Movable, MoveId, RunId, Source, Standing};
use crate::outbox::{Delivery, MessageId, MessageStatus, Outbox};
use crate::port::CommitError;

const EVERYTHING: MessageSpan = MessageSpan {
    after: MessageId(0),
    upto: MessageId(u64::MAX),
};
const BY: MoveId = MoveId([7; 16]);
const RUN: RunId = RunId([8; 16]);

pub fn an_outbox_is_restored_as_it_was<H: Harness>() {
    let source = World::<H>::new();
    let first = ["a", "b", "c"].map(|event| webhook(MERCHANT, event));
    enqueue(&source, first.to_vec(), 2);
    enqueue(&source, vec![notification("d")], 3);
    let pending = MessageStatus::Pending {
        next_attempt_at: attempt(MessageId(1), MessageStatus::GaveUp).at,
    };
    record(&source, vec![attempt(MessageId(1), pending)]);
    let mut second = attempt(MessageId(1), MessageStatus::Delivered);
    second.number = 2;
    record(&source, vec![second]);
    record(&source, vec![attempt(MessageId(3), MessageStatus::GaveUp)]);
    let everything = deliveries(&source, 0, 10);
    assert_eq!(
        everything
            .iter()
            .map(|(_, attempts)| attempts.len())
            .collect::<Vec<_>>(),
        [2, 0, 1, 0]
    );
    let pages: Vec<Delivery> = [0, 3]
        .into_iter()
        .flat_map(|after| deliveries(&source, after, 3))
        .collect();
    assert_eq!(pages, everything);

    let target = World::<H>::new();
    begin(&target, RUN);
    restore(&target, EVERYTHING, &everything);
    settle(&target, 3);
    assert_eq!(deliveries(&target, 0, 10), everything);
    assert_eq!(extent(&target), extent(&source));
    // Both go on in the same way.
    for world in [&source, &target] {
        let now = world.harness.backend().enqueue_now(webhook(MERCHANT, "e"));
        let id = world.harness.wait(now).expect("a message is added");
        assert_eq!((id, message(world, id).0.number), (MessageId(5), 4));
    }
}

pub fn a_span_of_messages_becomes_exactly_what_is_restored<H: Harness>() {
    let source = World::<H>::new();
    let messages = ["a", "b", "c", "d"].map(|event| webhook(MERCHANT, event));
    enqueue(&source, messages.to_vec(), 2);
    let before = deliveries(&source, 0, 10);
    let target = World::<H>::new();
    // What an earlier run restored, when the source had more than it has after a loss of power.
    let mut earlier = before.clone();
    earlier[1]
        .1
        .push(attempt(MessageId(2), MessageStatus::Delivered));
    begin(&target, RUN);
    restore(&target, EVERYTHING, &earlier);
    settle(&target, 2);
    let span = MessageSpan {
        after: MessageId(1),
        upto: MessageId(2),
    };
    restore(&target, span, &before[1..2]);
    assert_eq!(deliveries(&target, 0, 10), before);
    let rest = MessageSpan {
        after: MessageId(3),
        ..EVERYTHING
    };
    restore(&target, rest, &[]);
    settle(&target, 1);
    assert_eq!(deliveries(&target, 0, 10), before[..3]);
    let end = extent(&target);
    assert_eq!((end.cursor, end.last_message), (Sequence(1), MessageId(3)));
    enqueue(&target, vec![webhook(MERCHANT, "d")], 2);
    assert_eq!(message(&target, MessageId(4)).0.number, 4);
}

pub fn what_has_moved_takes_no_entries<H: Harness>() {
    let mut world = World::<H>::new();
    begin(&world, RUN);
    assert_eq!(standing(&world), Standing::UNMOVED);
    let end = extent(&world);
    let moved = Standing::Moved {
        by: BY,
        to: "another place".to_owned(),
    };
    world.commit(vec![created(payment_id(MERCHANT, "a"), 500, "anna")]);
    assert!(
        !set_standing(&world, &moved, Some(end)),
        "it has gone on since"
    );
    assert_eq!(standing(&world), Standing::UNMOVED);
    assert!(set_standing(&world, &moved, Some(extent(&world))));
    for _ in 0..2 {
        assert_eq!(standing(&world), moved);
        let entries = world.entries(vec![created(payment_id(MERCHANT, "b"), 500, "anna")]);
        let refused = world.try_commit(world.batch(entries));
        assert!(
            matches!(
                refused,
                Err(CommitError::Failure(Failure::NotServed { .. }))
            ),
            "{refused:?}"
        );
        assert!(set_standing(&world, &moved, None), "it can be said again");
        world.harness.reopen();
        begin(&world, RUN);
    }
    assert!(set_standing(&world, &Standing::UNMOVED, None));
    world.commit(vec![created(payment_id(MERCHANT, "b"), 500, "anna")]);
}

pub fn an_earlier_run_of_a_move_changes_nothing<H: Harness>() {
    let source = World::<H>::new();
    enqueue(&source, vec![webhook(MERCHANT, "a")], 2);
    let all = deliveries(&source, 0, 10);
    let target = World::<H>::new();
    let later = RunId([9; 16]);
    begin(&target, RUN);
    restore(&target, EVERYTHING, &all);
    begin(&target, later);
    let backend = target.harness.backend();
    let receiving = Standing::Receiving {
        by: BY,
        from: "another place".to_owned(),
    };
    let refused = [
        target.harness.wait(backend.restore(RUN, EVERYTHING, &[])),
        target.harness.wait(backend.settle(RUN, Sequence(9))),
        target
            .harness
            .wait(backend.set_standing(RUN, receiving.clone(), None))
            .map(drop),
    ];
    for refused in refused {
        let refused = refused.expect_err("another run has begun").to_string();
        assert!(refused.contains("another run"), "{refused}");
    }
    assert_eq!(deliveries(&target, 0, 10), all);
    assert_eq!(extent(&target).cursor, Sequence(0));
    assert_eq!(standing(&target), Standing::UNMOVED);
    let noted = target
        .harness
        .wait(backend.set_standing(later, receiving.clone(), None));
    assert!(noted.expect("the later run goes on"));
    assert_eq!(standing(&target), receiving);
}

fn begin<H: Harness>(world: &World<H>, run: RunId) {
    let begun = world.harness.wait(world.harness.backend().begin_run(run));
    begun.expect("a run begins");
}

fn deliveries<H: Harness>(world: &World<H>, after: u64, count: usize) -> Vec<Delivery> {
    let read = world
        .harness
        .backend()
        .read_deliveries(MessageId(after), count);
    world.harness.wait(read).expect("messages are read")
}

fn restore<H: Harness>(world: &World<H>, span: MessageSpan, deliveries: &[Delivery]) {
    let restore = world.harness.backend().restore(RUN, span, deliveries);
    world.harness.wait(restore).expect("messages are restored");
}

fn settle<H: Harness>(world: &World<H>, cursor: u64) {
    let settle = world.harness.backend().settle(RUN, Sequence(cursor));
    world.harness.wait(settle).expect("numbers go on");
}

fn extent<H: Harness>(world: &World<H>) -> Extent {
    let extent = world.harness.wait(world.harness.backend().extent());
    extent.expect("the extent is known")
}

fn standing<H: Harness>(world: &World<H>) -> Standing {
    let standing = world.harness.wait(world.harness.backend().standing());
    standing.expect("the standing is known")
}

fn set_standing<H: Harness>(world: &World<H>, standing: &Standing, at: Option<Extent>) -> bool {
    let backend = world.harness.backend();
    let set = backend.set_standing(RUN, standing.clone(), at);
    world.harness.wait(set).expect("the standing is noted")
}
