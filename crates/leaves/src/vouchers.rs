//! Fields of vouchers and of their sale.

use ids::object::OrderId;
use ids::voucher::{BatchId, Serial};
use money::amount::Amount;
use voucher::order::{CancelCause, Confirmation, Order, OrderStatus};
use voucher::state::{Change, FreezeCause, Sale};
use voucher::voucher::{Activation, NewVoucher};

use crate::field::{Tag, Value};
use crate::groups::Groups;

pub fn issued(groups: &mut Groups, batch: BatchId, vouchers: &[NewVoucher]) {
    let issued = vouchers.iter().map(new_voucher);
    groups.voucher.put_all(Tag::NewVoucher, issued);
    groups.voucher.put(Tag::Batch, Value::new().long(batch.0));
}

pub fn delivered(groups: &mut Groups, order: &Order, voucher: &NewVoucher) {
    let group = &mut groups.voucher;
    group.put(Tag::NewVoucher, new_voucher(voucher));
    group.put(Tag::Order, Value::new().order(&order.id));
    let delivery = Value::new()
        .long(order.serial.number())
        .signed(order.amount.minor)
        .currency(order.amount.currency)
        .word(order.product.number())
        .bytes(&order.country.letters())
        .digest_of(&order.sealed_pin)
        .signed(order.created_at.0)
        .byte(status(order.status))
        .long(order.version.0);
    group.put(Tag::Delivery, confirmation(delivery, order.confirmation));
    group.put(Tag::Shop, Value::new().text(&order.shop));
    group.put(Tag::Terminal, Value::new().bytes(order.terminal.as_bytes()));
}

pub fn order_cancelled(
    groups: &mut Groups,
    order: &OrderId,
    serial: Serial,
    amount: Amount,
    cause: CancelCause,
) {
    let cause = match cause {
        CancelCause::Asked => 0,
        CancelCause::NotConfirmed => 1,
    };
    let core = &mut groups.core;
    core.put(Tag::Currency, Value::new().currency(amount.currency));
    core.put(Tag::Amount, Value::new().signed(amount.minor));
    core.put(Tag::OrderCancelCause, Value::new().byte(cause));
    let order = Value::new().order(order);
    groups.voucher.put(Tag::Order, order);
    let delivery = Value::new().long(serial.number());
    groups.voucher.put(Tag::Delivery, delivery);
}

pub fn effect(serial: Serial, change: Change) -> Value {
    let value = Value::new()
        .long(serial.number())
        .byte(change_number(change));
    match change {
        Change::Activate {
            minor,
            expires_at,
            fee_due_at,
        } => value
            .signed(minor)
            .signed(expires_at.0)
            .signed(fee_due_at.0),
        Change::Hold { minor }
        | Change::Release { minor }
        | Change::Capture { minor }
        | Change::Refund { minor }
        | Change::Expire { minor } => value.signed(minor),
        Change::Freeze { cause } => value.byte(match cause {
            FreezeCause::Owner => 0,
            FreezeCause::Issuer => 1,
            FreezeCause::Mismatch => 2,
            FreezeCause::Risk => 3,
        }),
        Change::Unfreeze => value,
        Change::ChargeFee { minor, fee_due_at } => value.signed(minor).signed(fee_due_at.0),
        Change::Void { minor, sale } => value.signed(minor).byte(match sale {
            Sale::NotSold => 0,
            Sale::Sold => 1,
        }),
    }
}

pub fn change_number(change: Change) -> u8 {
    match change {
        Change::Activate { .. } => 0,
        Change::Hold { .. } => 1,
        Change::Release { .. } => 2,
        Change::Capture { .. } => 3,
        Change::Refund { .. } => 4,
        Change::Freeze { .. } => 5,
        Change::Unfreeze => 6,
        Change::ChargeFee { .. } => 7,
        Change::Expire { .. } => 8,
        Change::Void { .. } => 9,
    }
}

pub fn new_voucher(voucher: &NewVoucher) -> Value {
    let value = Value::new()
        .long(voucher.serial.number())
        .digest_of(&voucher.pin.0)
        .long(voucher.distributor.number())
        .word(voucher.product.number())
        .bytes(&voucher.country.letters())
        .signed(voucher.face.minor)
        .currency(voucher.face.currency);
    match voucher.activation {
        Activation::Pending => value.byte(0),
        Activation::Immediate {
            expires_at,
            fee_due_at,
        } => value.byte(1).signed(expires_at.0).signed(fee_due_at.0),
    }
}

fn status(status: OrderStatus) -> u8 {
    match status {
        OrderStatus::Delivered => 0,
        OrderStatus::Cancelled => 1,
    }
}

fn confirmation(value: Value, confirmation: Confirmation) -> Value {
    match confirmation {
        Confirmation::NotNeeded => value.byte(0),
        Confirmation::Awaited { until } => value.byte(1).signed(until.0),
        Confirmation::Confirmed { at } => value.byte(2).signed(at.0),
    }
}
