//! Pin-on-demand orders of distributors.

use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::OrderId;
use ids::time::Timestamp;
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::distributor::{Distributor, Standing, Terminal};
use voucher::order::{CancelCause, Confirmation, Order, OrderStatus};
use voucher::state::{Change, Sale};
use voucher::voucher::{NewVoucher, Voucher};

use crate::command::NewOrder;
use crate::decide::parties::require_confirmation_window;
use crate::decide::vouchers::is_taken;
use crate::error::Refusal;

pub fn deliver(rows: &Snapshot, new: &NewOrder, now: Timestamp) -> Result<Fact, Refusal> {
    let distributor = active_distributor(rows, new)?;
    if rows.order(new.id).is_some() {
        return Err(Refusal::DuplicateOrder);
    }
    let product = rows
        .product(new.product_key())
        .ok_or(Refusal::UnknownProduct)?;
    if !product.sells(new.amount) {
        return Err(Refusal::UnknownDenomination);
    }
    let key = new.terminal_key();
    let fresh = Terminal::new(key);
    let terminal = rows.terminal(key).unwrap_or(&fresh);
    terminal.check(&distributor.terminal_limits, new.amount.minor, now)?;
    let voucher = NewVoucher {
        serial: new.serial,
        pin: new.pin,
        distributor: new.id.distributor,
        product: new.product,
        country: new.country,
        face: new.amount,
        activation: product.activation(now),
    };
    if is_taken(rows, &voucher) {
        return Err(Refusal::VoucherTaken);
    }
    let order = Order {
        id: new.id,
        serial: new.serial,
        amount: new.amount,
        product: new.product,
        country: new.country,
        terminal: new.terminal,
        shop: new.shop.clone(),
        sealed_pin: new.sealed_pin.clone(),
        created_at: now,
        status: OrderStatus::Delivered,
        confirmation: confirmation(distributor, new, now)?,
        version: Sequence(0),
    };
    Ok(Fact::OrderDelivered {
        order: Box::new(order),
        voucher,
    })
}

pub fn cancel(rows: &Snapshot, id: OrderId, now: Timestamp) -> Result<Fact, Refusal> {
    let order = rows.order(id).ok_or(Refusal::UnknownOrder)?;
    let distributor = rows
        .distributor(id.distributor)
        .ok_or(Refusal::UnknownDistributor)?;
    order.require_cancellable(distributor.cancel_window, now)?;
    let voucher = rows.voucher(order.serial).ok_or(Refusal::UnknownVoucher)?;
    require_undoable(order, &voucher, now)?;
    Ok(cancelled(order, CancelCause::Asked))
}

pub fn confirm(rows: &Snapshot, id: OrderId) -> Result<Fact, Refusal> {
    let order = rows.order(id).ok_or(Refusal::UnknownOrder)?;
    order.require_confirmable()?;
    Ok(Fact::OrderConfirmed { order: id })
}

/// Undoes an order whose delivery nobody confirmed. A voucher that was used has arrived, which confirms it.
pub fn lapse(rows: &Snapshot, id: OrderId, now: Timestamp) -> Result<Fact, Refusal> {
    let order = rows.order(id).ok_or(Refusal::UnknownOrder)?;
    order.require_unconfirmed(now)?;
    let voucher = rows.voucher(order.serial).ok_or(Refusal::UnknownVoucher)?;
    Ok(match require_undoable(order, &voucher, now) {
        Ok(()) => cancelled(order, CancelCause::NotConfirmed),
        Err(_) => Fact::OrderConfirmed { order: id },
    })
}

fn require_undoable(order: &Order, voucher: &Voucher, now: Timestamp) -> Result<(), Refusal> {
    let void = Change::Void {
        minor: order.amount.minor,
        sale: Sale::Sold,
    };
    voucher.apply(void, now, Sequence(0))?;
    Ok(())
}

fn cancelled(order: &Order, cause: CancelCause) -> Fact {
    Fact::OrderCancelled {
        order: order.id,
        serial: order.serial,
        amount: order.amount,
        cause,
    }
}

fn confirmation(
    distributor: &Distributor,
    new: &NewOrder,
    now: Timestamp,
) -> Result<Confirmation, Refusal> {
    require_confirmation_window(new.confirmation_window)?;
    let window = new.confirmation_window.or(distributor.confirmation_window);
    Ok(
        window.map_or(Confirmation::NotNeeded, |window| Confirmation::Awaited {
            until: now.plus(window),
        }),
    )
}

fn active_distributor<'a>(rows: &'a Snapshot, new: &NewOrder) -> Result<&'a Distributor, Refusal> {
    let distributor = rows
        .distributor(new.id.distributor)
        .ok_or(Refusal::UnknownDistributor)?;
    match distributor.standing {
        Standing::Active => Ok(distributor),
        Standing::Suspended => Err(Refusal::DistributorSuspended),
    }
}
