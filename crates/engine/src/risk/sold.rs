//! Where vouchers were sold: the till of each of the last ones.

use std::collections::{HashMap, VecDeque};

use ids::party::DistributorId;
use ids::token::Token;
use ids::voucher::Serial;
use voucher::order::Order;

/// Vouchers whose till is remembered, some 40 bytes each. Of older ones it is unknown.
pub const SOLD_MAX: usize = 1_000_000;

/// A till of a distributor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Till {
    pub distributor: DistributorId,
    pub terminal: Token,
}

impl Till {
    pub fn of(order: &Order) -> Till {
        Till {
            distributor: order.id.distributor,
            terminal: order.terminal,
        }
    }
}

/// The last vouchers that were sold at a till. A till of which none is left is forgotten: a distributor may name as many
/// as it likes.
#[derive(Debug, Default)]
pub struct Sold {
    /// By number; none where a number is free.
    tills: Vec<Option<Till>>,
    /// How many of the vouchers are of each number.
    counts: Vec<u32>,
    free: Vec<u32>,
    numbers: HashMap<Till, u32>,
    of: HashMap<Serial, u32>,
    order: VecDeque<Serial>,
}

impl Sold {
    pub fn note(&mut self, serial: Serial, till: Till) {
        let number = self.number(till);
        match self.of.insert(serial, number) {
            None => self.order.push_back(serial),
            Some(before) => self.leave(before),
        }
        if SOLD_MAX < self.order.len()
            && let Some(oldest) = self.order.pop_front()
            && let Some(number) = self.of.remove(&oldest)
        {
            self.leave(number);
        }
    }

    pub fn till(&self, serial: Serial) -> Option<Till> {
        let number = *self.of.get(&serial)?;
        self.tills.get(number as usize).copied().flatten()
    }

    /// How many tills are known.
    pub fn till_count(&self) -> usize {
        self.numbers.len()
    }

    /// The till's number, with one more voucher.
    fn number(&mut self, till: Till) -> u32 {
        let number = match self.numbers.get(&till) {
            Some(number) => *number,
            None => {
                let number = self.free.pop().unwrap_or(self.tills.len() as u32);
                if self.tills.len() as u32 == number {
                    self.tills.push(None);
                    self.counts.push(0);
                }
                self.tills[number as usize] = Some(till);
                self.numbers.insert(till, number);
                number
            }
        };
        self.counts[number as usize] += 1;
        number
    }

    /// One voucher less at the till of this number.
    fn leave(&mut self, number: u32) {
        let place = number as usize;
        self.counts[place] -= 1;
        if self.counts[place] == 0
            && let Some(till) = self.tills[place].take()
        {
            self.numbers.remove(&till);
            self.free.push(number);
        }
    }

    /// The sales in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Serial, Till)> + '_ {
        let sales = self.order.iter();
        sales.filter_map(|serial| Some((*serial, self.till(*serial)?)))
    }
}

#[cfg(test)]
mod tests;
