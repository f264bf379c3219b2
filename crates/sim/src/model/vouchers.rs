//! Vouchers in the model.

use ids::party::DistributorId;
use ids::voucher::{PinIndex, Serial};
use voucher::product::{Product, ProductKey, Validity};
use voucher::state::State;
use voucher::voucher::{Activation, NewVoucher};

use crate::model::Model;
use crate::model::books::{EXPIRED, HELD, MAINTENANCE, RECEIVABLE, REMAINING, STOCK};
use crate::model::reason::Reason;

/// A day in milliseconds: fees come no faster.
const DAY: i64 = 86_400_000;
/// The most that a voucher can be worth.
const FACE_MAX: i64 = 1_000_000_000_000;

/// A voucher: what it was issued for is always the sum of where it is now.
#[derive(Clone, Debug)]
pub struct Voucher {
    pub pin: PinIndex,
    pub product: ProductKey,
    pub distributor: DistributorId,
    pub stage: Stage,
    pub face: i64,
    pub remaining: i64,
    pub held: i64,
    pub spent: i64,
    pub fees: i64,
    pub expired: i64,
    pub voided: i64,
    pub expires_at: i64,
    pub fee_due_at: i64,
}

/// The states of a voucher that its amounts do not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Unsold,
    Open,
    Frozen,
    Expired,
    Voided,
}

/// The terms of a product.
#[derive(Clone, Debug)]
pub struct Conditions {
    pub faces: Vec<i64>,
    pub validity: Option<i64>,
    /// After, every, how much.
    pub fee: Option<(i64, i64, i64)>,
}

impl Voucher {
    /// The state by its public name; who froze it is not the model's business.
    pub fn is_in(&self, state: State) -> bool {
        match self.stage {
            Stage::Unsold => state == State::Issued,
            Stage::Frozen => matches!(state, State::Frozen(_)),
            Stage::Expired => state == State::Expired,
            Stage::Voided => state == State::Voided,
            Stage::Open if self.remaining + self.held == 0 => state == State::Spent,
            Stage::Open if self.remaining == self.face => state == State::Activated,
            Stage::Open => state == State::PartlySpent,
        }
    }

    pub fn can_pay_at(&self, now: i64) -> bool {
        self.stage == Stage::Open && 0 < self.remaining && now < self.expires_at
    }

    pub fn takes_refunds_at(&self, now: i64) -> bool {
        matches!(self.stage, Stage::Open | Stage::Frozen) && now < self.expires_at
    }

    pub fn due_at(&self) -> i64 {
        match self.stage {
            Stage::Open if 0 < self.remaining + self.held => self.expires_at.min(self.fee_due_at),
            Stage::Frozen => self.expires_at,
            Stage::Expired if 0 < self.remaining => self.expires_at,
            Stage::Open | Stage::Unsold | Stage::Expired | Stage::Voided => i64::MAX,
        }
    }
}

impl Conditions {
    pub fn expires_at(&self, now: i64) -> i64 {
        self.validity.map_or(i64::MAX, |validity| now + validity)
    }

    pub fn fee_due_at(&self, now: i64) -> i64 {
        self.fee.map_or(i64::MAX, |(after, _, _)| now + after)
    }
}

impl Model {
    pub(super) fn save_product(&mut self, product: &Product) -> Result<(), Reason> {
        let in_bounds = |face: &i64| 0 < *face && *face <= FACE_MAX;
        let fee = product.maintenance_fee;
        if !product.denominations.iter().all(in_bounds) || fee.is_some_and(|fee| fee.minor <= 0) {
            return Err(Reason::AmountOutOfBounds);
        }
        let conditions = Conditions {
            faces: product.denominations.clone(),
            validity: match product.validity {
                Validity::Unlimited => None,
                Validity::For(span) => Some(span.0),
            },
            fee: fee.map(|fee| (fee.after.0, fee.every.0, fee.minor)),
        };
        self.products.insert(product.key, conditions);
        Ok(())
    }

    pub(super) fn is_taken(&self, new: &NewVoucher) -> bool {
        self.vouchers.contains_key(&new.serial) || self.pins.contains_key(&new.pin)
    }

    pub(super) fn issue(&mut self, vouchers: &[NewVoucher]) -> Result<(), Reason> {
        for (place, new) in vouchers.iter().enumerate() {
            if new.face.minor <= 0 || FACE_MAX < new.face.minor {
                return Err(Reason::AmountOutOfBounds);
            }
            let collides =
                |earlier: &NewVoucher| earlier.serial == new.serial || earlier.pin == new.pin;
            if self.is_taken(new) || vouchers[..place].iter().any(collides) {
                return Err(Reason::VoucherTaken);
            }
        }
        for new in vouchers {
            self.add_voucher(new);
            let debtor = match new.activation {
                Activation::Pending => STOCK,
                Activation::Immediate { .. } => RECEIVABLE,
            };
            let currency = new.face.currency;
            self.books.transfer(
                (debtor, new.distributor.number(), currency),
                (REMAINING, 0, currency),
                new.face.minor,
            );
        }
        Ok(())
    }

