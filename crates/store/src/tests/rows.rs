//! Rows with random content.

use std::sync::Arc;

use payment::duplicate::{Duplicate, Remedy};
use payment::payment::{Allocation, Authorization, Payment};
use payment::refund::{Refund, RefundStatus};
use payment::state::{Status, StopCause};
use voucher::distributor::{Terminal, TerminalKey, TerminalSale};
use voucher::state::State;
use voucher::voucher::Voucher;

use crate::row::{ApiKey, ApiKeyStatus, Command};
use crate::tests::dice::Dice;

impl Dice {
    pub fn voucher(&mut self) -> Voucher {
        Voucher {
            serial: self.serial(),
            pin: self.pin(),
            distributor: self.distributor_id(),
            product: self.product_id(),
            country: self.country(),
            currency: self.currency(),
            state: self.state(),
            face: self.signed(),
            remaining: self.signed(),
            held: self.signed(),
            spent: self.signed(),
            fees: self.signed(),
            activated_at: self.timestamp(),
            expires_at: self.timestamp(),
            fee_due_at: self.timestamp(),
            version: self.sequence(),
        }
    }

    fn state(&mut self) -> State {
        match self.below(7) {
            0 => State::Issued,
            1 => State::Activated,
            2 => State::PartlySpent,
            3 => State::Spent,
            4 => State::Frozen(self.freeze_cause()),
            5 => State::Expired,
            _ => State::Voided,
        }
    }

    pub fn payment(&mut self) -> Payment {
        Payment {
            id: self.payment_id(),
            request: Arc::new(self.payment_request()),
            status: self.pick(&Status::ALL),
            created_at: self.timestamp(),
            updated_at: self.timestamp(),
            due_at: self.timestamp(),
            customer_address: self.maybe(Dice::address),
            allocations: self.list(Dice::allocation),
            fee_minor: self.signed(),
            refunds: self.list(Dice::refund),
            rejected_pins: self.number() as u8,
            status_before_expiration: self.maybe(|dice| dice.pick(&Status::ALL)),
            lapsed_minor: self.number() as i64,
            authorized: self.maybe(|dice| Authorization {
                at: dice.timestamp(),
                entry: dice.sequence(),
            }),
            duplicate: self.maybe(|dice| Duplicate {
                of: dice.payment_id(),
                remedy: dice.pick(&[Remedy::Flagged, Remedy::Returned]),
            }),
            challenge: self.maybe(Dice::challenge),
            review: self.maybe(Dice::review),
            label: self.maybe(Dice::label),
            erased: self.maybe(Dice::sequence),
            stopped: self.maybe(|_| StopCause::Mismatch),
            entries: self.list(Dice::sequence),
            version: self.sequence(),
        }
    }

    fn allocation(&mut self) -> Allocation {
        Allocation {
            serial: self.serial(),
            product: self.product_id(),
            country: self.country(),
            authorized: self.signed(),
            held: self.signed(),
            captured: self.signed(),
            refunded: self.signed(),
        }
    }

    fn refund(&mut self) -> Refund {
        Refund {
            id: self.refund_id(),
            request: Arc::new(self.refund_request()),
            created_at: self.timestamp(),
            updated_at: self.timestamp(),
            status: self.pick(&[
                RefundStatus::ValidationSuccessful,
                RefundStatus::Success,
                RefundStatus::Lapsed,
            ]),
            shares: self.list(Dice::refund_share),
        }
    }

    pub fn terminal(&mut self) -> Terminal {
        let sale = |dice: &mut Dice| TerminalSale {
            order: dice.token(),
            at: dice.timestamp(),
            minor: dice.signed(),
        };
        Terminal {
            key: TerminalKey {
                distributor: self.distributor_id(),
                terminal: self.token(),
            },
            sales: self.list(sale).into(),
            version: self.sequence(),
        }
    }

    pub fn api_key(&mut self) -> ApiKey {
        ApiKey {
            digest: self.digest(),
            owner: self.party(),
            status: self.pick(&[ApiKeyStatus::Active, ApiKeyStatus::Revoked]),
        }
    }

    pub fn command(&mut self) -> Command {
        Command {
            key: self.key(),
            fingerprint: self.fingerprint(),
            entry: self.sequence(),
        }
    }
}
