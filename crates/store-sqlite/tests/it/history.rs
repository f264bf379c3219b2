//! Long random histories of vouchers and payments, each step valid.

use accounting::fact::Fact;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::object::PaymentId;
use payment::state::{CaptureMode, Status};
use store::conformance::Harness;
use store::conformance::world::{
    MERCHANT, World, authorized, captured, created, entry, expired, issued, new_voucher,
    payment_id, refunded, serial,
};
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use store_sqlite::audit::audit;
use store_sqlite::report::ViewsAtStart;

use crate::disk::{Disk, LETTING_GO, world};

pub struct History<'a> {
    world: &'a World<Disk>,
    random: Random,
    payments: Vec<PaymentId>,
    vouchers: u64,
}

/// A small generator; the same seed gives the same history.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

impl<'a> History<'a> {
    /// Goes on where the journal ends.
    pub fn resume(world: &'a World<Disk>, seed: u64) -> History<'a> {
        let mut history = History {
            world,
            random: Random(seed | 1),
            payments: Vec::new(),
            vouchers: 0,
        };
        let mut last = Sequence(0);
        while last < world.head() {
            let entries = world.harness.backend().entries_after(last, 1_000);
            for entry in world.harness.wait(entries).expect("entries are read") {
                last = entry.sequence();
                match entry.fact() {
                    Fact::VouchersIssued { vouchers, .. } => {
                        history.vouchers += vouchers.len() as u64;
                    }
                    Fact::PaymentCreated { id, .. } => history.payments.push(*id),
                    _ => {}
                }
            }
        }
        history
    }

    pub fn step(&mut self) {
        let fact = match self.random.below(10) {
            0 => self.issue(),
            1..=3 => self.create(),
            _ => self.go_on(),
        };
        let fact = fact.unwrap_or_else(|| self.issue().expect("vouchers can be issued"));
        let sequence = self.world.head().next();
        let mut key = [0; 16];
        key[..8].copy_from_slice(&sequence.0.to_le_bytes());
        let idempotency = accounting::entry::Idempotency {
            key: IdempotencyKey(key),
            fingerprint: Fingerprint(key),
        };
        let batch = self
            .world
            .batch(vec![entry(sequence, Some(idempotency), fact).into()]);
        self.world.try_commit(batch).expect("the step is committed");
    }

    fn issue(&mut self) -> Option<Fact> {
        let first = self.vouchers;
        self.vouchers += 1 + self.random.below(5);
        let vouchers = (first..self.vouchers).map(|number| new_voucher(number, 1_000));
        Some(issued(vouchers.collect()))
    }

    fn create(&mut self) -> Option<Fact> {
        let id = payment_id(MERCHANT, &format!("number-{}", self.payments.len()));
        self.payments.push(id);
        let customer = format!("customer-{}", self.random.below(7));
        Some(created(id, 1 + self.random.below(2_500) as i64, &customer))
    }

    /// Moves some payment, rather a young one.
    fn go_on(&mut self) -> Option<Fact> {
        let count = self.payments.len() as u64;
        let back = self.random.below(30).min(self.random.below(count.max(1)));
        let id = *self.payments.get(count.checked_sub(1 + back)? as usize)?;
        let rows = self.world.load(&[Key::Payment(id)]);
        let payment = rows.payment(id)?;
        let number = |serial: ids::voucher::Serial| serial.number() - self::serial(0).number();
        let parts = |minor: fn(&payment::payment::Allocation) -> i64| -> Vec<(u64, i64)> {
            let parts = payment.allocations.iter();
            parts
                .map(|part| (number(part.serial), minor(part)))
                .collect()
        };
        match payment.status {
            Status::Initiated if self.random.below(8) == 0 => Some(expired(id)),
            Status::Initiated => self.authorize(id, payment.request.amount.minor),
            Status::Authorized => Some(captured(id, &parts(|part| part.held))),
            Status::Success => {
                let mut refundable = parts(|part| part.refundable());
                refundable.retain(|(_, minor)| 0 < *minor);
                refundable.truncate(1);
                let name = format!("refund-{}", payment.refunds.len());
                (!refundable.is_empty()).then(|| refunded(id, &name, &refundable))
            }
            _ => None,
        }
    }

    /// Pays the amount with up to five vouchers, many of which close.
    fn authorize(&mut self, id: PaymentId, minor: i64) -> Option<Fact> {
        let (mut parts, mut rest) = (Vec::new(), minor);
        for _ in 0..5 {
            let number = self.random.below(self.vouchers.max(1));
            let voucher = self.world.load(&[Key::Voucher(serial(number))]);
            let part = voucher.voucher(serial(number))?.remaining.min(rest);
            if 0 < part && parts.iter().all(|(other, _)| *other != number) {
                parts.push((number, part));
                rest -= part;
            }
        }
        let mode = match self.random.below(2) {
            0 => CaptureMode::Automatic,
            _ => CaptureMode::Manual,
        };
        (rest == 0).then(|| authorized(id, &parts, mode))
    }
}

/// Commits between two starts.
const STEPS: u64 = 150;

#[test]
fn a_long_history_with_many_starts_is_what_its_journal_says() {
    for seed in [3, 7_919] {
        let mut world = world(LETTING_GO);
        for round in 0..12 {
            let mut history = History::resume(&world, seed + round);
            (0..STEPS).for_each(|_| history.step());
            world.harness.reopen();
            let start = world.harness.store().start();
            assert_eq!(
                start.views,
                ViewsAtStart::Kept,
                "seed {seed}, round {round}"
            );
            // A clean end leaves little to replay, unless the thread that keeps the views has died.
            let replayed = start.replayed_entries;
            assert!(
                replayed < STEPS / 2,
                "seed {seed}, round {round}: {replayed} entries"
            );
        }
        let path = world.harness.path().to_owned();
        world.harness.close();
        let report = audit(&path).expect("the store can be audited");
        assert_eq!(report.differences, Vec::<String>::new(), "seed {seed}");
    }
}
