//! The guard against guessing: wrong PINs cost whoever tries them, right ones cost nothing.
//!
//! Three budgets pay for wrong PINs: one of the address, one of its network, and one of the whole system.
//! None belongs to a voucher, so nobody's voucher can be locked by a stranger. While a try is under way
//! it is only counted: many payers behind one address do not stand in each other's way. What turns out
//! wrong is owed, even beyond the budget, and no try begins before enough of it is paid off. Only the first
//! try of a payment begins even so, as far as the budget of the system allows: a stranger who guesses from
//! the same address or network does not keep a payer from paying. Budgets live in memory and refill steadily.
//!
//! Nodes over one storage share what is owed: each asks before a try, and tells of a wrong one before it answers. Tries
//! that are under way are bounded by each node for itself.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ids::time::{Span, Timestamp};
use parking_lot::Mutex;
use store::debt::Debts;
use store::failure::Failure;
use vault::vault::Vault;

use crate::clock::Clock;
use crate::figures::tally::Tally;
use shared::Shared;

mod shared;

/// How many wrong tries fit in, and how fast they are forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub burst: u32,
    /// Tries that may be under way at one moment.
    pub under_way_max: u32,
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
                under_way_max: 256,
                refill: Span::MINUTE.times(6),
            },
            network: Budget {
                burst: 600,
                under_way_max: 512,
                refill: Span::SECOND,
            },
            system: system_budget(WRONG_PINS_PER_HOUR),
        }
    }
}

/// What the whole system forgives in an hour where nothing else is configured.
pub const WRONG_PINS_PER_HOUR: u32 = 7_200;
/// The most that can be configured: with a hundred guesses a second, 10^8 live vouchers are hit more than once a day.
pub const WRONG_PINS_PER_HOUR_MAX: u32 = 360_000;
/// Wrong tries that fit in at once are those of ten minutes.
const BURSTS_PER_HOUR: u32 = 6;

impl GuardLimits {
    /// The usual limits, but for the budget of the whole system: between 1 and [`WRONG_PINS_PER_HOUR_MAX`] wrong PINs an
    /// hour in the long run, and a sixth of that at once. None outside of these bounds.
    pub fn forgiving(wrong_pins_per_hour: u32) -> Option<GuardLimits> {
        let is_within = (1..=WRONG_PINS_PER_HOUR_MAX).contains(&wrong_pins_per_hour);
        is_within.then(|| GuardLimits {
            system: system_budget(wrong_pins_per_hour),
            ..GuardLimits::default()
        })
    }
}

fn system_budget(wrong_pins_per_hour: u32) -> Budget {
    let rate = i64::from(wrong_pins_per_hour);
    Budget {
        burst: (wrong_pins_per_hour / BURSTS_PER_HOUR).max(1),
        under_way_max: 1_024,
        // Rounded up: no more are forgiven than are said.
        refill: Span((Span::HOUR.0 + rate - 1) / rate),
    }
}

/// What a try is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A payment for which no wrong PIN was typed yet. Debts of the address and its network do not refuse the try,
    /// and it adds to them only up to a spent budget, so that many such tries do not lock others out for days.
    FirstOfPayment,
    /// Anything else.
    Ordinary,
}

/// Addresses and networks that are remembered at most; beyond, those with the fullest budget go first.
pub const TRACKED_MAX: usize = 200_000;

/// Watches tries. Shared by every page that takes a PIN.
pub struct Guard {
    limits: GuardLimits,
    clock: Arc<dyn Clock>,
    buckets: Mutex<HashMap<Source, Bucket>>,
    shared: Option<Shared>,
    tries: Tally<TryOutcome>,
}

/// What became of tries, for whoever watches the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TryOutcome {
    Right,
    Wrong,
    TurnedAway,
    /// Nothing was found out: the payment was over, or something failed.
    Undecided,
}

impl TryOutcome {
    pub const ALL: [TryOutcome; 4] = [
        TryOutcome::Right,
        TryOutcome::Wrong,
        TryOutcome::TurnedAway,
        TryOutcome::Undecided,
    ];

    pub fn word(self) -> &'static str {
        match self {
            TryOutcome::Right => "right",
            TryOutcome::Wrong => "wrong",
            TryOutcome::TurnedAway => "turned_away",
            TryOutcome::Undecided => "undecided",
        }
    }
}

/// A try that is under way. Unless it is forgiven, it was wrong: giving up in between costs as much.
#[must_use = "a try that is not forgiven is owed"]
pub struct Try<'a> {
    guard: &'a Guard,
    sources: [Source; 3],
    scope: Scope,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Owed,
    Forgiven,
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
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// When the debt is paid.
    free_at: Timestamp,
    under_way: u32,
}

/// How long to wait where too many tries are under way.
const CROWDED: Span = Span::SECOND;

impl Guard {
    /// A guard that knows what it has seen itself.
    pub fn new(limits: GuardLimits, clock: Arc<dyn Clock>) -> Guard {
        Guard {
            limits,
            clock,
            buckets: Mutex::new(HashMap::new()),
            shared: None,
            tries: Tally::default(),
        }
    }

    /// A guard that also knows what the other nodes over the same storage have seen.
    pub fn shared(
        limits: GuardLimits,
        clock: Arc<dyn Clock>,
        debts: Arc<dyn Debts>,
        vault: Arc<Vault>,
    ) -> Guard {
        Guard {
            shared: Some(Shared::new(debts, vault)),
            ..Guard::new(limits, clock)
        }
    }

