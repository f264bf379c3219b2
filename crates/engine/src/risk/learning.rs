//! What models learn from: the journal alone. Every judged attempt holds its facts as they were known at that moment, and
//! nothing is worked out again.
//!
//! One row stands for one payment. What it turned out to be is its newest label, known since that entry. A payment that went
//! through and of which nobody complained counts as good once it is old enough. One that was blocked, or given up, says
//! nothing until somebody labels it. The rows of a moment follow from the entries up to that moment, and from no others.

use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};

use accounting::entry::Entry;
use accounting::fact::Fact;
use aws_lc_rs::digest::{SHA256, digest};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::{Span, Timestamp};
use payment::label::Truth;
use payment::state::Change;
use risk::decision::Record;
use risk::decision::values::Schema;
use risk::fact::{Facts, Kind};
use risk::model::data::{Example, Label, RowRefusal, TrainingSet};
use risk::model::limits::WEIGHT_MAX;
use store::failure::Failure;
use store::port::Store;

/// Frauds that are learnt from at most; of more, the newest.
pub const FRAUDS_MAX: usize = 50_000;
/// Good attempts that are learnt from at most. Of more, an even choice is taken, and each stands for those left out.
pub const GOODS_MAX: usize = 150_000;
/// Payments with a label, and payments that a person let go, that are remembered while the journal is read.
pub const REMEMBERED_MAX: usize = 2_000_000;
/// How old an attempt may be to be learnt from.
pub const HISTORY: Span = Span::DAY.times(400);
/// Entries that are read at a time.
const ENTRIES_AT_ONCE: usize = 500;

/// What is taken for known.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Nothing that is later counts.
    pub moment: Timestamp,
    /// After which silence counts as good.
    pub maturity: Span,
    pub frauds_max: usize,
    pub goods_max: usize,
}

impl Terms {
    pub fn new(moment: Timestamp, maturity: Span) -> Terms {
        Terms {
            moment,
            maturity,
            frauds_max: FRAUDS_MAX,
            goods_max: GOODS_MAX,
        }
    }

    fn is_past(&self, entry: &Entry) -> bool {
        entry.at() <= self.moment
    }

    fn is_ripe(&self, attempted_at: Timestamp) -> bool {
        attempted_at.plus(self.maturity) <= self.moment
    }
}

/// What the journal teaches.
#[derive(Debug)]
pub struct Lessons {
    pub set: TrainingSet,
    pub counts: Counts,
}

/// What was found on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub frauds: usize,
    /// Also those that were left out of the choice.
    pub goods: usize,
    /// Attempts of which nothing is known yet.
    pub unknown: usize,
    /// Attempts whose facts this version does not understand.
    pub foreign: usize,
}

/// Labels, and what else is only known behind an attempt.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    labels: HashMap<PaymentId, (Truth, Timestamp)>,
    /// Reviewed payments that a person let go.
    released: HashSet<PaymentId>,
}

impl Outcomes {
    pub fn note(&mut self, entry: &Entry, terms: &Terms) {
        let Fact::PaymentChanged { id, change, .. } = entry.fact() else {
            return;
        };
        if !terms.is_past(entry) {
            return;
        }
        match change {
            Change::Label { label } => {
                let has_room = self.labels.len() < REMEMBERED_MAX;
                if has_room || self.labels.contains_key(id) {
                    self.labels.insert(*id, (label.truth, entry.at()));
                }
            }
            Change::Release { .. } if self.released.len() < REMEMBERED_MAX => {
                self.released.insert(*id);
            }
            _ => {}
        }
    }

    /// How many labels became known after a moment, and how many frauds are known at all.
    pub fn news(&self, after: Timestamp) -> News {
        let known = || self.labels.values();
        News {
            labels: known().filter(|(_, at)| after < *at).count(),
            frauds: known().filter(|(truth, _)| *truth == Truth::Fraud).count(),
        }
    }
}

/// What there is to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    pub labels: usize,
    pub frauds: usize,
}

/// A row on its way into the training set.
#[derive(Debug)]
struct Row {
    values: Vec<f32>,
    example: Example,
}

