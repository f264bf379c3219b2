//! Lists: payments and movements of a merchant, page by page.

use std::sync::Arc;

use ids::command::Sequence;
use ids::time::Timestamp;
use payment::payment::Payment;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use store::failure::Failure;
use store::query::{
    Cursor, MovementQuery, Page, PaymentQuery, ReversalQuery, first_entry, page_of, page_size,
    status_number,
};
use store::reversal::party_number;

use crate::database::{self, ReadError};
use crate::number::stored;
use crate::views::Views;
use crate::views::fetch::sequence_of;

impl Views {
    /// The page of a query that names neither a voucher nor a customer.
    pub fn payments(&self, query: &PaymentQuery) -> Result<Page<Arc<Payment>>, Failure> {
        self.readers.read(|connection| {
            let after = match query.after {
                None => None,
                Some(Cursor(first)) => match created_at(connection, first)? {
                    None => return Ok(empty()),
                    Some(created_at) => Some((created_at, first)),
                },
            };
            let (conditions, mut values) = conditions(query, after);
            values.push(Value::Integer(page_size(query.page_size) as i64 + 1));
            let sql = format!(
                "SELECT row FROM payments WHERE {conditions}
                 ORDER BY created_at DESC, first_entry DESC LIMIT ?"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut items: Vec<Arc<Payment>> = Vec::new();
            while let Some(row) = rows.next()? {
                items.push(database::record(row, 0)?);
            }
            Ok(page_of(items, query.page_size, |payment| {
                first_entry(payment)
            }))
        })
    }

    pub fn movements(
        &self,
        query: &MovementQuery,
        after: Option<(Timestamp, Sequence)>,
    ) -> Result<Page<Sequence>, Failure> {
        let (after_at, after_entry) = after.unwrap_or((Timestamp(i64::MIN), Sequence(0)));
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT entry FROM movements
                 WHERE merchant = ?1 AND ?2 <= at AND at < ?3 AND (?4, ?5) < (at, entry)
                 ORDER BY at, entry LIMIT ?6",
            )?;
            let items: Vec<Sequence> = statement
                .query_map(
                    (
                        query.merchant.number(),
                        query.from.0.max(after_at.0),
                        query.to.0,
                        after_at.0,
                        stored(after_entry.0),
                        page_size(query.page_size) as i64 + 1,
                    ),
                    |row| sequence_of(row, 0),
                )?
                .collect::<rusqlite::Result<_>>()?;
            Ok(page_of(items, query.page_size, |entry| *entry))
        })
    }
}

impl Views {
    pub fn reversals(&self, query: &ReversalQuery) -> Result<Page<Sequence>, Failure> {
        let after = query.after.map_or(Sequence(u64::MAX >> 1), |after| after.0);
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT entry FROM reversals
                 WHERE party = ?1 AND entry < ?2 AND (?3 IS NULL OR kind = ?3) AND ?4 <= at AND at < ?5
                 ORDER BY entry DESC LIMIT ?6",
            )?;
            let items: Vec<Sequence> = statement
                .query_map(
                    (
                        stored(party_number(query.party)),
                        stored(after.0),
                        query.kind.map(|kind| kind.number()),
                        query.from.map_or(i64::MIN, |from| from.0),
                        query.to.map_or(i64::MAX, |to| to.0),
                        page_size(query.page_size) as i64 + 1,
                    ),
                    |row| sequence_of(row, 0),
                )?
                .collect::<rusqlite::Result<_>>()?;
            Ok(page_of(items, query.page_size, |entry| *entry))
        })
    }
}

fn conditions(query: &PaymentQuery, after: Option<(i64, Sequence)>) -> (String, Vec<Value>) {
    let mut conditions = "merchant = ?".to_owned();
    let mut values = vec![Value::Integer(query.merchant.number().into())];
    let mut add = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push_str(" AND ");
            conditions.push_str(condition);
            values.push(value);
        }
    };
    let integer = |number: Option<i64>| number.map(Value::Integer);
    add(
        "status = ?",
        integer(query.status.map(|status| status_number(status).into())),
    );
    add(
        "currency = ?",
        integer(query.currency.map(|currency| currency.numeric().into())),
    );
    add(
        "created_at >= ?",
        integer(query.created_from.map(|from| from.0)),
    );
    add("created_at < ?", integer(query.created_to.map(|to| to.0)));
    add("amount >= ?", integer(query.amount_min));
    add("amount <= ?", integer(query.amount_max));
    add(
        "submerchant = ?",
        query.submerchant.clone().map(Value::Text),
    );
    if let Some((created_at, first)) = after {
        conditions.push_str(" AND (created_at, first_entry) < (?, ?)");
        values.push(Value::Integer(created_at));
        values.push(Value::Integer(stored(first.0)));
    }
    (conditions, values)
}

fn created_at(connection: &Connection, first: Sequence) -> Result<Option<i64>, ReadError> {
    let mut statement =
        connection.prepare_cached("SELECT created_at FROM payments WHERE first_entry = ?1")?;
    let created_at = statement.query_row([stored(first.0)], |row| row.get(0));
    Ok(created_at.optional()?)
}

fn empty<T>() -> Page<T> {
    Page {
        items: Vec::new(),
        next: None,
    }
}
