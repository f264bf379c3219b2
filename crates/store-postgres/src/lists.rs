//! Lists for people and reports. They read the rows themselves, so they do not trail.

use std::fmt::Write;
use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use payment::payment::Payment;
use store::codec;
use store::failure::Failure;
use store::fold::payment_changed;
use store::port::Due;
use store::query::{
    Cursor, MovementQuery, Page, PaymentQuery, ReversalQuery, first_entry, page_among, page_of,
    page_size, status_number,
};
use store::reversal::{ReversalKind, party_number};
use tokio_postgres::types::ToSql;

use crate::database::{Client, Database};
use crate::failure::Problem;
use crate::row::{self, restored, sequence, stored};
use crate::statements::{DUE, ENTRY_BODY, MOVEMENTS, PAYMENTS_BY_KEY, REVERSALS, VOUCHER_ENTRIES};

/// The first of the numbers of statuses in which a payment waits for nobody.
const SETTLED: i16 = 3;

type Value = Box<dyn ToSql + Sync + Send>;

impl Database {
    pub async fn due(self: &Arc<Self>, now: Timestamp, count: usize) -> Result<Vec<Due>, Failure> {
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        self.ask(move |client| due(client, now, limit)).await
    }

    pub async fn voucher_entries(
        self: &Arc<Self>,
        serial: Serial,
    ) -> Result<Vec<Sequence>, Failure> {
        self.ask(move |client| async move {
            let statement = client.prepare_cached(VOUCHER_ENTRIES).await?;
            let rows = client
                .query(&statement, &[&stored(serial.number())])
                .await?;
            rows.iter()
                .map(|row| Ok(sequence(row.try_get(0)?)))
                .collect()
        })
        .await
    }

    pub async fn movements(
        self: &Arc<Self>,
        query: &MovementQuery,
    ) -> Result<Page<Sequence>, Failure> {
        let query = query.clone();
        self.ask(move |client| movements(client, query.clone()))
            .await
    }

    pub async fn reversals(
        self: &Arc<Self>,
        query: &ReversalQuery,
    ) -> Result<Page<Sequence>, Failure> {
        let query = query.clone();
        self.ask(move |client| reversals(client, query.clone()))
            .await
    }

    pub async fn payments(
        self: &Arc<Self>,
        query: &PaymentQuery,
    ) -> Result<Page<Arc<Payment>>, Failure> {
        match query.serial {
            Some(serial) => {
                let touched = self.voucher_entries(serial).await?;
                let entries = self.entries_at(&touched).await?;
                let mut keys: Vec<Vec<u8>> = entries
                    .iter()
                    .filter_map(payment_changed)
                    .map(|id| row::key(&id))
                    .collect();
                keys.sort_unstable();
                keys.dedup();
                let keys = Arc::new(keys);
                let payments = self
                    .ask(move |client| payments_by_key(client, Arc::clone(&keys)))
                    .await?;
                Ok(page_among(payments, query))
            }
            None => {
                let query = query.clone();
                self.ask(move |client| payments(client, query.clone()))
                    .await
            }
        }
    }
}

async fn due(client: Client, now: Timestamp, limit: i64) -> Result<Vec<Due>, Problem> {
    let statement = client.prepare_cached(DUE).await?;
    let rows = client.query(&statement, &[&now.0, &limit]).await?;
    let thing = |row: &tokio_postgres::Row| -> Result<Due, Problem> {
        let key: Option<&[u8]> = row.try_get(1)?;
        if let Some(key) = key {
            return Ok(Due::Payment(codec::decode(key)?));
        }
        let serial = Serial::new(restored(row.try_get(2)?));
        serial
            .map(Due::Voucher)
            .map_err(|_| Problem::damaged("a voucher has no serial"))
    };
    rows.iter().map(thing).collect()
}

async fn movements(client: Client, query: MovementQuery) -> Result<Page<Sequence>, Problem> {
    let (after_at, after_entry) = match query.after {
        None => (i64::MIN, 0),
        Some(Cursor(entry)) => (
            entry_time(&client, entry).await?.unwrap_or(i64::MIN),
            stored(entry.0),
        ),
    };
    let statement = client.prepare_cached(MOVEMENTS).await?;
    let merchant = i64::from(query.merchant.number());
    let limit = page_size(query.page_size) as i64 + 1;
    let from = query.from.0.max(after_at);
    let rows = client
        .query(
            &statement,
            &[
                &merchant,
                &from,
                &query.to.0,
                &after_at,
                &after_entry,
                &limit,
            ],
        )
        .await?;
    let found = rows.iter().map(|row| Ok(sequence(row.try_get(0)?)));
    let found: Vec<Sequence> = found.collect::<Result<_, Problem>>()?;
    Ok(page_of(found, query.page_size, |entry| *entry))
}

async fn reversals(client: Client, query: ReversalQuery) -> Result<Page<Sequence>, Problem> {
    let statement = client.prepare_cached(REVERSALS).await?;
    let party = stored(party_number(query.party));
    let before = query.after.map_or(i64::MAX, |after| stored(after.0.0));
    let kind = query.kind.map(ReversalKind::number);
    let from = query.from.map_or(i64::MIN, |from| from.0);
    let to = query.to.map_or(i64::MAX, |to| to.0);
    let limit = page_size(query.page_size) as i64 + 1;
    let rows = client
        .query(&statement, &[&party, &before, &kind, &from, &to, &limit])
        .await?;
    let found = rows.iter().map(|row| Ok(sequence(row.try_get(0)?)));
    let found: Vec<Sequence> = found.collect::<Result<_, Problem>>()?;
    Ok(page_of(found, query.page_size, |entry| *entry))
}

