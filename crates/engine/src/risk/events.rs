//! What the journal's entries mean to the profiles.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use payment::attempt::Attempt;
use payment::label::{Label, Source, Truth};
use payment::payment::Payment;
use payment::state::{Canceler, Change};
use risk::event::{ChallengeAnswer, Earlier, Event, Outcome, Verdict, VoucherFacts};
use store::failure::Failure;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use store::snapshot::Snapshot;
use voucher::voucher::NewVoucher;

use crate::history;
use crate::risk::sold::{Sold, Till};
use crate::risk::translation::{Told, Translation};

/// Entries with the payments that they are about, and the attempts that labels speak of.
pub struct Batch {
    entries: Vec<Arc<Entry>>,
    rows: Snapshot,
    /// Of payments that are labelled.
    past: HashMap<PaymentId, Past>,
}

/// What labels speak of, and what they say; both with their entries, oldest first.
struct Past {
    /// Those whose vouchers were good.
    attempts: Vec<(Sequence, Timestamp, Attempt)>,
    labels: Vec<(Sequence, Timestamp, Label)>,
    /// Where their vouchers were sold, however long ago.
    tills: HashMap<Serial, Till>,
}

impl Batch {
    /// Loads what the entries only refer to.
    pub async fn load(store: &dyn Store, entries: Vec<Arc<Entry>>) -> Result<Batch, Failure> {
        let mut payments: Vec<PaymentId> = entries.iter().filter_map(|it| subject(it)).collect();
        payments.sort_unstable();
        payments.dedup();
        let keys: Vec<Key> = payments.into_iter().map(Key::Payment).collect();
        let rows = if keys.is_empty() {
            Snapshot::default()
        } else {
            store.load(&keys).await?
        };
        let mut past = HashMap::new();
        for id in entries.iter().filter_map(|entry| labelled(entry)) {
            if let Some(payment) = rows.payment(id) {
                let of_payment = history::entries(store, payment).await?;
                past.insert(id, Past::of(store, &of_payment).await?);
            }
        }
        Ok(Batch {
            entries,
            rows,
            past,
        })
    }

    /// The events in the order of the journal. `sold` learns of sales on the way.
    pub fn events(&self, translation: &Translation, sold: &mut Sold) -> Vec<Event> {
        let mut events = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            self.tell(entry, translation, sold, &mut events);
        }
        events
    }

    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    fn tell(
        &self,
        entry: &Entry,
        translation: &Translation,
        sold: &mut Sold,
        events: &mut Vec<Event>,
    ) {
        match entry.fact() {
            Fact::OrderDelivered { order, voucher } => {
                let till = Till::of(order);
                sold.note(voucher.serial, till);
                events.push(sale(voucher, till, translation, entry.at()));
            }
            Fact::PaymentChanged {
                id,
                change,
                attempt,
                ..
            } => {
                let Some(payment) = self.rows.payment(*id) else {
                    return;
                };
                if let Some(attempt) = attempt {
                    let till = |serial| sold.till(serial);
                    let told = told(payment, attempt, translation, till, entry.at());
                    events.push(attempted(told, change));
                }
                events.extend(moved(change, payment, translation, entry.at()));
                if let Change::Label { label } = change {
                    events.extend(self.labelled(payment, *label, translation, sold, entry));
                }
            }
            _ => {}
        }
    }

    fn labelled(
        &self,
        payment: &Payment,
        label: Label,
        translation: &Translation,
        sold: &Sold,
        entry: &Entry,
    ) -> Vec<Event> {
        let at = entry.at();
        let mut events = Vec::new();
        if label.source == Source::Dispute {
            let merchant = translation.merchant(payment.id.mid.merchant);
            events.push(Event::Dispute { merchant, at });
        }
        let Some(past) = self.past.get(&payment.id) else {
            return events;
        };
        if let Some((made, attempted_at, attempt)) = past.attempt_before(entry.sequence()) {
            // Long after its sale a voucher's till is in the journal alone.
            let till = |serial| {
                sold.till(serial)
                    .or_else(|| past.tills.get(&serial).copied())
            };
            events.push(Event::Label {
                attempt: told(payment, attempt, translation, till, *attempted_at),
                verdict: verdict(label.truth),
                at,
                instead_of: past.label_between(*made, entry.sequence()),
            });
        }
        events
    }
}

impl Past {
    async fn of(store: &dyn Store, entries: &[Entry]) -> Result<Past, Failure> {
        let mut past = Past {
            attempts: Vec::new(),
            labels: Vec::new(),
            tills: HashMap::new(),
        };
        for entry in entries {
            let Fact::PaymentChanged {
                change, attempt, ..
            } = entry.fact()
            else {
                continue;
            };
            let (sequence, at) = (entry.sequence(), entry.at());
            if let Some(attempt) = attempt
                && !attempt.vouchers.is_empty()
            {
                past.attempts.push((sequence, at, Attempt::clone(attempt)));
            }
            if let Change::Label { label } = change {
                past.labels.push((sequence, at, *label));
            }
        }
        let attempts = past.attempts.iter();
        let vouchers: HashSet<Serial> = attempts
            .flat_map(|(_, _, attempt)| attempt.vouchers.iter().copied())
            .collect();
        for serial in vouchers {
            if let Some(order) = history::order_of_voucher(store, serial).await? {
                past.tills.insert(serial, Till::of(&order));
            }
        }
        Ok(past)
    }

