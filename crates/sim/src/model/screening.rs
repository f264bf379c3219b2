//! What becomes of risky payments in the model.

use engine::command::{Command, NewDocument, Pay};
use ids::object::PaymentId;
use ids::party::OperatorId;
use ids::voucher::Serial;
use payment::label::Label;
use payment::screening::Approvals;
use payment::state::{CaptureMode, Status};

use crate::model::Model;
use crate::model::payments::{Part, Payment, VOUCHERS_MAX};
use crate::model::reason::Reason;

const MINUTE: i64 = 60_000;
/// What the judge of the simulation says.
const REVIEW_TIME: i64 = 60 * MINUTE;
const COOL_DOWN: i64 = 5 * MINUTE;
const ANSWER_TIME: i64 = 5 * MINUTE;
/// Wrong answers that end a payment.
const WRONG_ANSWERS_MAX: u8 = 3;

/// A proof that the payer was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub vouchers: Vec<Serial>,
    pub not_before: i64,
    pub wrong: u8,
}

/// A person who is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub until: i64,
    pub approved_by: Option<OperatorId>,
}

impl Model {
    /// Goes on with an attempt whose vouchers are good and suffice.
    pub(super) fn screen(
        &mut self,
        pay: &Pay,
        shares: Vec<(Serial, i64)>,
        now: i64,
    ) -> Result<(), Reason> {
        let id = pay.payment;
        let payment = self.payment(id)?;
        let serials: Vec<Serial> = shares.iter().map(|(serial, _)| *serial).collect();
        let asked = payment.asked.clone();
        let asked = asked.filter(|asked| serials.iter().all(|it| asked.vouchers.contains(it)));
        if let Some(asked) = &asked {
            if pay.answers.is_empty() {
                return Err(Reason::ProofMissing);
            }
            if now < asked.not_before {
                return Err(Reason::TooEarly);
            }
            let guesses = asked.vouchers.len() < pay.answers.len();
            if guesses || !serials.iter().all(|serial| pay.answers.contains(serial)) {
                self.count_wrong_answer(id);
                return Ok(());
            }
        }
        match payment.amount % 16 {
            1 | 2 if asked.is_none() => {
                let wait = if payment.amount % 16 == 2 {
                    COOL_DOWN
                } else {
                    0
                };
                let mut next = payment.asked.clone().unwrap_or(Asked {
                    vouchers: Vec::new(),
                    not_before: 0,
                    wrong: 0,
                });
                let fresh = serials.iter().filter(|it| !next.vouchers.contains(it));
                let fresh: Vec<Serial> = fresh.copied().collect();
                next.vouchers.extend(fresh);
                next.not_before = next.not_before.max(now + wait);
                if VOUCHERS_MAX < next.vouchers.len() {
                    self.end(id, Status::CanceledCustomer);
                } else {
                    payment.due_at = payment.due_at.max(next.not_before + ANSWER_TIME);
                    payment.asked = Some(next);
                }
            }
            3 | 4 => self.hold_for_review(id, shares, now),
            5 | 6 => {
                let frozen = payment.amount % 16 == 5;
                self.end(id, Status::CanceledCustomer);
                for serial in serials.into_iter().filter(|_| frozen) {
                    self.freeze(serial)?;
                }
            }
            _ => self.authorize(id, shares, now),
        }
        Ok(())
    }

    fn count_wrong_answer(&mut self, id: PaymentId) {
        let payment = self.payments.get_mut(&id).expect("it was looked up before");
        let asked = payment
            .asked
            .as_mut()
            .expect("an answer follows a question");
        if asked.wrong + 1 < WRONG_ANSWERS_MAX {
            asked.wrong += 1;
        } else {
            self.end(id, Status::CanceledCustomer);
        }
    }

    fn hold_for_review(&mut self, id: PaymentId, shares: Vec<(Serial, i64)>, now: i64) {
        for (serial, share) in &shares {
            self.hold(*serial, *share);
        }
        let payment = self.payments.get_mut(&id).expect("it was looked up before");
        payment.parts = shares.into_iter().map(Part::held).collect();
        payment.due_at = now + REVIEW_TIME;
        payment.waiting = Some(Waiting {
            until: now + REVIEW_TIME,
            approved_by: None,
        });
    }

    pub(super) fn approve_review(
        &mut self,
        id: PaymentId,
        by: OperatorId,
        needed: Approvals,
        now: i64,
    ) -> Result<(), Reason> {
        let entry = self.head.next();
        let payment = self.payment(id)?;
        payment.require_moving()?;
        let waiting = payment.waiting.as_mut().ok_or(Reason::NotInReview)?;
        if waiting.until <= now {
            return Err(Reason::TimeOver);
        }
        if needed == Approvals::Two {
            match waiting.approved_by {
                None => {
                    waiting.approved_by = Some(by);
                    return Ok(());
                }
                Some(first) if first == by => return Err(Reason::SamePerson),
                Some(_) => {}
            }
        }
        payment.waiting = None;
        payment.status = Status::Authorized;
        payment.authorized = Some((now, entry));
        payment.due_at = now + payment.window;
        if payment.mode == CaptureMode::Automatic {
            let all = payment.held();
            self.take(id, all);
            self.end(id, Status::Success);
        }
        Ok(())
    }

    pub(super) fn refuse_review(&mut self, id: PaymentId) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        if payment.waiting.is_none() {
            return Err(Reason::NotInReview);
        }
        payment.require_moving()?;
        self.end(id, Status::CanceledCustomer);
        Ok(())
    }

    pub(super) fn label(&mut self, id: PaymentId, label: Label) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        payment.require_moving()?;
        if payment.label == Some(label) {
            return Err(Reason::Labelled);
        }
        payment.label = Some(label);
        Ok(())
    }

    pub(super) fn erase_payer(&mut self, id: PaymentId) -> Result<(), Reason> {
        let payment = self.payment(id)?;
        payment.require_moving()?;
        if !payment.status.is_final() {
            return Err(Reason::PaymentState);
        }
        if self.erased.insert(id) {
            Ok(())
        } else {
            Err(Reason::PayerErased)
        }
    }

    pub(super) fn save_document(&mut self, new: &NewDocument) -> Result<(), Reason> {
        let entry = self.head.next();
        let stored = self.documents.get(&new.name).map(|(_, version)| *version);
        if stored != new.based_on {
            return Err(Reason::Raced);
        }
        if let Some((name, version)) = new.by_right_of {
            let right = self.documents.get(&name).map(|(_, version)| *version);
            if right != Some(version) {
                return Err(Reason::Raced);
            }
        }
        let document = (new.content.clone(), entry);
        self.documents.insert(new.name, document);
        Ok(())
    }
}

impl Payment {
    pub(super) fn require_not_in_review(&self) -> Result<(), Reason> {
        match self.waiting {
            None => Ok(()),
            Some(_) => Err(Reason::InReview),
        }
    }
}

/// The payment that a command changes though it has ended, so that there may be something to erase again.
pub(super) fn changed_after_its_end(command: &Command) -> Option<PaymentId> {
    match command {
        Command::ValidateRefund { payment: id, .. }
        | Command::LapseRefund { payment: id, .. }
        | Command::LabelPayment { id, .. }
        | Command::StopPayment { id, .. }
        | Command::ResumePayment { id } => Some(*id),
        Command::Refund(refund) => Some(refund.payment),
        Command::ResolveDuplicate(second) => Some(second.id),
        _ => None,
    }
}
