//! Where vouchers were sold: the till of each of the last ones.

use std::collections::{HashMap, VecDeque};

use ids::party::DistributorId;
use ids::token::Token;
use ids::voucher::Serial;

/// Vouchers whose till is remembered, some 40 bytes each. Of older ones it is unknown.
pub const SOLD_MAX: usize = 1_000_000;

/// A till of a distributor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Till {
    pub distributor: DistributorId,
    pub terminal: Token,
}

/// The last vouchers that were sold at a till. Tills themselves are few and stay.
#[derive(Debug, Default)]
pub struct Sold {
    tills: Vec<Till>,
    numbers: HashMap<Till, u32>,
    of: HashMap<Serial, u32>,
    order: VecDeque<Serial>,
}

impl Sold {
    pub fn note(&mut self, serial: Serial, till: Till) {
        let next = self.tills.len() as u32;
        let number = *self.numbers.entry(till).or_insert(next);
        if number == next {
            self.tills.push(till);
        }
        if self.of.insert(serial, number).is_none() {
            self.order.push_back(serial);
        }
        if SOLD_MAX < self.order.len()
            && let Some(oldest) = self.order.pop_front()
        {
            self.of.remove(&oldest);
        }
    }

    pub fn till(&self, serial: Serial) -> Option<Till> {
        let number = *self.of.get(&serial)?;
        self.tills.get(number as usize).copied()
    }

    /// The sales in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Serial, Till)> + '_ {
        let sales = self.order.iter();
        sales.filter_map(|serial| Some((*serial, self.till(*serial)?)))
    }
}
