//! What tracked entities take: `cargo run --release -p evaluation --example entities -- COUNT`.
//!
//! Fills a store with addresses that meet several vouchers each, then floods it with as many made-up addresses again.

use std::error::Error;
use std::fs;
use std::time::Instant;

use ids::time::{Span, Timestamp};
use risk::entity::{EntityHasher, EntityKind};
use risk::event::{Attempt, Event, Outcome};
use risk::profile::store::{BYTES_PER_ENTITY, ProfileSettings, Profiles};

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).ok_or("no count")?.parse()?;
    let mut profiles = Profiles::new(ProfileSettings {
        entities_max: count,
        ahead_of_utc: Span(0),
    });
    let hasher = EntityHasher::new([1, 2]);
    println!("planned: {BYTES_PER_ENTITY} bytes per entity");
    for round in ["filled", "flooded"] {
        let started = Instant::now();
        for number in 0..count as u64 {
            let named = |kind: EntityKind, number: u64| {
                Some(hasher.key(kind, format!("{round} {number}").as_bytes()))
            };
            let attempt = Attempt {
                at: Timestamp(1_600_000_000_000 + number as i64),
                amount_minor: Some(1_000),
                address: named(EntityKind::Address, number),
                // Every account meets a new address each time, so that it needs a sketch.
                account: named(EntityKind::Account, number % (count as u64 / 64)),
                merchant: named(EntityKind::Merchant, number % 1_000),
                ..Attempt::default()
            };
            let outcome = Outcome::Authorised;
            profiles.apply(&Event::Attempt { attempt, outcome });
        }
        let per_attempt = started.elapsed() / u32::try_from(count)?;
        println!("{round}: {} entities", profiles.count());
        println!("evicted: {} entities", profiles.evicted());
        println!("sketches: {}", profiles.sketches());
        println!("time per attempt: {} ns", per_attempt.as_nanos());
        println!("memory: {} MiB", resident_kib()? / 1_024);
    }
    Ok(())
}

fn resident_kib() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let mut words = line.ok_or("no VmRSS")?.split_whitespace();
    Ok(words.nth(1).ok_or("no figure")?.parse()?)
}