/// Collects rows from entries whose outcomes are known.
#[derive(Debug)]
pub struct Rows<'a> {
    schema: &'a Schema,
    outcomes: &'a Outcomes,
    terms: Terms,
    /// Places of the catalogue that models see.
    seen: Vec<usize>,
    frauds: HashMap<PaymentId, Row>,
    /// From the oldest.
    fraud_order: VecDeque<PaymentId>,
    /// Those with the smallest digests of their payments' ids stay.
    goods: HashMap<PaymentId, Row>,
    by_digest: BinaryHeap<(u64, PaymentId)>,
    counts: Counts,
}

impl<'a> Rows<'a> {
    pub fn new(schema: &'a Schema, outcomes: &'a Outcomes, terms: Terms) -> Rows<'a> {
        let types = schema.catalogue().types();
        let seen = (0..types.len()).filter(|place| types[*place].kind != Kind::Text);
        Rows {
            schema,
            outcomes,
            terms,
            seen: seen.collect(),
            frauds: HashMap::new(),
            fraud_order: VecDeque::new(),
            goods: HashMap::new(),
            by_digest: BinaryHeap::new(),
            counts: Counts::default(),
        }
    }

    /// Takes an entry, in the order of the journal.
    pub fn note(&mut self, entry: &Entry) {
        let Fact::PaymentChanged {
            id,
            change,
            attempt: Some(attempt),
            ..
        } = entry.fact()
        else {
            return;
        };
        let Some(judgement) = attempt.judgement.as_ref() else {
            return;
        };
        if !self.terms.is_past(entry) {
            return;
        }
        let Some((label, label_known_at)) = self.outcome(*id, change, entry.at()) else {
            self.counts.unknown += 1;
            return;
        };
        let record = Record::decode(&judgement.record).ok();
        let Some(record) = record.filter(|it| self.schema.understands(&it.facts)) else {
            self.counts.foreign += 1;
            return;
        };
        let seen = self.seen.iter();
        let row = Row {
            values: seen.map(|place| record.facts.number(*place)).collect(),
            example: Example {
                attempted_at: entry.at(),
                label_known_at: label_known_at.max(entry.at()),
                label,
                weight: weight(&record),
            },
        };
        match label {
            Label::Fraud => self.keep_fraud(*id, row),
            Label::Good => self.keep_good(*id, row),
        }
    }

    /// What the attempt turned out to be, and since when that is known; none if it is not.
    fn outcome(
        &self,
        id: PaymentId,
        change: &Change,
        attempted_at: Timestamp,
    ) -> Option<(Label, Timestamp)> {
        match self.outcomes.labels.get(&id) {
            Some((Truth::Fraud, at)) => return Some((Label::Fraud, *at)),
            Some((Truth::Good, at)) => return Some((Label::Good, *at)),
            None => {}
        }
        let went_through = match change {
            Change::Authorize { .. } => true,
            Change::Review { .. } => self.outcomes.released.contains(&id),
            _ => false,
        };
        let is_good = went_through && self.terms.is_ripe(attempted_at);
        is_good.then(|| (Label::Good, attempted_at.plus(self.terms.maturity)))
    }

    /// The newest attempt of a payment stands for it.
    fn keep_fraud(&mut self, id: PaymentId, row: Row) {
        if self.frauds.insert(id, row).is_some() {
            return;
        }
        self.counts.frauds += 1;
        self.fraud_order.push_back(id);
        if self.terms.frauds_max < self.fraud_order.len()
            && let Some(oldest) = self.fraud_order.pop_front()
        {
            self.frauds.remove(&oldest);
        }
    }

    fn keep_good(&mut self, id: PaymentId, row: Row) {
        if let Some(known) = self.goods.get_mut(&id) {
            *known = row;
            return;
        }
        self.counts.goods += 1;
        let digest = digest_of(id);
        if self.terms.goods_max <= self.goods.len() {
            match self.by_digest.peek() {
                Some((largest, _)) if digest < *largest => {
                    if let Some((_, dropped)) = self.by_digest.pop() {
                        self.goods.remove(&dropped);
                    }
                }
                _ => return,
            }
        }
        self.by_digest.push((digest, id));
        self.goods.insert(id, row);
    }

    /// The training set, in the order of the attempts.
    pub fn finish(self) -> Result<Lessons, RowRefusal> {
        let types = self.schema.catalogue().types();
        let names = self.seen.iter().map(|place| types[*place].name.clone());
        let mut set =
            TrainingSet::new(names.collect()).expect("the catalogue names each fact once");
        set.judge_until(self.terms.moment.minus(self.terms.maturity));
        let stands_for = self.counts.goods as f64 / self.goods.len().max(1) as f64;
        let goods = self.goods.into_iter().map(|(id, mut row)| {
            let weight = f64::from(row.example.weight) * stands_for;
            row.example.weight = (weight as f32).min(WEIGHT_MAX);
            (id, row)
        });
        let mut rows: Vec<(PaymentId, Row)> = self.frauds.into_iter().chain(goods).collect();
        rows.sort_by(|(one, left), (other, right)| {
            let at = |row: &Row| row.example.attempted_at;
            (at(left), one).cmp(&(at(right), other))
        });
        for (_, row) in rows {
            set.push(&row.values, row.example)?;
        }
        Ok(Lessons {
            set,
            counts: self.counts,
        })
    }
}