    /// Learns what the address owes by what other nodes have seen. Before each try.
    pub async fn learn(&self, address: IpAddr) -> Result<(), Failure> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let sources = sources(address);
        let owed = shared.owed(&sources).await?;
        let now = self.clock.now();
        let mut buckets = self.buckets.lock();
        for (source, span) in sources.into_iter().zip(owed) {
            if Span(0) < span {
                let bucket = buckets.entry(source).or_default();
                bucket.free_at = bucket.free_at.max(now.plus(span));
            }
        }
        shrink(&mut buckets, now);
        Ok(())
    }

    /// Tells the other nodes of wrong tries. Before the answer to one, and now and then for those that gave up.
    pub async fn tell(&self) -> Result<(), Failure> {
        match &self.shared {
            Some(shared) => shared.tell().await,
            None => Ok(()),
        }
    }

    /// Begins a try from this address, or refuses it.
    pub fn begin(&self, address: IpAddr, scope: Scope) -> Result<Try<'_>, TooManyTries> {
        let now = self.clock.now();
        let sources = sources(address);
        let mut buckets = self.buckets.lock();
        for source in sources {
            let bucket = buckets.get(&source).copied().unwrap_or_default();
            let budget = self.budget(source);
            if !source.spares(scope) {
                bucket.require_room(budget, now)?;
            }
            bucket.require_few_under_way(budget)?;
        }
        for source in sources {
            buckets.entry(source).or_default().under_way += 1;
        }
        shrink(&mut buckets, now);
        Ok(Try {
            guard: self,
            sources,
            scope,
            verdict: Verdict::Owed,
        })
    }

    fn end(&self, sources: [Source; 3], scope: Scope, verdict: Verdict) {
        let now = self.clock.now();
        let mut buckets = self.buckets.lock();
        for source in sources {
            let bucket = buckets.entry(source).or_default();
            bucket.under_way = bucket.under_way.saturating_sub(1);
            match verdict {
                Verdict::Owed => {
                    let budget = self.budget(source);
                    let most = if source.spares(scope) {
                        budget.whole()
                    } else {
                        Span(i64::MAX)
                    };
                    bucket.charge(budget.refill, most, now);
                    if let Some(shared) = &self.shared {
                        shared.add(source, budget.refill, most);
                    }
                }
                // Who owes nothing is not remembered.
                Verdict::Forgiven if bucket.is_idle(now) => drop(buckets.remove(&source)),
                Verdict::Forgiven => {}
            }
        }
    }

    /// What became of tries since the start, as whoever carries them out has noted.
    pub fn tries(&self) -> &Tally<TryOutcome> {
        &self.tries
    }

    /// How many addresses and networks are remembered.
    pub fn tracked(&self) -> usize {
        self.buckets.lock().len()
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
    pub fn forgive(mut self) {
        self.verdict = Verdict::Forgiven;
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.guard.end(self.sources, self.scope, self.verdict);
    }
}

impl Budget {
    /// The debt of a budget that is spent.
    fn whole(self) -> Span {
        self.refill.times(i64::from(self.burst))
    }
}

impl Source {
    /// Whether debts here do not refuse such a try.
    fn spares(self, scope: Scope) -> bool {
        match scope {
            Scope::FirstOfPayment => self != Source::System,
            Scope::Ordinary => false,
        }
    }
}

impl Bucket {
    /// Adds to the debt, up to a bound that takes nothing from it.
    fn charge(&mut self, span: Span, most: Span, now: Timestamp) {
        let owed = self.free_at.max(now).plus(span);
        self.free_at = owed.min(now.plus(most)).max(self.free_at);
    }

    fn require_room(self, budget: Budget, now: Timestamp) -> Result<(), TooManyTries> {
        let debt = self.free_at.0 - now.0;
        let room = budget.refill.times(i64::from(budget.burst) - 1).0;
        if room < debt {
            return Err(TooManyTries {
                retry_after: Span(debt - room),
            });
        }
        Ok(())
    }

    fn require_few_under_way(self, budget: Budget) -> Result<(), TooManyTries> {
        if budget.under_way_max <= self.under_way {
            return Err(TooManyTries {
                retry_after: CROWDED,
            });
        }
        Ok(())
    }

    fn is_idle(self, now: Timestamp) -> bool {
        self.under_way == 0 && self.free_at <= now
    }
}

/// Who pays for a try from this address.
fn sources(address: IpAddr) -> [Source; 3] {
    [
        Source::Address(host(address)),
        Source::Network(network(address)),
        Source::System,
    ]
}

/// Forgets who owes nothing, and if that is not enough, who owes least.
fn shrink(buckets: &mut HashMap<Source, Bucket>, now: Timestamp) {
    if buckets.len() <= TRACKED_MAX {
        return;
    }
    buckets.retain(|_, bucket| !bucket.is_idle(now));
    if TRACKED_MAX < buckets.len() {
        let mut ends: Vec<Timestamp> = buckets.values().map(|bucket| bucket.free_at).collect();
        let middle = ends.len() / 2;
        let (_, median, _) = ends.select_nth_unstable(middle);
        let median = *median;
        buckets.retain(|source, bucket| {
            *source == Source::System || 0 < bucket.under_way || median < bucket.free_at
        });
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
