//! Attempts, challenges, reviews and labels with random content.

use accounting::document::{Document, DocumentName};
use ids::party::OperatorId;
use payment::attempt::{
    Attempt, Behaviour, Coordinates, Device, Judgement, PinEntry, Signs, Verdict, Whereabouts,
};
use payment::label::{Label, Source, Truth};
use payment::screening::{Challenge, Review};
use payment::state::{Change, Hold};

use crate::tests::dice::Dice;

impl Dice {
    pub fn operator_id(&mut self) -> OperatorId {
        OperatorId::new(1 + self.number() as u32 % 1_000).expect("the number is not 0")
    }

    pub fn document_name(&mut self) -> DocumentName {
        match self.below(7) {
            0 => DocumentName::Operator(self.operator_id()),
            1 => DocumentName::RiskSettings,
            2 => DocumentName::RiskRules(self.digest().0),
            3 => DocumentName::RiskModel(self.digest().0),
            4 => DocumentName::VoucherContact(self.serial()),
            5 => DocumentName::Liabilities,
            _ => DocumentName::OwnerAddress([self.below(256) as u8; 16]),
        }
    }

    pub fn document(&mut self) -> Document {
        Document {
            name: self.document_name(),
            content: self.sealed(),
            version: self.sequence(),
        }
    }

    pub fn hold(&mut self) -> Hold {
        Hold {
            serial: self.serial(),
            product: self.product_id(),
            country: self.country(),
            minor: self.signed(),
        }
    }

    pub fn attempt(&mut self) -> Attempt {
        Attempt {
            address: self.maybe(Dice::address),
            device: self.maybe(|dice| Device(dice.key().0)),
            behaviour: Behaviour {
                time_on_page: self.maybe(Dice::span),
                pin_entry: self.maybe(|dice| dice.pick(&[PinEntry::Typed, PinEntry::Pasted])),
                key_interval_ms: self.maybe(|dice| dice.number() as u32),
                key_deviation_ms: self.maybe(|dice| dice.number() as u32),
                signs: Signs(self.number() as u32),
            },
            vouchers: self.list(Dice::serial),
            judgement: self.maybe(|dice| Judgement {
                verdict: dice.pick(&[
                    Verdict::Allow,
                    Verdict::Challenge,
                    Verdict::Review,
                    Verdict::Block,
                ]),
                record: dice.sealed(),
            }),
            whereabouts: self.maybe(|dice| Whereabouts {
                country: dice.maybe(Dice::country),
                coordinates: dice.maybe(Dice::coordinates),
            }),
        }
    }

    fn coordinates(&mut self) -> Coordinates {
        let latitude = self.below(18_001) as i32 - 9_000;
        let longitude = self.below(36_001) as i32 - 18_000;
        Coordinates::new(latitude as i16, longitude as i16).unwrap()
    }

    pub fn challenge(&mut self) -> Challenge {
        Challenge {
            vouchers: self.list(Dice::serial),
            not_before: self.timestamp(),
            failed: self.number() as u8,
        }
    }

    pub fn review(&mut self) -> Review {
        Review {
            until: self.timestamp(),
            approved_by: self.maybe(Dice::operator_id),
        }
    }

    pub fn label(&mut self) -> Label {
        Label {
            truth: self.pick(&[Truth::Fraud, Truth::Good]),
            source: self.pick(&[
                Source::Analyst,
                Source::Dispute,
                Source::Chargeback,
                Source::Confirmation,
            ]),
        }
    }

    pub fn screening_change(&mut self) -> Change {
        match self.below(6) {
            0 => Change::Challenge {
                vouchers: self.list(Dice::serial),
                not_before: self.timestamp(),
            },
            1 => Change::FailChallenge,
            2 => Change::Review {
                holds: self.list(Dice::hold),
                until: self.timestamp(),
            },
            3 => Change::Approve {
                by: self.operator_id(),
            },
            4 => Change::Release {
                by: self.operator_id(),
                hold_until: self.timestamp(),
                mode: self.capture_mode(),
                fee_minor: self.minor(),
            },
            _ => Change::Label {
                label: self.label(),
            },
        }
    }
}