/// Outcomes of attempts as they stand at the moment of the terms.
pub async fn outcomes(store: &dyn Store, terms: &Terms) -> Result<Outcomes, Failure> {
    let mut outcomes = Outcomes::default();
    let mut pages = Pages::since(store, terms).await?;
    while let Some(entries) = pages.next().await? {
        entries.iter().for_each(|it| outcomes.note(it, terms));
    }
    Ok(outcomes)
}

/// The rows whose outcomes these are.
pub async fn lessons(
    store: &dyn Store,
    schema: &Schema,
    outcomes: &Outcomes,
    terms: Terms,
) -> Result<Lessons, LearningError> {
    let mut rows = Rows::new(schema, outcomes, terms);
    let mut pages = Pages::since(store, &terms).await?;
    while let Some(entries) = pages.next().await? {
        entries.iter().for_each(|it| rows.note(it));
    }
    Ok(rows.finish()?)
}

/// Why there are no lessons.
#[derive(Debug, thiserror::Error)]
pub enum LearningError {
    #[error(transparent)]
    Storage(#[from] Failure),
    #[error(transparent)]
    Row(#[from] RowRefusal),
}

/// The journal from where it is young enough to be learnt from, up to where it ended when the reading began.
struct Pages<'a> {
    store: &'a dyn Store,
    read: Sequence,
    end: Sequence,
}

impl<'a> Pages<'a> {
    async fn since(store: &'a dyn Store, terms: &Terms) -> Result<Pages<'a>, Failure> {
        let end = store.head().await?;
        let oldest = terms.moment.minus(HISTORY);
        // The times of entries never fall, so the first one that is young enough is found by halving.
        let (mut old, mut young) = (0, end.0 + 1);
        while old + 1 < young {
            let middle = old + (young - old) / 2;
            let found = store.entries_at(&[Sequence(middle)]).await?;
            if found.first().is_none_or(|entry| entry.at() < oldest) {
                old = middle;
            } else {
                young = middle;
            }
        }
        Ok(Pages {
            store,
            read: Sequence(old),
            end,
        })
    }

    async fn next(&mut self) -> Result<Option<Vec<std::sync::Arc<Entry>>>, Failure> {
        if self.end <= self.read {
            return Ok(None);
        }
        let entries = self.store.entries_after(self.read, ENTRIES_AT_ONCE).await?;
        let Some(last) = entries.last() else {
            return Ok(None);
        };
        self.read = last.sequence();
        // Storage that answers at once would keep the thread from whatever else waits.
        tokio::task::yield_now().await;
        Ok(Some(entries))
    }
}

/// How many attempts one stands for that was let through although the model would have blocked it; 1 for all others.
pub fn weight(record: &Record) -> f32 {
    let milli = record.decision.explored_weight_milli.unwrap_or(1_000);
    (milli as f32 / 1_000.0).clamp(1.0, WEIGHT_MAX)
}

fn digest_of(id: PaymentId) -> u64 {
    let digest = digest(&SHA256, id.to_string().as_bytes());
    let first = digest.as_ref().first_chunk();
    first.map_or(0, |first| u64::from_le_bytes(*first))
}
