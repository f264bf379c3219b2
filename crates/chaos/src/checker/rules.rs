//! What a voucher and its payments may do: the platform's promises in the judge's own words.

use crate::checker::history::{Action, Answer, History, PaymentSeen, Phase};

/// A payment ends by itself after so many PINs that cannot pay.
const USELESS_PINS_MAX: u8 = 5;

/// A voucher and its payments at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Purse {
    left: i64,
    payments: Vec<Payment>,
    /// Commands that took effect, as a set of bits.
    done: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Payment {
    amount: i64,
    phase: Phase,
    refunded: i64,
    refunds: usize,
    useless_pins: u8,
}

impl Purse {
    pub fn new(history: &History) -> Purse {
        let payments = history.amounts.iter().map(|amount| Payment {
            amount: *amount,
            phase: Phase::Open,
            refunded: 0,
            refunds: 0,
            useless_pins: 0,
        });
        Purse {
            left: history.worth,
            payments: payments.collect(),
            done: Vec::new(),
        }
    }

    /// Lets the action take effect, and answers what its caller has to be told.
    pub fn act(&mut self, action: Action, command: Option<u16>) -> Answer {
        if command.is_some_and(|command| self.is_done(command)) {
            return Answer::Done;
        }
        let answer = match action {
            Action::Pay { payment } => self.pay(payment),
            Action::Capture { payment } => self.capture(payment),
            Action::Cancel { payment } => self.cancel(payment),
            Action::Refund { payment, minor } => self.refund(payment, minor),
            Action::LookAtPayment { payment } => self.look(payment),
            Action::LookAtVoucher => Answer::Voucher { left: self.left },
        };
        if let (Answer::Done, Some(command)) = (answer, command) {
            self.mark_done(command);
        }
        answer
    }

    fn pay(&mut self, payment: usize) -> Answer {
        let Some(paid) = self.payments.get_mut(payment) else {
            return Answer::Nothing;
        };
        if paid.phase != Phase::Open {
            return Answer::Ended;
        }
        if paid.amount <= self.left {
            self.left -= paid.amount;
            paid.phase = Phase::Held;
            return Answer::Ended;
        }
        // An empty voucher is no better than a PIN that does not exist.
        if self.left == 0 {
            paid.useless_pins += 1;
            if paid.useless_pins == USELESS_PINS_MAX {
                paid.phase = Phase::Cancelled;
                return Answer::Ended;
            }
        }
        Answer::NotEnough
    }

    fn capture(&mut self, payment: usize) -> Answer {
        match self.payments.get_mut(payment) {
            Some(paid) if paid.phase == Phase::Held => {
                paid.phase = Phase::Captured;
                Answer::Done
            }
            _ => Answer::Refused,
        }
    }

    fn cancel(&mut self, payment: usize) -> Answer {
        let Some(paid) = self.payments.get_mut(payment) else {
            return Answer::Refused;
        };
        match paid.phase {
            Phase::Open => {}
            Phase::Held => self.left += paid.amount,
            Phase::Captured | Phase::Cancelled | Phase::Expired => return Answer::Refused,
        }
        paid.phase = Phase::Cancelled;
        Answer::Done
    }

    fn refund(&mut self, payment: usize, minor: i64) -> Answer {
        match self.payments.get_mut(payment) {
            Some(paid) if paid.phase == Phase::Captured && paid.refunded + minor <= paid.amount => {
                paid.refunded += minor;
                paid.refunds += 1;
                self.left += minor;
                Answer::Done
            }
            _ => Answer::Refused,
        }
    }

    fn look(&self, payment: usize) -> Answer {
        let Some(seen) = self.payments.get(payment) else {
            return Answer::Nothing;
        };
        Answer::Payment(PaymentSeen {
            phase: seen.phase,
            captured: if seen.phase == Phase::Captured {
                seen.amount
            } else {
                0
            },
            refunded: seen.refunded,
            refunds: seen.refunds,
        })
    }

    fn is_done(&self, command: u16) -> bool {
        let word = self.done.get(usize::from(command / 64));
        word.is_some_and(|word| word & (1 << (command % 64)) != 0)
    }

    fn mark_done(&mut self, command: u16) {
        let place = usize::from(command / 64);
        if self.done.len() <= place {
            self.done.resize(place + 1, 0);
        }
        self.done[place] |= 1 << (command % 64);
    }
}
