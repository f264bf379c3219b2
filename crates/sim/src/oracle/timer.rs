//! What the timers and the watch must have asked for to get their entries.

use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use engine::command::{Command, Envelope, Replacement, SecondPayment};
use ids::object::{PaymentId, RefundId};
use ids::token::Token;
use payment::refund::{RefundCause, RefundShare, RefundTarget};
use payment::state::{Canceler, Change};
use voucher::voucher::NewVoucher;

use crate::model::Model;

/// The command of an entry that no client asked for.
///
/// # Panics
///
/// If neither the timers nor the watch ask for such a thing, as long as no row is damaged.
pub fn command(model: &Model, entry: &Entry) -> Envelope {
    let command = match entry.fact() {
        Fact::PaymentChanged {
            id,
            change,
            replacements,
            ..
        } => of_payment(*id, change, replacements),
        Fact::VoucherChanged {
            serial,
            change: voucher::state::Change::Expire { .. } | voucher::state::Change::ChargeFee { .. },
            ..
        } => Some(Command::RunVoucherTimer {
            serial: *serial,
            product: model.vouchers[serial].product,
        }),
        Fact::OrderCancelled { order, .. } | Fact::OrderConfirmed { order } => {
            Some(Command::LapseOrder { order: *order })
        }
        _ => None,
    };
    Envelope {
        actor: Actor::Timer,
        idempotency: None,
        command: command.unwrap_or_else(|| panic!("no timer asks for {entry:?}")),
    }
}

/// What the timers or the watch did, in a word.
pub fn kind(entry: &Entry) -> &'static str {
    match entry.fact() {
        Fact::PaymentChanged { change, .. } => match change {
            Change::Expire { .. } => "timer: payment ended",
            Change::LapseRefund { .. } => "watch: refund lapsed",
            Change::FlagDuplicate { .. } => "watch: duplicate flagged",
            Change::Cancel { .. } => "watch: duplicate cancelled",
            Change::Refund { .. } => "watch: duplicate refunded",
            _ => "timer: another change of a payment",
        },
        Fact::VoucherChanged { .. } => "timer: voucher",
        Fact::OrderCancelled { .. } => "watch: order cancelled",
        Fact::OrderConfirmed { .. } => "watch: order confirmed",
        _ => "timer: something else",
    }
}

fn of_payment(id: PaymentId, change: &Change, fresh: &[NewVoucher]) -> Option<Command> {
    let second = |of: PaymentId, refund: RefundId, replacements| {
        Command::ResolveDuplicate(Box::new(SecondPayment {
            id,
            of,
            refund,
            replacements,
        }))
    };
    let no_refund = RefundId {
        mid: id.mid,
        token: no_token(),
    };
    match change {
        Change::Expire { .. } => Some(Command::ExpirePayment { id }),
        Change::LapseRefund { id: refund } => Some(Command::LapseRefund {
            payment: id,
            id: *refund,
        }),
        Change::FlagDuplicate { of }
        | Change::Cancel {
            by: Canceler::DuplicateOf(of),
        } => Some(second(*of, no_refund, Vec::new())),
        Change::Refund {
            id: refund,
            shares,
            cause: RefundCause::DuplicateOf(of),
            ..
        } => Some(second(**of, *refund, replacements(shares, fresh))),
        _ => None,
    }
}

fn replacements(shares: &[RefundShare], fresh: &[NewVoucher]) -> Vec<Replacement> {
    let offered = shares.iter().filter_map(|share| match &share.target {
        RefundTarget::FreshVoucher { serial, sealed_pin } => {
            let voucher = fresh.iter().find(|voucher| voucher.serial == *serial)?;
            Some(Replacement {
                source: share.source,
                serial: *serial,
                pin: voucher.pin,
                sealed_pin: Arc::clone(sealed_pin),
            })
        }
        RefundTarget::SameVoucher => None,
    });
    offered.collect()
}

fn no_token() -> Token {
    "none".parse().expect("letters are a token")
}
