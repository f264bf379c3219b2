//! Moving into a database and out of it.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use store::failure::Failure;
use store::log::NamedLog;
use store::moving::{Extent, MessageSpan, Movable, RunId, Source, Standing};
use store::outbox::{Attempt, Delivery, Message, MessageId};
use store::port::{Answer, Store};
use store::seeds::SeedRun;
use tokio_postgres::types::ToSql;

use crate::database::Client;
use crate::failure::Problem;
use crate::log::{count, log_of, run_of};
use crate::outbox::messages;
use crate::outbox::rows::{attempt_of, channel_number, outcome_columns, status_columns};
use crate::row::{restored, sequence, stored};
use crate::statements::{
    ALL_ATTEMPTS, ALL_MESSAGES, BEGIN_RUN, EXTENT, LOGS, RESTORE, RESTORE_LOGS, RESTORE_SEEDS,
    SEED_RUNS_AFTER, SET_STANDING, SETTING, SETTLE,
};
use crate::store::PostgresStore;

/// The fact about the installation that says where its data is served.
const STANDING: &str = "standing";

impl Source for PostgresStore {
    fn extent(&self) -> Answer<'_, Result<Extent, Failure>> {
        Box::pin(self.database.ask(|client| async move {
            let statement = client.prepare_cached(EXTENT).await?;
            let row = client.query_one(&statement, &[]).await?;
            Ok(Extent {
                head: sequence(row.try_get(0)?),
                cursor: sequence(row.try_get(1)?),
                last_message: MessageId(restored(row.try_get(2)?)),
            })
        }))
    }

    fn read_entries(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        self.entries_after(after, count)
    }

    fn read_deliveries(
        &self,
        after: MessageId,
        count: usize,
    ) -> Answer<'_, Result<Vec<Delivery>, Failure>> {
        Box::pin(
            self.database
                .ask(move |client| deliveries(client, after, count)),
        )
    }

    fn read_seed_runs(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        Box::pin(self.database.ask(move |client| async move {
            let statement = client.prepare_cached(SEED_RUNS_AFTER).await?;
            let rows = client
                .query(&statement, &[&stored(after.0), &limit])
                .await?;
            rows.iter().map(run_of).collect()
        }))
    }

    fn read_logs(&self) -> Answer<'_, Result<Vec<NamedLog>, Failure>> {
        Box::pin(self.database.ask(|client| async move {
            let statement = client.prepare_cached(LOGS).await?;
            let rows = client.query(&statement, &[]).await?;
            rows.iter().map(log_of).collect()
        }))
    }

    fn standing(&self) -> Answer<'_, Result<Standing, Failure>> {
        Box::pin(self.database.ask(|client| async move {
            let statement = client.prepare_cached(SETTING).await?;
            let row = client.query_opt(&statement, &[&STANDING]).await?;
            let Some(row) = row else {
                return Ok(Standing::UNMOVED);
            };
            let stored: &str = row.try_get(0)?;
            stored
                .parse()
                .map_err(|error: store::moving::UnknownStanding| {
                    Problem::damaged(error.to_string())
                })
        }))
    }
}

