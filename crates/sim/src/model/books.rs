//! The model's bookkeeping: who owes whom how much.

use std::collections::BTreeMap;

use money::currency::Currency;

/// An account by its number in the chart, its owner and its currency.
pub type Account = (u16, u64, Currency);

/// Balances in minor units, debit positive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books(BTreeMap<Account, i64>);

/// Face value in a distributor's stock.
pub const STOCK: u16 = 1100;
/// Owed by a distributor.
pub const RECEIVABLE: u16 = 1200;
/// Spendable value of vouchers.
pub const REMAINING: u16 = 2100;
/// Reserved value of vouchers.
pub const HELD: u16 = 2200;
/// Owed to a merchant.
pub const PAYABLE: u16 = 2300;
/// Earned with maintenance fees.
pub const MAINTENANCE: u16 = 4100;
/// Earned with merchants' fees.
pub const MERCHANT_FEES: u16 = 4200;
/// Earned with expired vouchers.
pub const EXPIRED: u16 = 4300;

impl Books {
    pub fn transfer(&mut self, debit: Account, credit: Account, minor: i64) {
        *self.0.entry(debit).or_default() += minor;
        *self.0.entry(credit).or_default() -= minor;
    }

    pub fn of(&self, account: Account) -> i64 {
        self.0.get(&account).copied().unwrap_or(0)
    }

    /// Accounts on which something stands.
    pub fn open(&self) -> BTreeMap<Account, i64> {
        let open = self.0.iter().filter(|(_, minor)| **minor != 0);
        open.map(|(account, minor)| (*account, *minor)).collect()
    }
}
