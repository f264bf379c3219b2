//! What the database refuses by itself, whoever asks: additions beside a move, and the forgetting of fresh debts.

use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, created, payment_id};
use store::failure::Failure;
use store::moving::{MessageSpan, Movable, MoveId, RunId, Source, Standing};
use store::outbox::MessageId;
use store::port::{CommitError, Store};
use store_postgres::statements::{CHARGE_DEBTS, FORGET_DEBTS};
use tokio_postgres::NoTls;

use crate::harness::{OnServer, Reached};
use crate::server::open;

const FIRST: RunId = RunId([1; 16]);
const SECOND: RunId = RunId([2; 16]);

#[test]
fn while_data_arrives_only_its_move_adds_anything() {
    let world = World::<OnServer>::new();
    let harness = &world.harness;
    let node = harness.backend();
    let mover = harness.wait(open(harness.url()));
    let batch = |name: &str| {
        let facts = vec![created(payment_id(MERCHANT, name), 500, "anna")];
        world.batch(world.entries(facts))
    };
    let receiving = Standing::Receiving {
        by: MoveId([7; 16]),
        from: "somewhere".to_owned(),
    };
    // The node has open connections from before.
    assert!(harness.wait(node.commit(batch("before"))).is_ok());
    // A second run of the same move begins in the same way.
    for run in [FIRST, SECOND] {
        harness.wait(mover.begin_run(run)).expect("a run begins");
        let noted = harness.wait(mover.set_standing(run, receiving.clone(), None));
        assert!(noted.expect("it is noted"));
        let refused = harness.wait(node.commit(batch("beside")));
        assert!(
            matches!(
                refused,
                Err(CommitError::Failure(Failure::NotServed { .. }))
            ),
            "{refused:?}"
        );
    }
    assert!(harness.wait(mover.commit(batch("moved"))).is_ok());
    let serving = Standing::Serving { came_by: None };
    assert!(
        harness
            .wait(mover.set_standing(SECOND, serving, None))
            .expect("it is noted")
    );
    assert!(harness.wait(node.commit(batch("after"))).is_ok());
    assert!(harness.wait(mover.commit(batch("any"))).is_ok());
}

/// Runs of a move in programs of their own: the first stands still while the second one brings the move to its end, and
/// nodes go on.
#[test]
fn a_run_that_stood_still_adds_nothing_to_what_the_next_one_brought_and_nodes_go_on_with() {
    let world = World::<OnServer>::new();
    let harness = &world.harness;
    let node = harness.backend();
    let [first, second] = [(); 2].map(|()| harness.wait(open(harness.url())));
    let batch = |name: &str| {
        let facts = vec![created(payment_id(MERCHANT, name), 500, "anna")];
        world.batch(world.entries(facts))
    };
    let receiving = Standing::Receiving {
        by: MoveId([7; 16]),
        from: "somewhere".to_owned(),
    };
    let mut standing = receiving.clone();
    for (run, mover) in [(FIRST, &first), (SECOND, &second)] {
        harness.wait(mover.begin_run(run)).expect("a run begins");
        let noted = harness.wait(mover.set_standing(run, receiving.clone(), None));
        assert!(noted.expect("it is noted"));
        let name = format!("{run:?}");
        assert!(harness.wait(mover.commit(batch(&name))).is_ok());
    }
    for name in ["while data arrives", "while nodes go on"] {
        let head = world.head();
        let refused = harness.wait(first.commit(batch("late")));
        let Err(CommitError::Failure(Failure::Unsuitable { why, .. })) = refused else {
            panic!("{name}: {refused:?}");
        };
        assert!(why.contains("another run"), "{why}");
        let everything = MessageSpan {
            after: MessageId(0),
            upto: MessageId(u64::MAX),
        };
        let refused = [
            harness.wait(first.restore(FIRST, everything, &[])),
            harness.wait(first.settle(FIRST, head)),
            harness
                .wait(first.set_standing(FIRST, receiving.clone(), None))
                .map(drop),
        ];
        assert!(refused.iter().all(Result::is_err), "{name}: {refused:?}");
        assert_eq!((world.head(), standing_of(&world)), (head, standing));
        standing = Standing::Serving { came_by: None };
        let noted = harness.wait(second.set_standing(SECOND, standing.clone(), None));
        assert!(noted.expect("it is noted"));
    }
    assert!(harness.wait(node.commit(batch("after"))).is_ok());
}

fn standing_of(world: &World<OnServer>) -> Standing {
    let standing = world.harness.wait(world.harness.backend().standing());
    standing.expect("the standing is known")
}

#[test]
fn a_debt_that_grows_while_it_is_forgotten_stays() {
    let world = World::<OnServer>::new();
    let url = world.harness.url().to_owned();
    let left = world.harness.wait(async {
        let session = async || {
            let (client, connection) = tokio_postgres::connect(&url, NoTls)
                .await
                .expect("a session");
            tokio::spawn(connection);
            client
        };
        let (mut charger, tidier) = (session().await, session().await);
        let debtor = vec![vec![1_u8; 16]];
        let (span, most) = (vec![60_000_i64], vec![i64::MAX]);
        charger
            .execute("INSERT INTO debts VALUES ($1, 1)", &[&debtor[0]])
            .await
            .expect("an old debt");
        let tx = charger.transaction().await.expect("a transaction");
        tx.execute(CHARGE_DEBTS, &[&debtor, &span, &most])
            .await
            .expect("a new charge");
        let forget = tokio::spawn(async move { tidier.execute(FORGET_DEBTS, &[]).await });
        let waiting = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while tx
            .query_one(waiting, &[])
            .await
            .expect("a row")
            .get::<_, i64>(0)
            == 0
        {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        tx.commit().await.expect("the charge stands");
        let forgotten = forget.await.expect("no panic").expect("it tidies");
        assert_eq!(forgotten, 0);
        charger
            .query_one("SELECT count(*) FROM debts", &[])
            .await
            .expect("a row")
            .get::<_, i64>(0)
    });
    assert_eq!(left, 1);
}
