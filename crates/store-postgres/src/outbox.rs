//! The outbox: messages to merchants and the attempts to deliver them.

pub(crate) mod rows;

use std::sync::Arc;

use ids::command::Sequence;
use ids::time::Timestamp;
use store::failure::Failure;
use store::outbox::{
    Attempt, Delivery, GivenUp, Message, MessageId, NewMessage, Outbox, Queue, Recipient, Resend,
    Step, Stepped, given_up,
};
use store::port::Answer;
use tokio_postgres::types::ToSql;

use crate::database::Client;
use crate::failure::Problem;
use crate::limits::ANSWER_MAX;
use crate::outbox::rows::{
    Added, attempt_of, channel_range, message_of, outcome_columns, status_columns,
};
use crate::row::{restored, sequence, stored};
use crate::statements::{
    ATTEMPTS, CURSOR, ENQUEUE, LAST_ATTEMPTS, LETTERS_GIVEN_UP, MESSAGE, MESSAGES_DUE,
    MESSAGES_OF_RECIPIENT, RECORD, RESEND,
};
use crate::store::PostgresStore;

impl Outbox for PostgresStore {
    fn cursor(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(self.database.ask(|client| async move {
            let statement = client.prepare_cached(CURSOR).await?;
            let row = client.query_one(&statement, &[]).await?;
            Ok(sequence(row.try_get(0)?))
        }))
    }

    fn enqueue(
        &self,
        messages: Vec<NewMessage>,
        step: Step,
    ) -> Answer<'_, Result<Stepped, Failure>> {
        if step.to <= step.from {
            return Box::pin(async { Ok(Stepped::NotTaken) });
        }
        // Asked again after a lost answer, the step is not taken twice: the cursor stands elsewhere by then.
        let added = Arc::new(Added::of(messages, Some(step)));
        Box::pin(self.database.ask(move |client| {
            let added = Arc::clone(&added);
            async move {
                let last = add(client, added).await?;
                Ok(if last < 0 {
                    Stepped::NotTaken
                } else {
                    Stepped::Taken
                })
            }
        }))
    }

    fn enqueue_now(&self, message: NewMessage) -> Answer<'_, Result<MessageId, Failure>> {
        let added = Arc::new(Added::of(vec![message], None));
        let database = Arc::clone(&self.database);
        Box::pin(self.database.run(async move {
            // Tried once: a second time it might be a second message.
            let id = database.once(ANSWER_MAX, |client| add(client, added)).await;
            let id = id.map_err(|problem| problem.at(database.place()))?;
            Ok(MessageId(restored(id)))
        }))
    }

    fn due(
        &self,
        queue: Queue,
        now: Timestamp,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        let (first, last) = channel_range(queue);
        Box::pin(self.database.ask(move |client| async move {
            let values: [&(dyn ToSql + Sync); 4] = [&now.0, &first, &last, &limit(count)];
            messages(client, MESSAGES_DUE, &values).await
        }))
    }

    fn record(&self, attempts: Vec<Attempt>) -> Answer<'_, Result<(), Failure>> {
        let attempts = Arc::new(attempts);
        Box::pin(
            self.database
                .ask(move |client| record(client, Arc::clone(&attempts))),
        )
    }

    fn messages(
        &self,
        recipient: Recipient,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        let before = before.map_or(i64::MAX, |id| stored(id.0));
        let recipient = stored(recipient.number());
        Box::pin(self.database.ask(move |client| async move {
            messages(
                client,
                MESSAGES_OF_RECIPIENT,
                &[&recipient, &before, &limit(count)],
            )
            .await
        }))
    }

    fn letters_given_up(
        &self,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<GivenUp>, Failure>> {
        let before = before.map_or(i64::MAX, |id| stored(id.0));
        Box::pin(self.database.ask(move |client| async move {
            let values: [&(dyn ToSql + Sync); 2] = [&before, &limit(count)];
            let found = messages(Arc::clone(&client), LETTERS_GIVEN_UP, &values).await?;
            let ids: Vec<i64> = found.iter().map(|message| stored(message.id.0)).collect();
            let statement = client.prepare_cached(LAST_ATTEMPTS).await?;
            let rows = client.query(&statement, &[&ids]).await?;
            let last = rows.iter().map(attempt_of).collect::<Result<_, _>>()?;
            Ok(given_up(found, last))
        }))
    }

    fn message(
        &self,
        recipient: Recipient,
        id: MessageId,
    ) -> Answer<'_, Result<Option<Delivery>, Failure>> {
        let recipient = stored(recipient.number());
        Box::pin(self.database.ask(move |client| async move {
            let found =
                messages(Arc::clone(&client), MESSAGE, &[&recipient, &stored(id.0)]).await?;
            let Some(message) = found.into_iter().next() else {
                return Ok(None);
            };
            let statement = client.prepare_cached(ATTEMPTS).await?;
            let rows = client.query(&statement, &[&stored(id.0)]).await?;
            let attempts = rows.iter().map(attempt_of).collect::<Result<_, _>>()?;
            Ok(Some((message, attempts)))
        }))
    }

    fn resend(
        &self,
        recipient: Recipient,
        id: MessageId,
        meant: Resend,
        now: Timestamp,
    ) -> Answer<'_, Result<bool, Failure>> {
        let (recipient, id) = (stored(recipient.number()), stored(id.0));
        let (attempts, status) = meant.wanted();
        let attempts = attempts.map(|it| i32::try_from(it).unwrap_or(i32::MAX));
        let status = status.map(status_columns);
        let (status, due_at) = (status.map(|it| it.0), status.and_then(|it| it.1));
        Box::pin(self.database.ask(move |client| async move {
            let statement = client.prepare_cached(RESEND).await?;
            let found = client
                .execute(
                    &statement,
                    &[&recipient, &id, &now.0, &attempts, &status, &due_at],
                )
                .await?;
            Ok(found == 1)
        }))
    }
}

/// The id of the last message that was added; -1 if the cursor stood elsewhere.
async fn add(client: Client, added: Arc<Added>) -> Result<i64, Problem> {
    let statement = client.prepare_cached(ENQUEUE).await?;
    let row = client.query_one(&statement, &added.parameters()).await?;
    Ok(row.try_get(0)?)
}

pub(crate) async fn messages(
    client: Client,
    sql: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Message>, Problem> {
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, values).await?;
    rows.iter().map(message_of).collect()
}

async fn record(client: Client, attempts: Arc<Vec<Attempt>>) -> Result<(), Problem> {
    let statement = client.prepare_cached(RECORD).await?;
    for attempt in attempts.iter() {
        let (status, next_attempt_at) = status_columns(attempt.status);
        let (http_status, reason) = outcome_columns(&attempt.outcome);
        client
            .execute(
                &statement,
                &[
                    &stored(attempt.message.0),
                    &attempt.at.0,
                    &i64::from(attempt.duration_ms),
                    &http_status,
                    &reason,
                    &status,
                    &next_attempt_at,
                    &attempt.number.cast_signed(),
                ],
            )
            .await?;
    }
    Ok(())
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