impl Movable for PostgresStore {
    fn begin_run(&self, run: RunId) -> Answer<'_, Result<(), Failure>> {
        self.database.name_run(run);
        Box::pin(self.database.ask(move |client| async move {
            let statement = client.prepare_cached(BEGIN_RUN).await?;
            client.execute(&statement, &[&name_of(run)]).await?;
            Ok(())
        }))
    }

    fn restore<'a>(
        &'a self,
        run: RunId,
        span: MessageSpan,
        deliveries: &'a [Delivery],
    ) -> Answer<'a, Result<(), Failure>> {
        let restored = Arc::new(Restored::of(run, span, deliveries));
        Box::pin(self.database.ask(move |client| {
            let restored = Arc::clone(&restored);
            async move {
                let statement = client.prepare_cached(RESTORE).await?;
                client.execute(&statement, &restored.parameters()).await?;
                Ok(())
            }
        }))
    }

    fn settle(&self, run: RunId, cursor: Sequence) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.database.ask(move |client| async move {
            let statement = client.prepare_cached(SETTLE).await?;
            client
                .execute(&statement, &[&name_of(run), &stored(cursor.0)])
                .await?;
            Ok(())
        }))
    }

    fn restore_seeds<'a>(
        &'a self,
        run: RunId,
        runs: &'a [SeedRun],
    ) -> Answer<'a, Result<(), Failure>> {
        let runs: Arc<[SeedRun]> = Arc::from(runs);
        Box::pin(self.database.ask(move |client| {
            let runs = Arc::clone(&runs);
            async move {
                let firsts: Vec<i64> = runs.iter().map(|run| stored(run.first.0)).collect();
                let counts: Vec<i32> = runs.iter().map(count).collect();
                let sealed: Vec<&[u8]> = runs.iter().map(|run| &*run.sealed).collect();
                let statement = client.prepare_cached(RESTORE_SEEDS).await?;
                client
                    .execute(&statement, &[&name_of(run), &firsts, &counts, &sealed])
                    .await?;
                Ok(())
            }
        }))
    }

    fn restore_logs<'a>(
        &'a self,
        run: RunId,
        logs: &'a [NamedLog],
    ) -> Answer<'a, Result<(), Failure>> {
        let logs = Arc::new(RestoredLogs::of(run, logs));
        Box::pin(self.database.ask(move |client| {
            let logs = Arc::clone(&logs);
            async move {
                let statement = client.prepare_cached(RESTORE_LOGS).await?;
                client.execute(&statement, &logs.parameters()).await?;
                Ok(())
            }
        }))
    }

    fn set_standing(
        &self,
        run: RunId,
        standing: Standing,
        only_at: Option<Extent>,
    ) -> Answer<'_, Result<bool, Failure>> {
        let closing = matches!(standing, Standing::Moved { .. });
        let moving = matches!(standing, Standing::Receiving { .. });
        let text = Arc::new(standing.to_string());
        Box::pin(self.database.ask(move |client| {
            let text = Arc::clone(&text);
            async move {
                let statement = client.prepare_cached(SET_STANDING).await?;
                let head = only_at.map(|extent| stored(extent.head.0));
                let cursor = only_at.map(|extent| stored(extent.cursor.0));
                let message = only_at.map(|extent| stored(extent.last_message.0));
                let row = client
                    .query_one(
                        &statement,
                        &[
                            &name_of(run),
                            &*text,
                            &closing,
                            &moving,
                            &head,
                            &cursor,
                            &message,
                        ],
                    )
                    .await?;
                Ok(row.try_get(0)?)
            }
        }))
    }
}

/// A run as the database knows it.
fn name_of(run: RunId) -> String {
    format!("{run:?}")
}

async fn deliveries(
    client: Client,
    after: MessageId,
    count: usize,
) -> Result<Vec<Delivery>, Problem> {
    let after = stored(after.0);
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let found = messages(Arc::clone(&client), ALL_MESSAGES, &[&after, &limit]).await?;
    let Some(last) = found.last().map(|message| stored(message.id.0)) else {
        return Ok(Vec::new());
    };
    let statement = client.prepare_cached(ALL_ATTEMPTS).await?;
    let rows = client.query(&statement, &[&after, &last]).await?;
    let attempts = rows.iter().map(attempt_of).collect::<Result<Vec<_>, _>>()?;
    Ok(store::outbox::deliveries(found, attempts))
}

/// Logs as the arrays that the function in the database takes.
#[derive(Debug, Default)]
struct RestoredLogs {
    run: String,
    origins: Vec<String>,
    sizes: Vec<i64>,
    roots: Vec<Vec<u8>>,
    published_sizes: Vec<Option<i64>>,
    checkpoints: Vec<Option<Vec<u8>>>,
    closings: Vec<bool>,
    stoppings: Vec<bool>,
}

