//! What clients were told, kept outside of the program under test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::Value;

use crate::client::Answer;

/// The clients' memory.
#[derive(Default)]
pub struct Book(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    payments: BTreeMap<String, Expected>,
    /// Payments that were created or changed since they were checked last.
    fresh: BTreeSet<String>,
    deeds: BTreeMap<String, Recorded>,
}

/// What a client asked for. Every payment is of 1.00, every refund of 0.30.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Pay,
    Capture,
    Cancel,
    Refund,
}

/// What the client knows of a deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    Done,
    /// No answer came.
    Unknown,
}

#[derive(Clone, Debug)]
pub struct Recorded {
    pub payment: String,
    pub kind: Deed,
    pub key: String,
    pub certainty: Certainty,
}

/// What is known of one payment.
#[derive(Clone, Debug)]
pub struct Expected {
    done: Vec<Deed>,
    unknown: Vec<Deed>,
    created_at: Instant,
}

/// For how long the demo's shop may capture what was paid; then the value goes back.
const CAPTURE_WINDOW: Duration = Duration::from_secs(600);

impl Certainty {
    pub fn of(result: &reqwest::Result<StatusCode>) -> Certainty {
        if result.is_ok() {
            Certainty::Done
        } else {
            Certainty::Unknown
        }
    }

    /// An answer that came has to be a success: the clients ask for nothing that may be refused.
    pub fn of_answer(result: &reqwest::Result<Answer>) -> Certainty {
        match result {
            Ok(answer) => {
                assert!(answer.status.is_success(), "{:?}", answer.body);
                Certainty::Done
            }
            Err(_) => Certainty::Unknown,
        }
    }
}

impl Book {
    pub fn payment(&self, id: &str) {
        let mut pages = self.pages();
        pages
            .payments
            .entry(id.to_owned())
            .or_insert_with(Expected::new);
        pages.fresh.insert(id.to_owned());
    }

    /// What is to be known of the payments that were touched since this was asked last.
    pub fn take_fresh(&self) -> Vec<(String, Expected)> {
        let mut pages = self.pages();
        let fresh = std::mem::take(&mut pages.fresh);
        let expected = |id: String| {
            pages
                .payments
                .get(&id)
                .cloned()
                .map(|expected| (id, expected))
        };
        fresh.into_iter().filter_map(expected).collect()
    }

    pub fn deed(&self, payment: &str, kind: Deed, key: &str, certainty: Certainty) {
        let mut pages = self.pages();
        let expected = pages
            .payments
            .entry(payment.to_owned())
            .or_insert_with(Expected::new);
        match certainty {
            Certainty::Done => expected.done.push(kind),
            Certainty::Unknown => expected.unknown.push(kind),
        }
        let recorded = Recorded {
            payment: payment.to_owned(),
            kind,
            key: key.to_owned(),
            certainty,
        };
        pages.deeds.insert(key.to_owned(), recorded);
    }

    /// A deed that had no answer has one now.
    pub fn settle(&self, key: &str) {
        let mut pages = self.pages();
        let Some(deed) = pages.deeds.get_mut(key) else {
            return;
        };
        deed.certainty = Certainty::Done;
        let (payment, kind) = (deed.payment.clone(), deed.kind);
        if let Some(expected) = pages.payments.get_mut(&payment) {
            if let Some(place) = expected.unknown.iter().position(|unknown| *unknown == kind) {
                expected.unknown.remove(place);
            }
            expected.done.push(kind);
        }
    }

    pub fn payments(&self) -> Vec<(String, Expected)> {
        self.pages()
            .payments
            .iter()
            .map(|(id, expected)| (id.clone(), expected.clone()))
            .collect()
    }

    pub fn deeds(&self) -> Vec<Recorded> {
        self.pages().deeds.values().cloned().collect()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Expected {
    fn new() -> Expected {
        Expected {
            done: Vec::new(),
            unknown: Vec::new(),
            created_at: Instant::now(),
        }
    }

    /// The payment must show everything that was acknowledged, and nothing that was not asked for.
    pub fn check(&self, id: &str, found: &Value) {
        let done = |kind| self.done.contains(&kind);
        let maybe = |kind| done(kind) || self.unknown.contains(&kind);
        let status = found["status"].as_str().unwrap_or_default();
        let allowed: Vec<&str> = [
            ("INITIATED", !done(Deed::Pay)),
            (
                "AUTHORIZED",
                maybe(Deed::Pay) && !done(Deed::Capture) && !done(Deed::Cancel),
            ),
            ("SUCCESS", maybe(Deed::Capture)),
            ("CANCELED_MERCHANT", maybe(Deed::Cancel)),
            (
                "EXPIRED",
                CAPTURE_WINDOW <= self.created_at.elapsed()
                    && !done(Deed::Capture)
                    && !done(Deed::Cancel),
            ),
        ]
        .iter()
        .filter_map(|(name, allowed)| allowed.then_some(*name))
        .collect();
        assert!(
            allowed.contains(&status),
            "{id} is {status}, but the clients know {self:?}"
        );
        let count =
            |deeds: &[Deed]| deeds.iter().filter(|deed| **deed == Deed::Refund).count() as f64;
        let refunded = found["refunded_amount"].as_f64().unwrap_or_default();
        let (least, most) = (
            0.30 * count(&self.done),
            0.30 * (count(&self.done) + count(&self.unknown)),
        );
        let fits = least - 0.001 <= refunded && refunded <= most + 0.001;
        assert!(
            fits,
            "{id} refunded {refunded}, but the clients know {self:?}"
        );
    }
}
