//! Distributors and their orders in the model.

use engine::command::NewOrder;
use ids::object::OrderId;
use ids::time::Timestamp;
use ids::token::Token;
use ids::voucher::Serial;
use voucher::distributor::{self, Distributor, TerminalKey};
use voucher::product::ProductKey;
use voucher::voucher::{Activation, NewVoucher};

use crate::model::reason::Reason;
use crate::model::vouchers::Stage;
use crate::model::{Model, Standing};

const MINUTE: i64 = 60_000;
/// The bounds of the time to confirm.
const CONFIRMATION: std::ops::RangeInclusive<i64> = 10_000..=60 * MINUTE;
/// The spans of the terminal limits, milliseconds.
const SPANS: [i64; 5] = [
    24 * 60 * MINUTE,
    5 * MINUTE,
    120 * MINUTE,
    360 * MINUTE,
    720 * MINUTE,
];

/// A distributor.
#[derive(Clone, Debug)]
pub struct Seller {
    pub standing: Standing,
    pub cancel_window: i64,
    pub limits: [i64; 5],
    pub confirmation_window: Option<i64>,
}

/// An order of a till.
#[derive(Clone, Debug)]
pub struct Order {
    pub serial: Serial,
    pub minor: i64,
    pub terminal: Token,
    pub created_at: i64,
    /// Stopped once it is cancelled.
    pub standing: Standing,
    pub delivery: Delivery,
}

/// Whether the till has said that the voucher arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Unquestioned,
    Awaited { until: i64 },
    Confirmed { at: i64 },
}

/// A sale that counts against the limits of its terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    pub order: Token,
    pub at: i64,
    pub minor: i64,
}

impl Model {
    pub(super) fn save_distributor(&mut self, distributor: &Distributor) -> Result<(), Reason> {
        let seller = Seller {
            standing: match distributor.standing {
                distributor::Standing::Active => Standing::Good,
                distributor::Standing::Suspended => Standing::Stopped,
            },
            cancel_window: distributor.cancel_window.0,
            limits: distributor.terminal_limits,
            confirmation_window: distributor.confirmation_window.map(|window| window.0),
        };
        self.distributors.insert(distributor.id, seller);
        Ok(())
    }

    pub(super) fn deliver(&mut self, new: &NewOrder, now: i64) -> Result<(), Reason> {
        let seller = self
            .distributors
            .get(&new.id.distributor)
            .ok_or(Reason::UnknownParty)?;
        if seller.standing == Standing::Stopped {
            return Err(Reason::Suspended);
        }
        if self.orders.contains_key(&new.id) {
            return Err(Reason::Duplicate);
        }
        let product = ProductKey {
            product: new.product,
            country: new.country,
            currency: new.amount.currency,
        };
        let conditions = self.products.get(&product).ok_or(Reason::UnknownProduct)?;
        if !conditions.faces.contains(&new.amount.minor) {
            return Err(Reason::Denomination);
        }
        let terminal = TerminalKey {
            distributor: new.id.distributor,
            terminal: new.terminal,
        };
        self.check_limits(terminal, &seller.limits, new.amount.minor, now)?;
        let window = new.confirmation_window.map(|window| window.0);
        if window.is_some_and(|window| !CONFIRMATION.contains(&window)) {
            return Err(Reason::WindowOutOfBounds);
        }
        let window = window.or(seller.confirmation_window);
        let voucher = NewVoucher {
            serial: new.serial,
            pin: new.pin,
            distributor: new.id.distributor,
            product: new.product,
            country: new.country,
            face: new.amount,
            activation: Activation::Immediate {
                expires_at: Timestamp(conditions.expires_at(now)),
                fee_due_at: Timestamp(conditions.fee_due_at(now)),
            },
        };
        self.issue(std::slice::from_ref(&voucher))?;
        let order = Order {
            serial: new.serial,
            minor: new.amount.minor,
            terminal: new.terminal,
            created_at: now,
            standing: Standing::Good,
            delivery: match window {
                Some(window) => Delivery::Awaited {
                    until: now + window,
                },
                None => Delivery::Unquestioned,
            },
        };
        self.orders.insert(new.id, order);
        let sales = self.terminals.entry(terminal).or_default();
        sales.retain(|sale| now - SPANS[0] < sale.at);
        sales.push(Sale {
            order: new.id.token,
            at: now,
            minor: new.amount.minor,
        });
        Ok(())
    }

    fn check_limits(
        &self,
        terminal: TerminalKey,
        limits: &[i64; 5],
        minor: i64,
        now: i64,
    ) -> Result<(), Reason> {
        let sales = self
            .terminals
            .get(&terminal)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for (place, span) in SPANS.iter().enumerate() {
            let recent = sales.iter().filter(|sale| now - span < sale.at);
            let sold: i64 = recent.map(|sale| sale.minor).sum();
            if limits[place] < sold + minor {
                return Err(Reason::TerminalLimit {
                    number: place as u8 + 1,
                });
            }
        }
        Ok(())
    }

    pub(super) fn cancel_order(&mut self, id: OrderId, now: i64) -> Result<(), Reason> {
        let order = self.orders.get(&id).ok_or(Reason::UnknownOrder)?;
        let seller = self
            .distributors
            .get(&id.distributor)
            .ok_or(Reason::UnknownParty)?;
        let is_late = order.created_at + seller.cancel_window < now;
        if order.standing == Standing::Stopped || is_late {
            return Err(Reason::OrderState);
        }
        let serial = order.serial;
        if self.known(serial).stage == Stage::Unsold {
            return Err(Reason::VoucherState);
        }
        self.undo_order(id)
    }

    /// Voids the order's voucher and takes the sale off its terminal.
    pub(super) fn undo_order(&mut self, id: OrderId) -> Result<(), Reason> {
        let order = self.orders.get(&id).ok_or(Reason::UnknownOrder)?;
        let (serial, terminal) = (order.serial, order.terminal);
        self.void(serial)?;
        let terminal = TerminalKey {
            distributor: id.distributor,
            terminal,
        };
        if let Some(sales) = self.terminals.get_mut(&terminal) {
            sales.retain(|sale| sale.order != id.token);
        }
        if let Some(order) = self.orders.get_mut(&id) {
            order.standing = Standing::Stopped;
        }
        Ok(())
    }
}
