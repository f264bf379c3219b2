//! Publishing statements: one a day by itself, and when somebody asks.

use std::sync::Arc;
use std::time::Duration;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use ids::command::Sequence;
use ids::time::{Span, Timestamp};
use liabilities::statement::Statement;
use tokio_util::sync::CancellationToken;

use crate::command::{Command, Envelope, NewDocument};
use crate::core::Engine;
use crate::error::{CommandError, Refusal};
use crate::liabilities::shown::Shown;
use crate::liabilities::{LiabilitiesError, Ports};

/// How many statements can be proved; of older ones the parts are forgotten.
pub const PROVABLE: usize = 3;
/// How long after a failure, and at most, the next look at the time is.
const PAUSE: Duration = Duration::from_secs(30);

/// Publishes statements.
#[derive(Clone)]
pub struct Publisher {
    engine: Arc<Engine>,
    ports: Ports,
}

/// What came of a wish for a statement.
#[derive(Clone, Debug)]
pub enum Published {
    Now(Shown),
    /// Nothing was written since the newest one, or another node was faster.
    Before(Shown),
}

impl Published {
    pub fn shown(&self) -> &Shown {
        match self {
            Published::Now(shown) | Published::Before(shown) => shown,
        }
    }
}

impl Publisher {
    pub fn new(engine: Arc<Engine>, ports: Ports) -> Publisher {
        Publisher { engine, ports }
    }

    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// States what is owed after the last entry. Of two that do so at once, one statement comes; a process that dies meanwhile
    /// leaves at most parts of a statement that nobody has seen. It computes for long, and so belongs on a thread of its own.
    pub async fn publish(&self, actor: Actor) -> Result<Published, LiabilitiesError> {
        let newest = self.ports.newest().await?;
        let upto = self.ports.store.head().await?;
        if let Some(shown) = &newest
            && shown.entry.sequence() == upto
        {
            return Ok(Published::Before(shown.clone()));
        }
        let owed = self.ports.owed_at(upto).await?;
        let based_on = newest.as_ref().map(|shown| shown.entry.sequence());
        let statement = Statement {
            counted: owed.counted,
            at: owed.at,
            before: based_on.unwrap_or(Sequence(0)),
            sums: self.ports.make(&owed).await?,
        };
        let is_ours = self.save(actor, &statement, based_on).await?;
        let shown = self.ports.newest().await?;
        let shown = shown.ok_or(LiabilitiesError::JournalEnds(upto))?;
        self.forget_older(&shown).await?;
        Ok(match is_ours {
            true => Published::Now(shown),
            false => Published::Before(shown),
        })
    }

    /// Publishes whenever so long has passed since the last time, or since the first entry.
    pub async fn run(self, every: Span, stop: CancellationToken) {
        let work = async {
            loop {
                let wait = match self.publish_if_due(every).await {
                    Ok(wait) => wait,
                    Err(error) => {
                        tracing::warn!(%error, source = ?std::error::Error::source(&error), "what is owed could not be stated");
                        PAUSE
                    }
                };
                tokio::time::sleep(wait).await;
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    /// Answers how long to wait before the next look.
    pub async fn publish_if_due(&self, every: Span) -> Result<Duration, LiabilitiesError> {
        let Some(last) = self.last().await? else {
            return Ok(PAUSE);
        };
        let now = self.engine.clock().now();
        let due = last.plus(every);
        if now < due {
            let millis = u64::try_from(due.0 - now.0).unwrap_or(0);
            return Ok(Duration::from_millis(millis).min(PAUSE));
        }
        if let Published::Now(shown) = self.publish(Actor::Timer).await? {
            tracing::info!(
                entry = shown.entry.sequence().0,
                counted = shown.statement.counted.0,
                "what is owed is stated"
            );
        }
        Ok(PAUSE)
    }

    /// When a statement was published last, or when the journal began; none where it has not.
    async fn last(&self) -> Result<Option<Timestamp>, LiabilitiesError> {
        if let Some(shown) = self.ports.newest().await? {
            return Ok(Some(shown.entry.at()));
        }
        let first = self.ports.store.entries_after(Sequence(0), 1).await?;
        Ok(first.first().map(|entry| entry.at()))
    }

    /// Answers whether the statement became an entry; if not, another one did.
    async fn save(
        &self,
        actor: Actor,
        statement: &Statement,
        based_on: Option<Sequence>,
    ) -> Result<bool, LiabilitiesError> {
        let envelope = Envelope {
            actor,
            idempotency: None,
            command: Command::SaveDocument(NewDocument {
                name: DocumentName::Liabilities,
                content: Arc::from(statement.encode()),
                based_on,
                by_right_of: None,
            }),
        };
        match self.engine.execute(envelope).await {
            Ok(_) => Ok(true),
            Err(CommandError::Refused(Refusal::DocumentChanged)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets the parts of what is older than the statements that can be proved. Younger ones that nobody published may be
    /// another node's, which is about to.
    async fn forget_older(&self, newest: &Shown) -> Result<(), LiabilitiesError> {
        let before = self.ports.before(newest, PROVABLE - 1).await?;
        let oldest = before.last().unwrap_or(newest).statement.counted;
        let kept = [newest].into_iter().chain(&before);
        let kept: Vec<Sequence> = kept.map(|shown| shown.statement.counted).collect();
        for statement in self.ports.parts.statements().await? {
            let is_left_over = statement < newest.statement.counted && !kept.contains(&statement);
            if statement < oldest || is_left_over {
                self.ports.parts.forget_parts(statement).await?;
            }
        }
        Ok(())
    }
}