async fn entry_time(client: &Client, at: Sequence) -> Result<Option<i64>, Problem> {
    Ok(entry(client, at).await?.map(|entry| entry.at().0))
}

/// When the payment was created that begins with this entry; none if none does.
async fn creation_time(client: &Client, first: Sequence) -> Result<Option<i64>, Problem> {
    let entry = entry(client, first).await?;
    Ok(entry.and_then(|entry| match entry.fact() {
        Fact::PaymentCreated { .. } => Some(entry.at().0),
        _ => None,
    }))
}

async fn entry(client: &Client, at: Sequence) -> Result<Option<Entry>, Problem> {
    let statement = client.prepare_cached(ENTRY_BODY).await?;
    let Some(row) = client.query_opt(&statement, &[&stored(at.0)]).await? else {
        return Ok(None);
    };
    let body: &[u8] = row.try_get(0)?;
    Ok(Some(codec::decode_placed(body, at)?))
}

async fn payments_by_key(
    client: Client,
    keys: Arc<Vec<Vec<u8>>>,
) -> Result<Vec<Arc<Payment>>, Problem> {
    let statement = client.prepare_cached(PAYMENTS_BY_KEY).await?;
    let rows = client.query(&statement, &[&*keys]).await?;
    rows.iter().map(payment).collect()
}

async fn payments(client: Client, query: PaymentQuery) -> Result<Page<Arc<Payment>>, Problem> {
    let after = match query.after {
        None => None,
        Some(Cursor(first)) => match creation_time(&client, first).await? {
            Some(created_at) => Some((created_at, first)),
            None => {
                return Ok(page_of(Vec::new(), query.page_size, |payment| {
                    first_entry(payment)
                }));
            }
        },
    };
    let (sql, values) = select(&query, after);
    let statement = client.prepare_cached(&sql).await?;
    let values: Vec<&(dyn ToSql + Sync)> = values
        .iter()
        .map(|value| &**value as &(dyn ToSql + Sync))
        .collect();
    let rows = client.query(&statement, &values).await?;
    let found: Vec<Arc<Payment>> = rows.iter().map(payment).collect::<Result<_, Problem>>()?;
    Ok(page_of(found, query.page_size, |payment| {
        first_entry(payment)
    }))
}

/// The statement for those conditions that the query has. Payments that wait are found among those that wait, in the
/// order of the answer, so that a page of them costs the same however many others the merchant has.
fn select(query: &PaymentQuery, after: Option<(i64, Sequence)>) -> (String, Vec<Value>) {
    let mut conditions = "merchant = $1".to_owned();
    let mut values: Vec<Value> = vec![Box::new(i64::from(query.merchant.number()))];
    let mut add = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            // Writing to a text cannot fail.
            let _ = write!(conditions, " AND {condition} ${}", values.len());
        }
    };
    let integer = |number: Option<i64>| number.map(|number| Box::new(number) as Value);
    let currency = query.currency.map(|currency| currency.numeric());
    add(
        "currency =",
        currency.map(|number| Box::new(i32::from(number)) as Value),
    );
    let text = |text: &Option<String>| text.clone().map(|text| Box::new(text) as Value);
    add("customer =", text(&query.customer_id));
    add("submerchant =", text(&query.submerchant));
    add("amount >=", integer(query.amount_min));
    add("amount <=", integer(query.amount_max));
    let created_from = query.created_from.map(|from| from.0);
    add("created_at >=", integer(created_from));
    add("created_at <", integer(query.created_to.map(|to| to.0)));
    if let Some((created_at, first)) = after {
        values.push(Box::new(created_at));
        values.push(Box::new(stored(first.0)));
        let count = values.len();
        let _ = write!(
            conditions,
            " AND (created_at, first_entry) < (${}, ${count})",
            count - 1
        );
    }
    if let Some(status) = query.status {
        let _ = write!(conditions, " AND status = {}", status_number(status));
    }
    values.push(Box::new(page_size(query.page_size) as i64 + 1));
    let limit = values.len();
    let order = format!("ORDER BY created_at DESC, first_entry DESC LIMIT ${limit}");
    let found = format!("SELECT version, body, entries FROM payments WHERE {conditions}");
    let sql = match query.status {
        Some(status) if status_number(status) < SETTLED => format!(
            "SELECT version, body, entries FROM pending_payments AS waiting CROSS JOIN LATERAL (
                {found} AND payments.key = waiting.key OFFSET 0) AS found
            WHERE merchant = $1 AND status = {} {order}",
            status_number(status)
        ),
        Some(_) | None => format!("{found} {order}"),
    };
    (sql, values)
}

fn payment(row: &tokio_postgres::Row) -> Result<Arc<Payment>, Problem> {
    let body: &[u8] = row.try_get(1)?;
    row::payment(body, row.try_get(0)?, row.try_get(2)?)
}
