//! The guard against guessing: wrong PINs cost whoever tries them, right ones cost nothing.
//!
//! Three budgets are charged before a PIN is looked up and given back when it was right: one for the
//! address, one for its network, and one for the whole system. None belongs to a voucher, so nobody's
//! voucher can be locked by a stranger. Budgets live in memory and refill steadily.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ids::time::{Span, Timestamp};
use parking_lot::Mutex;

use crate::clock::Clock;

/// How many wrong tries fit in, and how fast they are forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub burst: u32,
    /// The time in which one wrong try is forgiven.
    pub refill: Span,
}

/// The budgets of the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardLimits {
    /// For one IPv4 address or one IPv6 /64.
    pub address: Budget,
    /// For one IPv4 /16 or one IPv6 /32.
    pub network: Budget,
    pub system: Budget,
}

impl Default for GuardLimits {
    fn default() -> GuardLimits {
        GuardLimits {
            address: Budget {
                burst: 10,
                refill: Span::MINUTE.times(6),
            },
            network: Budget {
                burst: 200,
                refill: Span::SECOND.times(18),
            },
            system: Budget {
                burst: 1_200,
                refill: Span(500),
            },
        }
    }
}

/// Addresses and networks that are remembered at most; beyond, those with the fullest budget go first.
pub const TRACKED_MAX: usize = 200_000;

/// Watches tries. Shared by every page that takes a PIN.
pub struct Guard {
    limits: GuardLimits,
    clock: Arc<dyn Clock>,
    buckets: Mutex<HashMap<Source, Bucket>>,
}

/// A try that is charged until it is forgiven.
#[must_use = "a try stays charged unless it is forgiven"]
pub struct Try<'a> {
    guard: &'a Guard,
    sources: [Source; 3],
}

/// Too many wrong tries; another is allowed after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many wrong tries; wait {} seconds", .retry_after.seconds())]
pub struct TooManyTries {
    pub retry_after: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Address(IpAddr),
    Network(IpAddr),
    System,
}

/// Wrong tries as debt that time pays off.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When the debt is paid.
    free_at: Timestamp,
}

impl Guard {
    pub fn new(limits: GuardLimits, clock: Arc<dyn Clock>) -> Guard {
        Guard {
            limits,
            clock,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Charges a try from this address, or refuses it.
    pub fn charge(&self, address: IpAddr) -> Result<Try<'_>, TooManyTries> {
        let now = self.clock.now();
        let sources = [
            Source::Address(host(address)),
            Source::Network(network(address)),
            Source::System,
        ];
        let mut buckets = self.buckets.lock();
        for source in sources {
            let budget = self.budget(source);
            let debt = debt(&buckets, source, now);
            let room = budget.refill.times(i64::from(budget.burst) - 1).0;
            if room < debt {
                return Err(TooManyTries {
                    retry_after: Span(debt - room),
                });
            }
        }
        for source in sources {
            let free_at = now.plus(Span(
                debt(&buckets, source, now) + self.budget(source).refill.0,
            ));
            buckets.insert(source, Bucket { free_at });
        }
        shrink(&mut buckets, now);
        Ok(Try {
            guard: self,
            sources,
        })
    }

    fn budget(&self, source: Source) -> Budget {
        match source {
            Source::Address(_) => self.limits.address,
            Source::Network(_) => self.limits.network,
            Source::System => self.limits.system,
        }
    }
}

impl Try<'_> {
    /// The PIN was right: the try costs nothing.
    pub fn forgive(self) {
        let mut buckets = self.guard.buckets.lock();
        for source in self.sources {
            if let Some(bucket) = buckets.get_mut(&source) {
                bucket.free_at = bucket.free_at.minus(self.guard.budget(source).refill);
            }
        }
    }
}

fn debt(buckets: &HashMap<Source, Bucket>, source: Source, now: Timestamp) -> i64 {
    buckets
        .get(&source)
        .map_or(0, |bucket| (bucket.free_at.0 - now.0).max(0))
}

/// Forgets who owes nothing, and if that is not enough, who owes least.
fn shrink(buckets: &mut HashMap<Source, Bucket>, now: Timestamp) {
    if buckets.len() <= TRACKED_MAX {
        return;
    }
    buckets.retain(|_, bucket| now < bucket.free_at);
    if TRACKED_MAX < buckets.len() {
        let mut ends: Vec<Timestamp> = buckets.values().map(|bucket| bucket.free_at).collect();
        let middle = ends.len() / 2;
        let (_, median, _) = ends.select_nth_unstable(middle);
        let median = *median;
        buckets.retain(|source, bucket| *source == Source::System || median < bucket.free_at);
    }
}

/// The address itself, or the /64 that one IPv6 subscriber has.
fn host(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => masked(address, 64),
    }
}

/// The /16 of an IPv4 address, the /32 of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, _, _] = address.octets();
            IpAddr::V4(Ipv4Addr::new(first, second, 0, 0))
        }
        IpAddr::V6(address) => masked(address, 32),
    }
}

fn masked(address: Ipv6Addr, bits: u32) -> IpAddr {
    let mask = u128::MAX << (128 - bits);
    IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
}