    /// The attempt that an entry with a label speaks of: the newest of those before it, however many followed.
    fn attempt_before(&self, label: Sequence) -> Option<&(Sequence, Timestamp, Attempt)> {
        let mut newest_first = self.attempts.iter().rev();
        newest_first.find(|(made, _, _)| *made < label)
    }

    /// What was said last of an attempt before an entry.
    fn label_between(&self, attempt: Sequence, label: Sequence) -> Option<Earlier> {
        let mut newest_first = self.labels.iter().rev();
        let (_, at, said) =
            newest_first.find(|(said_in, _, _)| attempt < *said_in && *said_in < label)?;
        Some(Earlier {
            verdict: verdict(said.truth),
            at: *at,
        })
    }
}

fn verdict(truth: Truth) -> Verdict {
    match truth {
        Truth::Fraud => Verdict::Fraud,
        Truth::Good => Verdict::Good,
    }
}

/// The payment whose row is needed to tell what the entry means.
fn subject(entry: &Entry) -> Option<PaymentId> {
    match entry.fact() {
        Fact::PaymentChanged {
            id,
            change,
            attempt,
            ..
        } => {
            let moves = matches!(
                change,
                Change::Capture { .. }
                    | Change::Authorize { .. }
                    | Change::Release { .. }
                    | Change::Refund { .. }
                    | Change::Label { .. }
            );
            (attempt.is_some() || moves).then_some(*id)
        }
        _ => None,
    }
}

fn labelled(entry: &Entry) -> Option<PaymentId> {
    match entry.fact() {
        Fact::PaymentChanged {
            id,
            change: Change::Label { .. },
            ..
        } => Some(*id),
        _ => None,
    }
}

fn told(
    payment: &Payment,
    attempt: &Attempt,
    translation: &Translation,
    till: impl Fn(Serial) -> Option<Till>,
    at: Timestamp,
) -> risk::event::Attempt {
    let vouchers = attempt.vouchers.iter();
    let vouchers = vouchers.map(|serial| translation.number_of_voucher(*serial, till(*serial)));
    translation.attempt(Told {
        payment,
        attempt,
        vouchers: vouchers.collect(),
        at,
    })
}

/// What an attempt came to. A wrong answer to a challenge is no further attempt.
fn attempted(attempt: risk::event::Attempt, change: &Change) -> Event {
    let at = attempt.at;
    let outcome = match change {
        Change::FailChallenge
        | Change::Cancel {
            by: Canceler::ChallengeLimit,
        } => {
            return Event::Challenge {
                attempt,
                answer: ChallengeAnswer::Failed,
                at,
            };
        }
        Change::Authorize { .. } => Outcome::Authorised,
        Change::Challenge { .. } => Outcome::Challenged,
        Change::Review { .. } => Outcome::Reviewed,
        Change::Cancel { by: Canceler::Risk } => Outcome::Blocked,
        _ => Outcome::WrongPin,
    };
    Event::Attempt { attempt, outcome }
}

/// What the change moved between payer and merchant.
fn moved(
    change: &Change,
    payment: &Payment,
    translation: &Translation,
    at: Timestamp,
) -> Option<Event> {
    let merchant = translation.merchant(payment.id.mid.merchant);
    match change {
        Change::Capture { shares, .. } => Some(Event::Capture {
            merchant,
            amount_minor: shares.iter().sum(),
            at,
        }),
        Change::Authorize {
            mode: payment::state::CaptureMode::Automatic,
            ..
        }
        | Change::Release {
            mode: payment::state::CaptureMode::Automatic,
            ..
        } => Some(Event::Capture {
            merchant,
            amount_minor: payment.request.amount.minor,
            at,
        }),
        Change::Refund { shares, .. } => Some(Event::Refund {
            merchant,
            amount_minor: shares.iter().map(|share| share.minor).sum(),
            at,
        }),
        _ => None,
    }
}

fn sale(voucher: &NewVoucher, till: Till, translation: &Translation, at: Timestamp) -> Event {
    let facts = VoucherFacts {
        sold_at: Some(at),
        face_minor: Some(voucher.face.minor),
        remaining_minor: Some(voucher.face.minor),
        country: Some(voucher.country),
        is_first_use: Some(true),
        ..translation.number_of_voucher(voucher.serial, Some(till))
    };
    Event::Sale { voucher: facts, at }
}
