//! Nodes of the version before go on working beside those of the next: their statements fit the newest schema.
//!
//! What is proved: every statement of schema version 3 that has changed since is prepared and run here on the newest
//! schema, and finds what the newest wrote, and the other way round. Those that have not changed are run by every other
//! test. A migration is never edited: the server compares its checksum.

use store::conformance::Harness;
use store::conformance::world::{MERCHANT, START, World, created, ordered, payment_id};
use store::outbox::{Attempt, Channel, MessageStatus, NewMessage, Outbox, Outcome};
use tokio_postgres::{Client, NoTls};

use crate::harness::{OnServer, Reached};

/// Statements as a program for schema version 3 has them.
mod version_3 {
    pub const LOAD: &str = "
    WITH paid AS (SELECT version, body, entries, serials FROM payments WHERE key = ANY ($3::bytea[])),
        ordered AS (SELECT version, body, serial, terminal FROM orders WHERE key = ANY ($4::bytea[]))
    SELECT 0::smallint AS kind, last AS version, ''::bytea AS body, NULL::bytea AS fingerprint,
        NULL::bigint[] AS entries, latest FROM journal_head WHERE id = 1
    UNION ALL SELECT 1::smallint, version, body, NULL, NULL, NULL FROM vouchers WHERE serial IN (
        SELECT unnest($1::bigint[]) UNION SELECT unnest(serials) FROM paid UNION SELECT serial FROM ordered)
    UNION ALL SELECT 1::smallint, version, body, NULL, NULL, NULL FROM vouchers WHERE pin = ANY ($2::bytea[])
    UNION ALL SELECT 2::smallint, version, body, NULL, entries, NULL FROM paid
    UNION ALL SELECT 3::smallint, version, body, NULL, NULL, NULL FROM ordered
    UNION ALL SELECT 4::smallint, entry, key, fingerprint, NULL, NULL FROM commands WHERE key = ANY ($5::bytea[])
    UNION ALL SELECT (10 + kind)::smallint, version, body, NULL, NULL, NULL FROM parties WHERE (kind, key) IN (
        SELECT kind, key FROM unnest($6::smallint[], $7::bytea[]) AS wanted(kind, key)
        UNION SELECT 4::smallint, terminal FROM ordered)";
    pub const ATTEMPTS: &str = "
    SELECT message, at, duration_ms, http_status, reason, status, next_attempt_at
    FROM attempts WHERE message = $1 ORDER BY number";
    pub const RECORD: &str = "
    WITH counted AS (
        UPDATE messages SET attempts = attempts + 1, status = $6, next_attempt_at = $7 WHERE id = $1 RETURNING attempts)
    INSERT INTO attempts SELECT $1::bigint, attempts, $2::bigint, $3::bigint, $4::integer, $5::text, $6::smallint,
        $7::bigint FROM counted";
}

async fn session(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("a session");
    tokio::spawn(connection);
    client
}

fn attempt(message: store::outbox::MessageId, number: u32) -> Attempt {
    Attempt {
        message,
        number,
        at: START,
        duration_ms: 1,
        outcome: Outcome::Answered(500),
        status: MessageStatus::GaveUp,
    }
}

#[test]
fn an_older_node_works_beside_a_newer_one() {
    let world = World::<OnServer>::new();
    world.commit(vec![created(payment_id(MERCHANT, "a"), 500, "anna")]);
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
    world.harness.wait(async {
        let older = session(world.harness.url()).await;
        let none: Vec<Vec<u8>> = Vec::new();
        let mut payment = store::codec::encode(&payment_id(MERCHANT, "a"));
        // The form of records that the older version writes; keys are in it for ever.
        payment[0] = 2;
        let rows = older
            .query(
                version_3::LOAD,
                &[
                    &Vec::<i64>::new(),
                    &none,
                    &vec![payment],
                    &none,
                    &none,
                    &Vec::<i16>::new(),
                    &none,
                ],
            )
            .await
            .expect("rows load");
        assert_eq!(rows.len(), 2, "the journal's head and the payment");

        let id = backend.enqueue_now(message).await.expect("a message");
        let recorded = backend.record(vec![attempt(id, 1)]).await;
        recorded.expect("the newer one records");
        let number = i64::try_from(id.0).expect("a small number");
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
            &number,
            &START.0,
            &1_i64,
            &Some(500_i32),
            &None::<String>,
            &2_i16,
            &None::<i64>,
        ];
        let recorded = older.execute(version_3::RECORD, &values).await;
        assert_eq!(recorded.expect("the older one records"), 1);
        let recorded = backend.record(vec![attempt(id, 2), attempt(id, 3)]).await;
        recorded.expect("the newer one goes on");
        let attempts = older.query(version_3::ATTEMPTS, &[&number]).await;
        assert_eq!(attempts.expect("attempts").len(), 3);
        let found = backend
            .message(MERCHANT.into(), id)
            .await
            .expect("an answer");
        let (message, attempts) = found.expect("the message");
        assert_eq!((message.attempts, attempts.len()), (3, 3));
    });
}

/// Every column that is a key, and how many rows the world below makes at least.
const KEYS: [(&str, i64); 6] = [
    ("SELECT key FROM payments", 1),
    ("SELECT key FROM pending_payments", 1),
    ("SELECT key FROM orders", 1),
    ("SELECT terminal FROM orders", 1),
    ("SELECT key FROM parties", 5),
    (
        "SELECT account FROM balance_deltas UNION ALL SELECT account FROM balances",
        2,
    ),
];

/// The bytes of a key are what rows are found by, so a later form of records must not change them: they begin with 2 for
/// ever, whatever `codec::FORMAT` is.
#[test]
fn keys_are_the_same_in_every_version() {
    let world = World::<OnServer>::new();
    let digest = ids::command::ApiKeyDigest([7; 32]);
    world.commit(vec![
        accounting::fact::Fact::ApiKeyIssued {
            digest,
            owner: accounting::fact::Party::Merchant(MERCHANT),
        },
        ordered("one", 1, 1_000),
        created(payment_id(MERCHANT, "a"), 500, "anna"),
    ]);
    world.harness.wait(async {
        let client = session(world.harness.url()).await;
        for (keys, least) in KEYS {
            let sql = format!(
                "SELECT count(*), count(*) FILTER (WHERE get_byte(key, 0) <> 2) FROM ({keys}) AS keys(key)"
            );
            let row = client.query_one(&sql, &[]).await.expect("a row");
            let (count, others): (i64, i64) = (row.get(0), row.get(1));
            assert!(least <= count && others == 0, "{keys}: {others} of {count}");
        }
        let sql = "SELECT encode(key, 'hex') FROM payments";
        let found: String = client.query_one(sql, &[]).await.expect("a row").get(0);
        assert_eq!(found, "02c1843dd2070161", "format, merchant, length, name");
    });
}
