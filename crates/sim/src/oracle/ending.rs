//! What must be true when faults have stopped and time has passed.

use accounting::entry::Actor;
use engine::command::{Command, Envelope, Replacement, SecondPayment};
use futures_util::FutureExt;
use ids::object::{PaymentId, RefundId};
use ids::time::Timestamp;
use ids::voucher::{PinIndex, Serial};
use store::port::Store;

use crate::auditor;
use crate::memory::MemoryStore;
use crate::model::orders::Delivery;
use crate::model::payments::{Payment, RefundDone};
use crate::model::{Model, Verdict};
use crate::oracle::Oracle;

/// The first of the serial numbers that nobody has.
const FREE_SERIAL: u64 = 9_000_000_000_000_000;

impl Oracle {
    /// What the timers and the watch would still have to do at `now`.
    pub fn hanging(&self, now: Timestamp) -> Vec<Command> {
        let model = self.model();
        let payments = model.payments.iter();
        let payments = payments.filter(|(_, payment)| payment.due_at <= now.0);
        let vouchers = model.vouchers.iter();
        let vouchers = vouchers.filter(|(_, voucher)| voucher.due_at() <= now.0);
        let mut commands: Vec<Command> = payments
            .map(|(id, _)| Command::ExpirePayment { id: *id })
            .collect();
        commands.extend(vouchers.map(|(serial, voucher)| Command::RunVoucherTimer {
            serial: *serial,
            product: voucher.product,
        }));
        commands.extend(orders(&model));
        commands.extend(refunds(&model));
        commands.extend(duplicates(&model));
        commands.retain(|command| {
            let envelope = Envelope {
                actor: Actor::Timer,
                idempotency: None,
                command: command.clone(),
            };
            let verdict = Model::clone(&model).step(&envelope, now);
            matches!(verdict, Verdict::Applied(_))
        });
        commands
    }

    /// Compares everything that is stored with the model and with the journal.
    ///
    /// # Panics
    ///
    /// If anything differs.
    pub fn audit(&self, store: &MemoryStore) {
        let model = self.model();
        let stored = store.rows();
        auditor::assert_rows_match(&model, &stored);
        let balances = store
            .balances()
            .now_or_never()
            .expect("memory answers at once");
        auditor::assert_value_is_conserved(&model, &balances.expect("memory can be read"));
        let replayed = auditor::replay(&self.0.lock().journal);
        for row in &stored {
            assert_eq!(
                replayed.get(&row.key()),
                Some(row),
                "a row is not what its entries say"
            );
        }
        assert_eq!(replayed.len(), stored.len());
    }
}

fn orders(model: &Model) -> impl Iterator<Item = Command> {
    let awaited = model
        .orders
        .iter()
        .filter(|(_, order)| matches!(order.delivery, Delivery::Awaited { .. }));
    awaited.map(|(id, _)| Command::LapseOrder { order: *id })
}

fn refunds(model: &Model) -> impl Iterator<Item = Command> {
    model.payments.iter().flat_map(|(payment, found)| {
        let checked = found
            .refunds
            .iter()
            .filter(|(_, refund)| matches!(refund, RefundDone::Checked { .. }));
        checked.map(|(id, _)| Command::LapseRefund {
            payment: *payment,
            id: *id,
        })
    })
}

/// Payments that repeat another one of their order.
fn duplicates(model: &Model) -> impl Iterator<Item = Command> {
    let with_order = || {
        model
            .payments
            .iter()
            .filter(|(_, payment)| payment.order.is_some())
    };
    with_order().flat_map(move |(id, later)| {
        let earlier = with_order().filter(move |(_, earlier)| {
            earlier.authorized.is_some()
                && earlier.authorized.map(|it| it.1) < later.authorized.map(|it| it.1)
                && earlier.order == later.order
                && earlier.amount == later.amount
        });
        earlier.map(|(of, _)| resolve(*id, *of, later))
    })
}

fn resolve(id: PaymentId, of: PaymentId, later: &Payment) -> Command {
    let sources = later.parts.iter().zip(0..);
    let replacements = sources.map(|(part, place)| Replacement {
        source: part.serial,
        serial: Serial::new(FREE_SERIAL + place).expect("16 digits"),
        pin: PinIndex([0xa0 + place as u8; 16]),
        sealed_pin: [].into(),
    });
    Command::ResolveDuplicate(Box::new(SecondPayment {
        id,
        of,
        refund: RefundId {
            mid: id.mid,
            token: "final".parse().expect("letters are a token"),
        },
        replacements: replacements.collect(),
    }))
}
