//! Accounts of the ledger.

use money::currency::Currency;

/// The account's number in the chart of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountCode(pub u16);

/// One account: a line of the chart, the party it stands for (0 for the issuer), and a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    pub code: AccountCode,
    pub owner: u64,
    pub currency: Currency,
}