    pub(super) fn add_voucher(&mut self, new: &NewVoucher) {
        let (stage, expires_at, fee_due_at) = match new.activation {
            Activation::Pending => (Stage::Unsold, i64::MAX, i64::MAX),
            Activation::Immediate {
                expires_at,
                fee_due_at,
            } => (Stage::Open, expires_at.0, fee_due_at.0),
        };
        let voucher = Voucher {
            pin: new.pin,
            product: ProductKey {
                product: new.product,
                country: new.country,
                currency: new.face.currency,
            },
            distributor: new.distributor,
            stage,
            face: new.face.minor,
            remaining: new.face.minor,
            held: 0,
            spent: 0,
            fees: 0,
            expired: 0,
            voided: 0,
            expires_at,
            fee_due_at,
        };
        self.pins.insert(new.pin, new.serial);
        self.vouchers.insert(new.serial, voucher);
    }

    pub(super) fn activate(
        &mut self,
        serial: Serial,
        product: ProductKey,
        now: i64,
    ) -> Result<(), Reason> {
        let voucher = self
            .vouchers
            .get_mut(&serial)
            .ok_or(Reason::UnknownVoucher)?;
        let conditions = self.products.get(&product).ok_or(Reason::UnknownProduct)?;
        if voucher.product != product {
            return Err(Reason::UnknownProduct);
        }
        if voucher.stage != Stage::Unsold {
            return Err(Reason::VoucherState);
        }
        voucher.stage = Stage::Open;
        voucher.expires_at = conditions.expires_at(now);
        voucher.fee_due_at = conditions.fee_due_at(now);
        let owner = voucher.distributor.number();
        self.books.transfer(
            (RECEIVABLE, owner, product.currency),
            (STOCK, owner, product.currency),
            voucher.face,
        );
        Ok(())
    }

    pub(super) fn freeze(&mut self, serial: Serial) -> Result<(), Reason> {
        self.restage(serial, Stage::Open, Stage::Frozen)
    }

    pub(super) fn unfreeze(&mut self, serial: Serial) -> Result<(), Reason> {
        self.restage(serial, Stage::Frozen, Stage::Open)
    }

    fn restage(&mut self, serial: Serial, from: Stage, to: Stage) -> Result<(), Reason> {
        let voucher = self
            .vouchers
            .get_mut(&serial)
            .ok_or(Reason::UnknownVoucher)?;
        if voucher.stage != from {
            return Err(Reason::VoucherState);
        }
        voucher.stage = to;
        Ok(())
    }

    /// Undoes a voucher of which nothing was ever taken.
    pub(super) fn void(&mut self, serial: Serial) -> Result<(), Reason> {
        let voucher = self
            .vouchers
            .get_mut(&serial)
            .ok_or(Reason::UnknownVoucher)?;
        let creditor = match voucher.stage {
            Stage::Unsold => STOCK,
            Stage::Open | Stage::Frozen => RECEIVABLE,
            Stage::Expired | Stage::Voided => return Err(Reason::VoucherState),
        };
        if voucher.remaining != voucher.face {
            return Err(Reason::VoucherState);
        }
        voucher.stage = Stage::Voided;
        voucher.voided = voucher.remaining;
        voucher.remaining = 0;
        let currency = voucher.product.currency;
        self.books.transfer(
            (REMAINING, 0, currency),
            (creditor, voucher.distributor.number(), currency),
            voucher.voided,
        );
        Ok(())
    }

    pub(super) fn run_voucher_timer(&mut self, serial: Serial, now: i64) -> Result<(), Reason> {
        let voucher = self
            .vouchers
            .get_mut(&serial)
            .ok_or(Reason::UnknownVoucher)?;
        if now < voucher.due_at() {
            return Err(Reason::NotDue);
        }
        let currency = voucher.product.currency;
        let remaining = (REMAINING, 0, currency);
        if voucher.expires_at <= now {
            let rest = voucher.remaining;
            voucher.stage = Stage::Expired;
            voucher.expired += rest;
            voucher.remaining = 0;
            self.books.transfer(remaining, (EXPIRED, 0, currency), rest);
            return Ok(());
        }
        let conditions = self.products.get(&voucher.product);
        let Some((_, every, minor)) = conditions.and_then(|conditions| conditions.fee) else {
            voucher.fee_due_at = i64::MAX;
            return Ok(());
        };
        let fee = minor.min(voucher.remaining);
        voucher.remaining -= fee;
        voucher.fees += fee;
        voucher.fee_due_at = now + every.max(DAY);
        self.books
            .transfer(remaining, (MAINTENANCE, 0, currency), fee);
        Ok(())
    }

    pub(super) fn hold(&mut self, serial: Serial, minor: i64) {
        let voucher = self.known(serial);
        voucher.remaining -= minor;
        voucher.held += minor;
        let currency = voucher.product.currency;
        self.books
            .transfer((REMAINING, 0, currency), (HELD, 0, currency), minor);
    }

    pub(super) fn release(&mut self, serial: Serial, minor: i64) {
        let voucher = self.known(serial);
        voucher.held -= minor;
        voucher.remaining += minor;
        let currency = voucher.product.currency;
        self.books
            .transfer((HELD, 0, currency), (REMAINING, 0, currency), minor);
    }

    pub(super) fn known(&mut self, serial: Serial) -> &mut Voucher {
        self.vouchers
            .get_mut(&serial)
            .expect("a voucher that pays is never forgotten")
    }
}
