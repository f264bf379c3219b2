//! Rows against the journal: a few at a time, in turn, for ever.
//!
//! The journal is walked from its first entry to its head and again. Every voucher and payment that an entry touches is
//! folded from its own entries and compared with its row. They cannot differ unless memory, disk or a rule is at fault;
//! what differs is stopped, and everything else goes on.

use std::collections::VecDeque;

use ids::command::Sequence;
use ids::object::PaymentId;
use ids::voucher::Serial;
use payment::state::StopCause;
use store::failure::Failure;
use store::fold::{Rows, single, vouchers_touched};
use store::port::Store;
use store::row::Key;
use voucher::state::FreezeCause;

use crate::command::Command;
use crate::core::Engine;
use crate::error::CommandError;
use crate::history;
use crate::reversal::execute;

/// Where the inspection is.
#[derive(Default)]
pub struct Inspection {
    read: Sequence,
    waiting: VecDeque<Thing>,
    /// What differed in the look before. Row and entries are not read at one moment, so it is looked at twice.
    doubtful: Vec<Thing>,
}

/// What is compared, with the entry that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    Voucher(Serial),
    Payment(PaymentId, Sequence),
}

/// How a row compares with its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Same,
    Different,
    /// It changed meanwhile, or the list of its entries trails; it comes round again.
    Unknown,
}

/// Entries that are read, and things that are compared, in one look.
const THINGS_MAX: usize = 8;
/// Entries of one thing that are folded; what has more is left to the audit.
const ENTRIES_MAX: usize = 2_000;

impl Inspection {
    pub async fn look(&mut self, engine: &Engine) -> Result<(), CommandError> {
        self.settle_doubts(engine).await?;
        for _ in 0..THINGS_MAX {
            if self.waiting.is_empty() {
                self.read_on(engine.store().as_ref()).await?;
            }
            let Some(thing) = self.waiting.front().copied() else {
                continue;
            };
            if thing.compare(engine.store().as_ref()).await? == Verdict::Different {
                self.doubtful.push(thing);
            }
            self.waiting.pop_front();
        }
        Ok(())
    }

    /// Stops what differs a second time.
    async fn settle_doubts(&mut self, engine: &Engine) -> Result<(), CommandError> {
        while let Some(thing) = self.doubtful.last().copied() {
            if thing.compare(engine.store().as_ref()).await? == Verdict::Different {
                thing.stop(engine).await?;
            }
            self.doubtful.pop();
        }
        Ok(())
    }

    /// The things of the next entry; behind the last one the walk begins anew.
    async fn read_on(&mut self, store: &dyn Store) -> Result<(), Failure> {
        let entries = store.entries_after(self.read, 1).await?;
        let Some(entry) = entries.first() else {
            self.read = Sequence(0);
            return Ok(());
        };
        self.read = entry.sequence();
        let vouchers = vouchers_touched(entry).into_iter().map(Thing::Voucher);
        self.waiting.extend(vouchers);
        let payment = history::payment_of(entry);
        let payment = payment.map(|id| Thing::Payment(id, entry.sequence()));
        self.waiting.extend(payment);
        Ok(())
    }
}

impl Thing {
    async fn compare(self, store: &dyn Store) -> Result<Verdict, Failure> {
        match self {
            Thing::Voucher(serial) => compare_voucher(store, serial).await,
            Thing::Payment(id, entry) => compare_payment(store, id, entry).await,
        }
    }

    /// Tells the operator, and lets nothing move what is in doubt.
    async fn stop(self, engine: &Engine) -> Result<(), CommandError> {
        engine.figures().rows_differing.add();
        tracing::error!(
            alert = "row_mismatch",
            thing = ?self,
            "a row is not what its entries say; it is stopped, run `scrip audit`"
        );
        let command = match self {
            Thing::Voucher(serial) => Command::FreezeVoucher {
                serial,
                cause: FreezeCause::Mismatch,
            },
            Thing::Payment(id, _) => Command::StopPayment {
                id,
                cause: StopCause::Mismatch,
            },
        };
        execute(engine, command).await.map(|_| ())
    }
}

async fn compare_voucher(store: &dyn Store, serial: Serial) -> Result<Verdict, Failure> {
    let key = [Key::Voucher(serial)];
    let listed = store.voucher_entries(serial).await?;
    let Some(row) = store.load(&key).await?.voucher(serial) else {
        return Ok(Verdict::Different);
    };
    // The list was asked for before the row: an entry in it that the row does not know is missing in the row.
    match listed.last() {
        Some(last) if row.version < *last => return Ok(Verdict::Different),
        Some(last) if row.version == *last && listed.len() <= ENTRIES_MAX => {}
        Some(_) | None => return Ok(Verdict::Unknown),
    }
    let entries = store.entries_at(&listed).await?;
    let is_same = single::voucher(serial, &entries) == Some(row);
    Ok(if is_same {
        Verdict::Same
    } else {
        Verdict::Different
    })
}

async fn compare_payment(
    store: &dyn Store,
    id: PaymentId,
    entry: Sequence,
) -> Result<Verdict, Failure> {
    let rows = store.load(&[Key::Payment(id)]).await?;
    let Some(row) = rows.payment(id) else {
        return Ok(Verdict::Different);
    };
    if ENTRIES_MAX < row.entries.len() {
        return Ok(Verdict::Unknown);
    }
    let entries = store.entries_at(&row.entries).await?;
    let is_same = row.entries.contains(&entry) && history::fold(&entries).as_ref() == Some(row);
    Ok(if is_same {
        Verdict::Same
    } else {
        Verdict::Different
    })
}
