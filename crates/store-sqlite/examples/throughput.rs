//! How fast the embedded store alone is: loads, folds and commits in batches, without an engine or HTTP.
//!
//! `cargo run --release -p store-sqlite --example throughput -- [VOUCHERS] [COMMANDS] [BATCH]`

use std::fs;
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use accounting::entry::{Entry, Idempotency};
use accounting::fact::Fact;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use payment::state::CaptureMode;
use store::conformance::Harness;
use store::conformance::world::{
    MERCHANT, World, authorized, captured, created, entry, issued, merchant, new_voucher,
    payment_id,
};
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;

struct Open(Arc<SqliteStore>);

impl Harness for Open {
    type Backend = SqliteStore;

    fn create() -> Open {
        let path = Path::new("target/throughput-data");
        Open(SqliteStore::open(path, Options::default()).expect("the store opens"))
    }

    fn backend(&self) -> &SqliteStore {
        &self.0
    }

    fn reopen(&mut self) {
        self.0.close();
        *self = Open::create();
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => unreachable!("the embedded store never waits"),
        }
    }
}

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"));
    let vouchers: u64 = numbers.next().unwrap_or(1_000_000);
    let commands: u64 = numbers.next().unwrap_or(600_000);
    let batch: u64 = numbers.next().unwrap_or(256);
    let _ = fs::remove_dir_all("target/throughput-data");
    let mut world = World::<Open>::empty();
    world.commit(vec![Fact::MerchantSaved(Box::new(merchant(MERCHANT)))]);
    timed("issue", vouchers, || {
        for first in (0..vouchers).step_by(1_000) {
            let end = vouchers.min(first + 1_000);
            let facts = vec![issued(
                (first..end).map(|n| new_voucher(n, 10_000)).collect(),
            )];
            world.commit(facts);
        }
    });
    let report = world.harness.0.memory_report();
    println!("bytes per voucher: {}", report.bytes_per_voucher());
    let payments = commands / 3;
    let mut lag = 0;
    let mut slowest = 0;
    timed("commands", commands, || {
        for first in (0..payments).step_by(batch as usize) {
            for stage in 0..3 {
                let begun = Instant::now();
                commit(&world, first..payments.min(first + batch), stage, vouchers);
                slowest = slowest.max(begun.elapsed().as_micros());
            }
            lag = lag.max(world.harness.0.memory_report().unprojected_entries);
        }
    });
    println!("slowest batch: {slowest} us, most unprojected entries: {lag}");
    println!("{:?}", world.harness.0.memory_report());
    timed("close", 1, || world.harness.0.close());
    timed("start", 1, || world.harness = Open::create());
    println!("{:?}", world.harness.0.memory_report());
}

fn commit(world: &World<Open>, payments: std::ops::Range<u64>, stage: u64, vouchers: u64) {
    let first = world.head().next().0;
    let entries: Vec<Arc<Entry>> = (first..)
        .zip(payments)
        .map(|(sequence, payment)| {
            let id = payment_id(MERCHANT, &format!("Hukab77YIXzKUYMdgPDB{payment:012}"));
            let parts = [(payment.wrapping_mul(0x9e37_79b9_7f4a_7c15) % vouchers, 100)];
            let fact = match stage {
                0 => created(id, 100, &format!("customer-{}", payment % 100_000)),
                1 => authorized(id, &parts, CaptureMode::Manual),
                _ => captured(id, &parts),
            };
            let mut key = [0; 16];
            let mixed = sequence.wrapping_mul(0xd6e8_feb8_6659_fd93);
            key[..8].copy_from_slice(&mixed.to_le_bytes());
            let idempotency = Idempotency {
                key: IdempotencyKey(key),
                fingerprint: Fingerprint(key),
            };
            Arc::new(entry(Sequence(sequence), Some(idempotency), fact))
        })
        .collect();
    let batch = world.batch(entries);
    world.try_commit(batch).expect("the batch is committed");
}

fn timed(what: &str, count: u64, work: impl FnOnce()) {
    let (begun, before) = (Instant::now(), usage());
    work();
    let (seconds, after) = (begun.elapsed().as_secs_f64(), usage());
    println!(
        "{what}: {seconds:.2} s, {:.0}/s, {:.1} us CPU and {:.0} bytes written each",
        count as f64 / seconds,
        (after.cpu_us - before.cpu_us) as f64 / count as f64,
        (after.written - before.written) as f64 / count as f64,
    );
}

struct Usage {
    cpu_us: u64,
    written: u64,
}

/// CPU time and bytes sent to the disk by this process so far.
fn usage() -> Usage {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat
        .split(' ')
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
    let written = io
        .lines()
        .find_map(|line| line.strip_prefix("write_bytes: "))
        .and_then(|bytes| bytes.parse().ok())
        .unwrap_or(0);
    Usage {
        cpu_us: ticks * 10_000,
        written,
    }
}
