//! (a): one transaction for each command, by the best single statement.
//!
//! The same tables, the same settings, the same client library, prepared statements. It is helped where that costs it
//! nothing of what is compared: it need not load rows or decide, because its clients know the versions and the new
//! bodies beforehand; and its entries are numbered by a sequence, so that no transaction waits for another one's sync,
//! which leaves gaps and an order that readers cannot follow. The same with a journal like ours is measured as well.
//! Clients share connections without waiting for one another's answers; how many connections there are is tried out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio_postgres::{NoTls, Statement};
use vault::random::random_bytes;

use crate::load::{self, Client, Shown};

/// Helpers that the statements need beside the tables. The number of an entry in order is that of the transaction's own
/// move of the head, which the next transaction waits for.
const SCHEMA: &str = "
    CREATE SEQUENCE single_sequence START 1000000000;
    CREATE FUNCTION single_next() RETURNS bigint LANGUAGE sql AS
        $$ UPDATE journal_head SET last = last + 1 WHERE id = 1 RETURNING last $$;
    CREATE FUNCTION single_conflict() RETURNS bigint LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a row has changed since it was loaded'; END $$";

const CREATE: &str = "
    WITH entry AS (
        INSERT INTO entries VALUES (nextval('single_sequence'), $1::bytea) RETURNING sequence),
    command AS (INSERT INTO commands SELECT $2::bytea, $3::bytea, sequence FROM entry)
    INSERT INTO payments (key, merchant, status, currency, amount, customer, created_at, first_entry, due_at, serials,
        entries, version, body)
    SELECT $4::bytea, $5::bigint, 0, 978, 100, 'customer-1', $6::bigint, sequence, $6::bigint + 1800000, '{}',
        ARRAY[sequence], sequence, $7::bytea
    FROM entry RETURNING version";

const PAY: &str = "
    WITH number AS MATERIALIZED (SELECT nextval('single_sequence') AS n),
    payment AS (
        UPDATE payments SET version = n, status = 2, due_at = $3::bigint,
            serials = ARRAY[$4::bigint], entries = entries || n, body = $5::bytea
        FROM number WHERE key = $1::bytea AND version = $2::bigint RETURNING version),
    voucher AS (
        UPDATE vouchers SET version = payment.version, body = $7::bytea FROM payment
        WHERE pin = $6::bytea AND vouchers.version = $8::bigint RETURNING serial, payment.version),
    entry AS (INSERT INTO entries SELECT version, $9::bytea FROM voucher RETURNING sequence),
    touched AS (INSERT INTO voucher_entries SELECT serial, version FROM voucher),
    appended AS (
        INSERT INTO balance_deltas SELECT version, account, minor
        FROM voucher, unnest($10::bytea[], $11::bigint[]) AS new(account, minor))
    SELECT coalesce((SELECT sequence FROM entry), single_conflict())";

const CAPTURE: &str = "
    WITH number AS MATERIALIZED (SELECT nextval('single_sequence') AS n),
    payment AS (
        UPDATE payments SET version = n, status = 3, due_at = 9223372036854775807,
            entries = entries || n, body = $3::bytea
        FROM number WHERE key = $1::bytea AND version = $2::bigint RETURNING merchant, version),
    voucher AS (
        UPDATE vouchers SET version = payment.version, body = $5::bytea FROM payment
        WHERE serial = $4::bigint AND vouchers.version = $6::bigint RETURNING serial, payment.version),
    entry AS (INSERT INTO entries SELECT version, $7::bytea FROM voucher RETURNING sequence),
    command AS (INSERT INTO commands SELECT $8::bytea, $9::bytea, version FROM voucher),
    touched AS (INSERT INTO voucher_entries SELECT serial, version FROM voucher),
    moved AS (INSERT INTO movements SELECT merchant, $10::bigint, version FROM payment),
    appended AS (
        INSERT INTO balance_deltas SELECT version, account, minor
        FROM voucher, unnest($11::bytea[], $12::bigint[]) AS new(account, minor))
    SELECT coalesce((SELECT sequence FROM entry), single_conflict())";

