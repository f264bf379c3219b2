//! What the database refuses by itself, whoever asks: additions beside a move, and the forgetting of fresh debts.

use store::conformance::Harness;
use store::conformance::world::{MERCHANT, World, created, payment_id};
use store::failure::Failure;
use store::moving::{Movable, MoveId, Standing};
use store::port::{CommitError, Store};
use store_postgres::statements::{CHARGE_DEBTS, FORGET_DEBTS};
use tokio_postgres::NoTls;

use crate::harness::{OnServer, Reached};
use crate::server::open;

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
    // A second run of the same move names it again.
    for _ in 0..2 {
        let noted = harness.wait(mover.set_standing(receiving.clone(), None));
        assert!(noted.expect("it is noted"));
        let refused = harness.wait(node.commit(batch("beside")));
        assert!(
            matches!(
                refused,
                Err(CommitError::Failure(Failure::Unsuitable { .. }))
            ),
            "{refused:?}"
        );
    }
    assert!(harness.wait(mover.commit(batch("moved"))).is_ok());
    let serving = Standing::Serving { came_by: None };
    assert!(
        harness
            .wait(mover.set_standing(serving, None))
            .expect("it is noted")
    );
    assert!(harness.wait(node.commit(batch("after"))).is_ok());
    assert!(harness.wait(mover.commit(batch("any"))).is_ok());
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
