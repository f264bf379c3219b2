//! A simulator of payments with vouchers and of the frauds that vouchers meet. Half-way through, the fraudsters change their
//! ways: what was learnt from the first half is not all that the second half needs.

pub mod guessing;
mod honest;
mod schemes;
mod world;

use ids::time::{Span, Timestamp};
use risk::stream::StreamEvent;

use world::World;

/// 2026-01-05T00:00:00Z, a Monday.
pub const START: Timestamp = Timestamp(1_767_571_200_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frauds {
    /// Honest payers.
    pub payers: usize,
    pub days: u32,
    pub seed: u64,
}

/// The kinds of fraud, by what the label `scenario` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Scheme {
    /// One address tries PINs; later each try comes from another address of a botnet.
    Enumeration = 1,
    /// Victims read the codes of several vouchers of high value to a caller, who spends them at a shop that they never used;
    /// later the caller asks for smaller vouchers, one a day.
    Scam = 2,
    /// A mule's device spends other people's vouchers in amounts just under the limit; later with a new device each day.
    Mule = 3,
    /// What was stolen at one kiosk is spent at one shop at once; later at several shops after a week.
    StolenBatch = 4,
    /// A program spends codes from infected machines, fast and without a screen; later it plays a human.
    Bot = 5,
    /// A shop that is in on it takes payments at night and refunds or is disputed; later by day and without refunds.
    ColludingShop = 6,
}

impl Scheme {
    pub const ALL: [Scheme; 6] = [
        Scheme::Enumeration,
        Scheme::Scam,
        Scheme::Mule,
        Scheme::StolenBatch,
        Scheme::Bot,
        Scheme::ColludingShop,
    ];
}

/// How the fraudsters go about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ways {
    Old,
    /// Those of the second half.
    New,
}

/// One event, and the scheme that it belongs to: 0 for what honest payers do.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    pub event: StreamEvent,
    pub scenario: u32,
}

/// All events in the order of time.
pub fn simulate(frauds: &Frauds) -> Vec<Simulated> {
    let mut world = World::new(frauds);
    for day in 0..frauds.days {
        let morning = START.plus(Span::DAY.times(i64::from(day)));
        honest::live_a_day(&mut world, morning);
        let ways = match day * 2 < frauds.days {
            true => Ways::Old,
            false => Ways::New,
        };
        schemes::defraud_for_a_day(&mut world, morning, ways);
    }
    let end = START.plus(Span::DAY.times(i64::from(frauds.days)));
    let mut events = world.into_events();
    events.retain(|simulated| simulated.event.at() < end);
    // Stable: events of one moment stay in the order in which they were thought of.
    events.sort_by_key(|simulated| simulated.event.at());
    events
}

#[cfg(test)]
mod tests;