/// How long the bodies are in the real tables, bytes.
#[derive(Clone, Copy, Debug)]
pub struct Lengths {
    pub entry: usize,
    pub payment: usize,
    pub voucher: usize,
    pub account: usize,
}

/// How entries are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// By a sequence: with gaps, and seen in another order than that of the numbers.
    Gaps,
    /// As ours are.
    Strict,
}

/// One load.
#[derive(Clone, Copy, Debug)]
pub struct SingleLoad {
    pub order: Order,
    pub clients: usize,
    pub connections: usize,
    pub merchants: u32,
    /// Of the warm-up, and of what is measured.
    pub time: (Duration, Duration),
}

struct Voucher {
    serial: i64,
    pin: Vec<u8>,
    version: AtomicU64,
}

/// The database of the measure, whose vouchers are issued already.
pub struct Single {
    url: String,
    vouchers: Vec<Voucher>,
    next: AtomicU64,
    lengths: Lengths,
}

struct Connection {
    client: tokio_postgres::Client,
    create: Statement,
    pay: Statement,
    capture: Statement,
}

struct SingleClient {
    single: Arc<Single>,
    connection: Arc<Connection>,
    merchants: u64,
    stage: Stage,
}

enum Stage {
    Create,
    Pay(Payment),
    Capture(Payment, usize),
}

struct Payment {
    key: Vec<u8>,
    version: i64,
}

impl Single {
    pub async fn prepare(url: &str, lengths: Lengths) -> anyhow::Result<Arc<Single>> {
        let client = connect(url).await?;
        client.batch_execute(SCHEMA).await?;
        let rows = client
            .query("SELECT serial, pin, version FROM vouchers", &[])
            .await?;
        let voucher = |row: &tokio_postgres::Row| -> anyhow::Result<Voucher> {
            let version: i64 = row.try_get(2)?;
            Ok(Voucher {
                serial: row.try_get(0)?,
                pin: row.try_get(1)?,
                version: AtomicU64::new(version.cast_unsigned()),
            })
        };
        Ok(Arc::new(Single {
            url: url.to_owned(),
            vouchers: rows.iter().map(voucher).collect::<Result<_, _>>()?,
            next: AtomicU64::new(0),
            lengths,
        }))
    }

    pub async fn measure(self: &Arc<Single>, load: SingleLoad) -> anyhow::Result<Shown> {
        let SingleLoad {
            clients,
            connections,
            merchants,
            time: (warm_up, duration),
            order,
        } = load;
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(Arc::new(Connection::open(&self.url, order).await?));
        }
        let client = |number: usize| SingleClient {
            single: Arc::clone(self),
            connection: Arc::clone(&open[number % connections]),
            merchants: merchants.into(),
            stage: Stage::Create,
        };
        let clients = (0..clients).map(client).collect();
        load::closed_after(clients, warm_up, duration).await
    }

    fn voucher(&self, turn: usize) -> &Voucher {
        &self.vouchers[turn % self.vouchers.len()]
    }
}

impl Order {
    /// The statement with numbers of this kind.
    fn of(self, statement: &str) -> String {
        match self {
            Order::Gaps => statement.to_owned(),
            Order::Strict => statement.replace("nextval('single_sequence')", "single_next()"),
        }
    }
}

impl Connection {
    async fn open(url: &str, order: Order) -> anyhow::Result<Connection> {
        let client = connect(url).await?;
        // What the nodes' sessions set, so that plans are the same.
        client
            .batch_execute(
                "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan",
            )
            .await?;
        Ok(Connection {
            create: client.prepare(&order.of(CREATE)).await?,
            pay: client.prepare(&order.of(PAY)).await?,
            capture: client.prepare(&order.of(CAPTURE)).await?,
            client,
        })
    }
}