impl RestoredLogs {
    fn of(run: RunId, logs: &[NamedLog]) -> RestoredLogs {
        let mut restored = RestoredLogs {
            run: name_of(run),
            ..RestoredLogs::default()
        };
        for NamedLog { origin, state } in logs {
            let published = state.published.as_ref();
            restored.origins.push(origin.clone());
            restored.sizes.push(stored(state.head.size));
            restored.roots.push(state.head.root.as_bytes().to_vec());
            restored
                .published_sizes
                .push(published.map(|published| stored(published.size)));
            restored
                .checkpoints
                .push(published.map(|published| published.checkpoint.to_vec()));
            restored
                .closings
                .push(state.standing == store::log::Standing::Closed);
            restored
                .stoppings
                .push(state.standing == store::log::Standing::Stopped);
        }
        restored
    }

    fn parameters(&self) -> [&(dyn ToSql + Sync); 8] {
        [
            &self.run,
            &self.origins,
            &self.sizes,
            &self.roots,
            &self.published_sizes,
            &self.checkpoints,
            &self.closings,
            &self.stoppings,
        ]
    }
}

/// Messages and attempts as the arrays that the function in the database takes.
#[derive(Debug, Default)]
struct Restored {
    run: String,
    after: i64,
    upto: i64,
    ids: Vec<i64>,
    recipients: Vec<i64>,
    channels: Vec<i16>,
    numbers: Vec<i64>,
    events: Vec<String>,
    urls: Vec<String>,
    bodies: Vec<String>,
    entries: Vec<Option<i64>>,
    times: Vec<i64>,
    tries: Vec<i32>,
    statuses: Vec<i16>,
    next_attempts: Vec<Option<i64>>,
    attempts: Attempts,
}

#[derive(Debug, Default)]
struct Attempts {
    messages: Vec<i64>,
    numbers: Vec<i32>,
    times: Vec<i64>,
    durations: Vec<i64>,
    http_statuses: Vec<Option<i32>>,
    reasons: Vec<Option<String>>,
    statuses: Vec<i16>,
    next_attempts: Vec<Option<i64>>,
}

impl Restored {
    fn of(run: RunId, span: MessageSpan, deliveries: &[Delivery]) -> Restored {
        let mut restored = Restored {
            run: name_of(run),
            after: stored(span.after.0),
            upto: i64::try_from(span.upto.0).unwrap_or(i64::MAX),
            ..Restored::default()
        };
        for (message, attempts) in deliveries {
            restored.add(message);
            attempts
                .iter()
                .for_each(|attempt| restored.attempts.add(attempt));
        }
        restored
    }

    fn add(&mut self, message: &Message) {
        let content = &message.content;
        let (status, next_attempt) = status_columns(message.status);
        self.ids.push(stored(message.id.0));
        self.recipients.push(stored(content.recipient.number()));
        self.channels.push(channel_number(content.channel));
        self.numbers.push(stored(message.number));
        self.events.push(content.event.clone());
        self.urls.push(content.url.clone());
        self.bodies.push(content.body.clone());
        self.entries
            .push(content.entry.map(|entry| stored(entry.0)));
        self.times.push(content.created_at.0);
        self.tries.push(message.attempts.cast_signed());
        self.statuses.push(status);
        self.next_attempts.push(next_attempt);
    }

    fn parameters(&self) -> [&(dyn ToSql + Sync); 23] {
        let attempts = &self.attempts;
        [
            &self.run,
            &self.after,
            &self.upto,
            &self.ids,
            &self.recipients,
            &self.channels,
            &self.numbers,
            &self.events,
            &self.urls,
            &self.bodies,
            &self.entries,
            &self.times,
            &self.tries,
            &self.statuses,
            &self.next_attempts,
            &attempts.messages,
            &attempts.numbers,
            &attempts.times,
            &attempts.durations,
            &attempts.http_statuses,
            &attempts.reasons,
            &attempts.statuses,
            &attempts.next_attempts,
        ]
    }
}

impl Attempts {
    fn add(&mut self, attempt: &Attempt) {
        let (status, next_attempt) = status_columns(attempt.status);
        let (http_status, reason) = outcome_columns(&attempt.outcome);
        self.messages.push(stored(attempt.message.0));
        self.numbers.push(attempt.number.cast_signed());
        self.times.push(attempt.at.0);
        self.durations.push(attempt.duration_ms.into());
        self.http_statuses.push(http_status);
        self.reasons.push(reason.map(str::to_owned));
        self.statuses.push(status);
        self.next_attempts.push(next_attempt);
    }
}
