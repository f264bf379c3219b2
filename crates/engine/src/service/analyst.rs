//! What the issuer's people may ask for: payments that wait for them, and why attempts were judged as they were.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::{Actor, Entry};
use accounting::fact::Party;
use ids::command::{ApiKeyDigest, Sequence};
use ids::object::PaymentId;
use ids::time::Timestamp;
use payment::label::Label;
use payment::payment::Payment;
use payment::screening::Approvals;
use risk::decision::Record;
use risk::rule_set::RuleSet;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;

use crate::clock::Clock;
use crate::command::{Command, Envelope};
use crate::core::{Engine, Outcome, Subject};
use crate::error::{CommandError, Refusal};
use crate::history;
use crate::risk::Risk;
use crate::service::api_key;
use crate::service::person::Person;

pub mod backtests;
pub mod models;
pub mod people;
pub mod rules;

/// Payments that are looked up at once.
const REVIEWS_AT_ONCE: usize = 256;

/// The analyst's face of the engine.
#[derive(Clone)]
pub struct AnalystService {
    engine: Arc<Engine>,
    risk: Arc<Risk>,
}

/// A payment that waits for a person.
#[derive(Clone, Debug)]
pub struct ReviewItem {
    pub payment: Arc<Payment>,
    pub since: Timestamp,
    pub needed: Approvals,
    /// Why it waits; none if the entry that says so cannot be read by this version.
    pub judged: Option<Explained>,
}

/// One judged attempt.
#[derive(Clone, Debug)]
pub struct Explained {
    pub entry: Sequence,
    pub at: Timestamp,
    pub record: Record,
    /// The rules that decided; none if they are not in the journal.
    pub rules: Option<Arc<RuleSet>>,
}

impl AnalystService {
    pub fn new(engine: Arc<Engine>, risk: Arc<Risk>) -> AnalystService {
        AnalystService { engine, risk }
    }

    pub fn risk(&self) -> &Arc<Risk> {
        &self.risk
    }

    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(self.engine.store())
    }

    pub fn clock(&self) -> &dyn Clock {
        self.engine.clock().as_ref()
    }

    /// The person with this API key, unless the key is unknown or revoked.
    pub async fn authenticate(&self, api_key: &str) -> Result<Option<Arc<Person>>, CommandError> {
        let (owner, rows) = api_key::owner(&self.engine, api_key).await?;
        let Some(Party::Operator(id)) = owner else {
            return Ok(None);
        };
        let digest = ApiKeyDigest(self.engine.vault().api_key_digest(api_key));
        let document = rows.document(DocumentName::Operator(id));
        let person = document.and_then(|document| Person::decode(id, &document.content));
        let person = person.filter(|person| person.key.is(digest));
        Ok(person.map(Arc::new))
    }

    /// The payments that wait for a person, of more than `count` those that wait longest; those whose time ends first in
    /// front. May trail the newest changes by what
    /// profiles trail the journal.
    pub async fn reviews(&self, count: usize) -> Result<Vec<ReviewItem>, CommandError> {
        let mut waiting = self.risk.reviews();
        waiting.sort_unstable_by_key(|(id, since)| (*since, *id));
        let mut found: Vec<(Arc<Payment>, Timestamp)> = Vec::new();
        for some in waiting.chunks(REVIEWS_AT_ONCE) {
            let keys: Vec<Key> = some.iter().map(|(id, _)| Key::Payment(*id)).collect();
            let rows = self.engine.store().load(&keys).await?;
            let payments = some
                .iter()
                .filter_map(|(id, since)| Some((Arc::clone(rows.payment(*id)?), *since)));
            found.extend(payments.filter(|(payment, _)| payment.review.is_some()));
            if count <= found.len() {
                break;
            }
        }
        found.sort_by_key(|(payment, _)| (payment.due_at, payment.id));
        found.truncate(count);
        let payments: Vec<&Payment> = found.iter().map(|(it, _)| it.as_ref()).collect();
        let entries = history::entries_of_each(self.engine.store().as_ref(), &payments).await?;
        let mut items = Vec::with_capacity(found.len());
        for ((payment, since), entries) in found.into_iter().zip(entries) {
            let judged = match judged(&entries).next_back() {
                Some(last) => Some(self.explained(last).await?),
                None => None,
            };
            items.push(ReviewItem {
                needed: self.needed(&payment),
                judged,
                payment,
                since,
            });
        }
        Ok(items)
    }

    /// A payment, whoever's.
    pub async fn payment(&self, id: PaymentId) -> Result<Option<Arc<Payment>>, CommandError> {
        let rows = self.engine.store().load(&[Key::Payment(id)]).await?;
        Ok(rows.payment(id).cloned())
    }

    /// Lets a payment go that waits for a person; where two are needed, the first one's word is kept.
    pub async fn approve(
        &self,
        person: &Person,
        id: PaymentId,
    ) -> Result<Arc<Payment>, CommandError> {
        let payment = self.payment(id).await?.ok_or(Refusal::UnknownPayment)?;
        let command = Command::ApproveReview {
            id,
            by: person.id,
            needed: self.needed(&payment),
        };
        self.execute(person, command).await
    }

    /// Ends a payment that waits for a person; its value goes back.
    pub async fn refuse(
        &self,
        person: &Person,
        id: PaymentId,
    ) -> Result<Arc<Payment>, CommandError> {
        self.execute(person, Command::RefuseReview { id }).await
    }

    /// Says what a payment turned out to be. Profiles learn it at once, models with their next training.
    pub async fn label(
        &self,
        person: &Person,
        id: PaymentId,
        label: Label,
    ) -> Result<Arc<Payment>, CommandError> {
        self.execute(person, Command::LabelPayment { id, label })
            .await
    }

    /// How each attempt at the payment was judged, oldest first.
    pub async fn explain(&self, payment: &Payment) -> Result<Vec<Explained>, CommandError> {
        let entries = history::entries(self.engine.store().as_ref(), payment).await?;
        let mut explained = Vec::new();
        for judged in judged(&entries) {
            explained.push(self.explained(judged).await?);
        }
        Ok(explained)
    }

    async fn explained(
        &self,
        (entry, record): (&Entry, Record),
    ) -> Result<Explained, CommandError> {
        Ok(Explained {
            entry: entry.sequence(),
            at: entry.at(),
            rules: self.rules_of(&record).await?,
            record,
        })
    }

    fn needed(&self, payment: &Payment) -> Approvals {
        if self.risk.bench().settings.needs_two(payment.request.amount) {
            Approvals::Two
        } else {
            Approvals::One
        }
    }

    async fn execute(
        &self,
        person: &Person,
        command: Command,
    ) -> Result<Arc<Payment>, CommandError> {
        let outcome = self
            .engine
            .execute(Envelope {
                actor: Actor::Person(person.id),
                idempotency: None,
                command,
            })
            .await?;
        match outcome {
            Outcome::Applied {
                subject: Subject::Payment(payment),
                ..
            } => Ok(payment),
            Outcome::Applied { .. } | Outcome::Replayed { .. } => Err(CommandError::Fault),
        }
    }
}

/// The entries of attempts that were judged, with what was decided.
fn judged(entries: &[Entry]) -> impl DoubleEndedIterator<Item = (&Entry, Record)> {
    entries.iter().filter_map(|entry| {
        let judgement = history::judgement_of(entry)?;
        Some((entry, Record::decode(&judgement.record).ok()?))
    })
}
