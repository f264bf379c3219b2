//! Whether a statement is what the journal says, for whoever has the journal and the key file.

use accounting::chart::{MERCHANT_PAYABLE, VOUCHERS_HELD, VOUCHERS_REMAINING};
use ledger::balances::{BalanceOverflow, Balances};
use liabilities::owed::Owed;
use liabilities::statement::Statement;
use liabilities::tree::{Making, place};
use money::currency::Currency;

use crate::liabilities::making::require_same;
use crate::liabilities::{LiabilitiesError, Ports};

impl Ports {
    /// Counts a statement once more from the first entry and keeps nothing: the ledger's accounts have to come to the same
    /// totals, and the trees to the same roots.
    pub async fn check(&self, statement: &Statement) -> Result<(), LiabilitiesError> {
        let mut owed = Owed::NOTHING;
        let mut balances = Balances::default();
        while owed.counted < statement.counted {
            for entry in &self.page(owed.counted, statement.counted).await? {
                owed.count(entry)?;
                let posted = balances.post(entry.postings());
                posted.map_err(|BalanceOverflow(_)| LiabilitiesError::JournalEnds(owed.counted))?;
            }
        }
        owed.require_sound()?;
        require_ledger(statement, &balances)?;
        let name = owed.name();
        let mut sums = Vec::new();
        for currency in owed.currencies() {
            let secret = self.secret(&name, currency);
            let leaves = place(&secret, owed.holders(currency))?;
            let root = Making::new(&secret, &leaves).root();
            sums.extend(root.map(|root| (currency, root)));
        }
        require_same(statement, &sums)
    }
}

/// The totals are those of the accounts of liabilities, without merchants that owe the issuer.
fn require_ledger(statement: &Statement, balances: &Balances) -> Result<(), LiabilitiesError> {
    let mut currencies: Vec<Currency> = balances
        .iter()
        .map(|(account, _)| account.currency)
        .collect();
    currencies.extend(statement.sums.iter().map(|(currency, _)| *currency));
    currencies.sort();
    currencies.dedup();
    for currency in currencies {
        let accounts = balances
            .iter()
            .filter(|(account, _)| account.currency == currency);
        let ledger: i128 = accounts
            .map(|(account, minor)| match account.code {
                VOUCHERS_REMAINING | VOUCHERS_HELD => -i128::from(minor),
                MERCHANT_PAYABLE => (-i128::from(minor)).max(0),
                _ => 0,
            })
            .sum();
        let stated = statement.sum(currency).map_or(0, |root| root.total);
        if ledger != i128::from(stated) {
            return Err(LiabilitiesError::NotTheLedger {
                currency,
                stated,
                ledger,
            });
        }
    }
    Ok(())
}
