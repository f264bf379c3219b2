//! Answers to challenges, what people decide about reviews, and the documents that they change.

use std::net::IpAddr;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use engine::command::{Command, NewDocument, Pay};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::party::OperatorId;
use ids::time::Span;
use payment::attempt::{Attempt, Behaviour, Coordinates, Device, Whereabouts};
use payment::label::{Label, Source, Truth};
use payment::screening::Approvals;
use rand::Rng;

use crate::model::Model;
use crate::workload::Workload;

impl Workload {
    /// Mostly an answer where a proof was asked for, and mostly the right one.
    pub(super) fn answer(&mut self, model: &Model, payment: PaymentId) -> Option<Command> {
        let asked = model.payments.get(&payment)?.asked.as_ref()?;
        let answers = match self.chance.random_range(0..100) {
            0..50 => asked.vouchers.clone(),
            50..75 => vec![self.any(&model.vouchers)?],
            75..85 => Vec::new(),
            _ => return None,
        };
        Some(Command::Pay(Box::new(Pay {
            payment,
            basket: asked.vouchers.clone(),
            pin: None,
            answers,
            attempt: attempt(),
        })))
    }

    /// What a person does about a payment that waits for one, or says of any.
    pub(super) fn screening(&mut self, model: &Model) -> (Actor, Command) {
        let by = self.any_person();
        let id = self.payment(model, |payment| payment.waiting.is_some());
        let command = match self.chance.random_range(0..100) {
            0..60 => Command::ApproveReview {
                id,
                by,
                needed: if self.happens(50) {
                    Approvals::One
                } else {
                    Approvals::Two
                },
            },
            60..75 => Command::RefuseReview { id },
            75..85 => Command::ErasePayer {
                id: self.payment(model, |payment| payment.status.is_final()),
            },
            _ => Command::LabelPayment {
                id: self.payment(model, |_| true),
                label: Label {
                    truth: if self.happens(50) {
                        Truth::Fraud
                    } else {
                        Truth::Good
                    },
                    source: Source::Analyst,
                },
            },
        };
        (Actor::Person(by), command)
    }

    fn any_person(&mut self) -> OperatorId {
        OperatorId::new(self.chance.random_range(1..=2)).expect("it is not 0")
    }

    /// A new document or version of one; now and then based on what is no longer the newest.
    pub(super) fn save_document(&mut self, model: &Model) -> Command {
        let name = DocumentName::Operator(self.any_person());
        let stored = model.documents.get(&name).map(|(_, version)| *version);
        let based_on = if self.happens(10) {
            Some(Sequence(1))
        } else {
            stored
        };
        let right = DocumentName::Operator(self.any_person());
        let by_right_of = match model.documents.get(&right) {
            Some((_, version)) if self.happens(4) => Some((right, *version)),
            Some(_) if self.happens(10) => Some((right, Sequence(1))),
            Some(_) | None => None,
        };
        self.tokens += 1;
        Command::SaveDocument(NewDocument {
            name,
            content: self.tokens.to_be_bytes().as_slice().into(),
            based_on,
            by_right_of,
        })
    }
}

/// The attempts of the simulation say something of every kind.
pub(super) fn attempt() -> Attempt {
    Attempt {
        address: Some(IpAddr::from([203, 0, 113, 7])),
        whereabouts: Some(Whereabouts {
            country: "AT".parse().ok(),
            coordinates: Coordinates::new(4_821, 1_637),
        }),
        device: Some(Device([3; 16])),
        behaviour: Behaviour {
            time_on_page: Some(Span(9_000)),
            ..Behaviour::default()
        },
        vouchers: Vec::new(),
        judgement: None,
    }
}
