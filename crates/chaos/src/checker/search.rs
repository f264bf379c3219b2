//! The search for an order of the calls that explains every answer (Wing and Gong 1993, with the memory of Lowe 2017).

use std::collections::HashSet;
use std::time::Duration;

use crate::checker::history::{Call, History};
use crate::checker::rules::Purse;

/// Calls in one history at most.
pub const CALLS_MAX: usize = 512;
/// Places of the search that are remembered at most; a history that needs more is not judged, which counts as a failure.
const PLACES_MAX: usize = 2_000_000;
/// Calls that are shown with a history that has no order.
const SHOWN_MAX: usize = 24;

/// Why a history is not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No order of the calls explains the answers. The longest that explains a part ends before these.
    NoOrder {
        explained: usize,
        unexplained: Vec<String>,
    },
    /// There are too many possibilities to judge.
    Undecided,
    TooLong {
        calls: usize,
    },
}

type Bits = [u64; CALLS_MAX / 64];

/// Where the search stands: what has taken effect, and what that makes of the voucher and its payments.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    taken: Bits,
    purse: Purse,
}

/// Whether the history is linearizable.
pub fn judge(history: &History) -> Result<(), Fault> {
    if CALLS_MAX < history.calls.len() {
        return Err(Fault::TooLong {
            calls: history.calls.len(),
        });
    }
    let mut search = Search::new(&history.calls);
    let first = Place {
        taken: [0; CALLS_MAX / 64],
        purse: Purse::new(history),
    };
    let mut waiting = vec![first];
    while let Some(place) = waiting.pop() {
        if search.is_explained(&place) {
            return Ok(());
        }
        for next in search.steps(&place) {
            if PLACES_MAX < search.seen.len() {
                return Err(Fault::Undecided);
            }
            if search.seen.insert(next.clone()) {
                waiting.push(next);
            }
        }
    }
    Err(search.fault())
}

struct Search<'a> {
    /// By the time at which they began.
    calls: Vec<&'a Call>,
    seen: HashSet<Place>,
    farthest: Bits,
    farthest_count: usize,
}

impl<'a> Search<'a> {
    fn new(calls: &'a [Call]) -> Search<'a> {
        let mut calls: Vec<&Call> = calls.iter().collect();
        calls.sort_by_key(|call| call.begun);
        Search {
            calls,
            seen: HashSet::new(),
            farthest: [0; CALLS_MAX / 64],
            farthest_count: 0,
        }
    }

    /// Every answered call is in its place; the others may never have arrived.
    fn is_explained(&self, place: &Place) -> bool {
        let mut open = self
            .calls
            .iter()
            .enumerate()
            .filter(|(number, _)| !is_taken(&place.taken, *number));
        open.all(|(_, call)| call.answer.is_none())
    }

    /// Every call that may come next, with what it makes of the place. The likeliest, which began first, comes last.
    fn steps(&mut self, place: &Place) -> Vec<Place> {
        let mut steps = Vec::new();
        let limit = self.first_end(&place.taken);
        for (number, call) in self.calls.iter().enumerate().rev() {
            if limit < call.begun || is_taken(&place.taken, number) {
                continue;
            }
            let mut purse = place.purse.clone();
            let answer = purse.act(call.action, call.command);
            let fits = match call.answer {
                Some(told) => told.answer == answer,
                // One without an answer that changes nothing need not be placed.
                None => purse != place.purse,
            };
            if !fits {
                continue;
            }
            let changes_nothing = purse == place.purse;
            let mut taken = place.taken;
            taken[number / 64] |= 1 << (number % 64);
            let step = Place { taken, purse };
            if changes_nothing {
                // It has to come some time, and whatever comes after it can come now as well.
                steps = vec![step];
                break;
            }
            steps.push(step);
        }
        for step in &steps {
            let count = step
                .taken
                .iter()
                .map(|word| word.count_ones() as usize)
                .sum();
            if self.farthest_count < count {
                (self.farthest, self.farthest_count) = (step.taken, count);
            }
        }
        steps
    }

    /// The earliest end of a call that has not taken effect: nothing that began later may come before it.
    fn first_end(&self, taken: &Bits) -> Duration {
        let open = self
            .calls
            .iter()
            .enumerate()
            .filter(|(number, _)| !is_taken(taken, *number));
        let ends = open.filter_map(|(_, call)| call.answer.map(|told| told.at));
        ends.min().unwrap_or(Duration::MAX)
    }

    fn fault(&self) -> Fault {
        let open = self
            .calls
            .iter()
            .enumerate()
            .filter(|(number, _)| !is_taken(&self.farthest, *number));
        Fault::NoOrder {
            explained: self.farthest_count,
            unexplained: open
                .take(SHOWN_MAX)
                .map(|(_, call)| format!("{call:?}"))
                .collect(),
        }
    }
}

fn is_taken(taken: &Bits, number: usize) -> bool {
    taken[number / 64] & (1 << (number % 64)) != 0
}