async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

impl Client for SingleClient {
    async fn step(&mut self) -> anyhow::Result<()> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Create) {
            Stage::Create => self.create().await?,
            Stage::Pay(payment) => self.pay(payment).await?,
            Stage::Capture(payment, turn) => self.capture(payment, turn).await?,
        };
        Ok(())
    }
}

impl SingleClient {
    async fn create(&self) -> anyhow::Result<Stage> {
        let Lengths { entry, payment, .. } = self.single.lengths;
        let turn = self.single.next.fetch_add(1, Ordering::Relaxed);
        let merchant = 1_000_001 + (turn % self.merchants).cast_signed();
        // A merchant's payments come in the order of their time.
        let at = 1_800_000_000_000 + turn.cast_signed();
        let key = random_bytes::<20>().to_vec();
        let (command, fingerprint) = (random_bytes::<16>(), random_bytes::<16>());
        let row = self
            .connection
            .client
            .query_one(
                &self.connection.create,
                &[
                    &body(entry),
                    &command.as_slice(),
                    &fingerprint.as_slice(),
                    &key,
                    &merchant,
                    &at,
                    &body(payment),
                ],
            )
            .await?;
        let version = row.try_get(0)?;
        Ok(Stage::Pay(Payment { key, version }))
    }

    async fn pay(&self, payment: Payment) -> anyhow::Result<Stage> {
        let lengths = self.single.lengths;
        let turn = self.single.next.fetch_add(1, Ordering::Relaxed);
        let voucher = self.single.voucher(turn as usize);
        let (accounts, minors) = self.moved();
        let row = self
            .connection
            .client
            .query_one(
                &self.connection.pay,
                &[
                    &payment.key,
                    &payment.version,
                    &(1_800_000_600_000 + turn.cast_signed()),
                    &voucher.serial,
                    &body(lengths.payment),
                    &voucher.pin,
                    &body(lengths.voucher),
                    &voucher.version.load(Ordering::Relaxed).cast_signed(),
                    &body(lengths.entry),
                    &accounts,
                    &minors,
                ],
            )
            .await?;
        let version: i64 = row.try_get(0)?;
        voucher
            .version
            .store(version.cast_unsigned(), Ordering::Relaxed);
        let key = payment.key;
        Ok(Stage::Capture(Payment { key, version }, turn as usize))
    }

    async fn capture(&self, payment: Payment, turn: usize) -> anyhow::Result<Stage> {
        let lengths = self.single.lengths;
        let voucher = self.single.voucher(turn);
        let (accounts, minors) = self.moved();
        let (command, fingerprint) = (random_bytes::<16>(), random_bytes::<16>());
        let row = self
            .connection
            .client
            .query_one(
                &self.connection.capture,
                &[
                    &payment.key,
                    &payment.version,
                    &body(lengths.payment),
                    &voucher.serial,
                    &body(lengths.voucher),
                    &voucher.version.load(Ordering::Relaxed).cast_signed(),
                    &body(lengths.entry),
                    &command.as_slice(),
                    &fingerprint.as_slice(),
                    &(1_800_000_000_000 + turn as i64),
                    &accounts,
                    &minors,
                ],
            )
            .await
            .context("capture")?;
        let version: i64 = row.try_get(0)?;
        voucher
            .version
            .store(version.cast_unsigned(), Ordering::Relaxed);
        Ok(Stage::Create)
    }

    /// Two accounts that a command moves money between.
    fn moved(&self) -> (Vec<Vec<u8>>, Vec<i64>) {
        let mut other = body(self.single.lengths.account);
        if let Some(last) = other.last_mut() {
            *last = 1;
        }
        (
            vec![body(self.single.lengths.account), other],
            vec![-100, 100],
        )
    }
}

fn body(length: usize) -> Vec<u8> {
    vec![0x5a; length]
}
