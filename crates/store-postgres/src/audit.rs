//! The audit of a database. Nodes may go on working: it looks at the journal as far as it was at its beginning, and at
//! rows in the moment when nothing came after it.

use store::audit::model::Model;
use store::audit::{AuditReport, ENTRIES_AT_ONCE, ROWS_AT_ONCE, compare};
use store::failure::Failure;
use store::port::Store;
use store::row::{Key, Row};

use crate::row::{restored, sequence};
use crate::statements::{COUNTS, OUTBOX_FIGURES};
use crate::store::PostgresStore;
use crate::target::unsuitable;

/// Replays the whole journal and compares every row with it. The model is held in memory: about one kilobyte for each
/// payment and two hundred bytes for each voucher.
pub async fn audit(store: &PostgresStore) -> Result<AuditReport, Failure> {
    let mut report = AuditReport::default();
    let head = store.head().await?;
    let mut model = Model::default();
    loop {
        let last = ids::command::Sequence(model.entries);
        match store.entries_after(last, ENTRIES_AT_ONCE).await {
            Ok(entries) if entries.is_empty() => break,
            Ok(entries) => model.add(&entries, &mut report),
            Err(failure @ Failure::Corrupt { .. }) => {
                report.require(false, || format!("behind entry {}: {failure}", last.0));
                break;
            }
            Err(failure) => return Err(failure),
        }
    }
    report.require(head.0 <= model.entries, || {
        format!(
            "the journal ends with entry {} where its head is {}",
            model.entries, head.0
        )
    });
    model.check(&mut report);
    compare_rows(&model, store, &mut report).await?;
    compare::balances(&model, &store.balances().await?, &mut report);
    compare_counts(&model, store, &mut report).await?;
    check_outbox(store, &mut report).await?;
    if store.head().await?.0 != model.entries {
        let why = "nodes have written while it was audited; stop them, or audit a copy";
        return Err(unsuitable(store.place(), why.to_owned()));
    }
    Ok(report)
}

async fn compare_rows(
    model: &Model,
    store: &PostgresStore,
    report: &mut AuditReport,
) -> Result<(), Failure> {
    let all: Vec<Row> = model.rows().collect();
    for batch in all.chunks(ROWS_AT_ONCE) {
        let keys: Vec<Key> = batch.iter().map(Row::key).collect();
        compare::rows(batch, &store.load(&keys).await?, report);
    }
    report.figure("rows compared", all.len());
    Ok(())
}

async fn compare_counts(
    model: &Model,
    store: &PostgresStore,
    report: &mut AuditReport,
) -> Result<(), Failure> {
    let stored = numbers(store, COUNTS).await?;
    let parties = model.merchants.len()
        + model.distributors.len()
        + model.products.len()
        + model.api_keys.len()
        + model.terminals.len()
        + model.documents.len();
    let expected = [
        ("vouchers", model.vouchers.len()),
        ("payments", model.payments.len()),
        ("orders", model.orders.len()),
        ("idempotency keys", model.commands.len()),
        ("parties", parties),
    ];
    for ((what, expected), stored) in expected.into_iter().zip(stored) {
        compare::count(what, restored(stored), expected, report);
    }
    Ok(())
}

async fn check_outbox(store: &PostgresStore, report: &mut AuditReport) -> Result<(), Failure> {
    let found = numbers(store, OUTBOX_FIGURES).await?;
    let [messages, gaps, cursor] = found[..] else {
        return Ok(());
    };
    report.figure("messages", messages);
    report.require(gaps == 0, || {
        format!("{gaps} merchants' messages have gaps in their numbers")
    });
    let head = store.head().await?;
    report.require(sequence(cursor) <= head, || {
        "the outbox is ahead of the journal".to_owned()
    });
    Ok(())
}

/// The columns of the one row that a statement gives.
async fn numbers(store: &PostgresStore, sql: &'static str) -> Result<Vec<i64>, Failure> {
    store
        .database
        .ask(move |client| async move {
            let statement = client.prepare_cached(sql).await?;
            let row = client.query_one(&statement, &[]).await?;
            (0..row.len())
                .map(|column| Ok(row.try_get(column)?))
                .collect()
        })
        .await
}
