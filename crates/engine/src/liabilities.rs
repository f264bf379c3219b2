//! Statements of what the issuer owes: counted from the journal, published as its entries, and proved to single holders
//! (docs/proof-of-liabilities.md).
//!
//! Invariants: a statement says what the journal says, and nothing that is kept beside the journal is believed unless it makes
//! the roots that were published; no payment waits for a statement or a proof.

pub mod desk;
pub mod listing;
pub mod proving;
pub mod publishing;
pub mod repair;
pub mod shown;

mod checking;
mod counting;
mod keeping;
mod making;

use std::sync::Arc;

use accounting::claim::Holder;
use ids::command::Sequence;
use liabilities::owed::{CannotCount, Owed};
use liabilities::secret::Secret;
use liabilities::tree::CannotPlace;
use money::currency::Currency;
use store::failure::Failure;
use store::liabilities::PartStorage;
use store::port::Store;
use vault::vault::Vault;

use crate::error::CommandError;

/// What statements are made of and kept in.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub parts: Arc<dyn PartStorage>,
    pub vault: Arc<Vault>,
}

/// Why there is no statement, or no proof.
#[derive(Debug, thiserror::Error)]
pub enum LiabilitiesError {
    #[error("the storage failed")]
    Storage(#[from] Failure),
    #[error("the statement could not be added to the journal")]
    Command(#[from] CommandError),
    #[error("what is owed cannot be counted; run `scrip audit`")]
    Count(#[from] CannotCount),
    #[error("no tree can be made of what is owed")]
    Place(#[from] CannotPlace),
    #[error("the journal ends before entry {}", .0.0)]
    JournalEnds(Sequence),
    #[error("the statement in journal entry {} cannot be read; a newer version of Scrip wrote it", .0.0)]
    Unreadable(Sequence),
    /// The journal, the key file or this version is not the one that made the statement.
    #[error(
        "the journal and the key file make another tree in {currency} than was stated: its total is {counted} minor units, and {stated} were stated"
    )]
    Differs {
        currency: Currency,
        stated: u64,
        counted: u64,
    },
    #[error(
        "{stated} minor units in {currency} were stated, and the accounts of the ledger have {ledger}: {} more",
        .ledger - i128::from(*.stated)
    )]
    NotTheLedger {
        currency: Currency,
        stated: u64,
        ledger: i128,
    },
    #[error("the work ended in a panic")]
    Panicked,
}

impl Ports {
    /// What hides balances in this currency.
    fn secret(&self, counted: &[u8; 32], currency: Currency) -> Secret {
        Secret::new(&self.vault.liabilities_secret(counted), currency)
    }

    /// What a holder is owed after an entry, counted from the first one on; for tests and for operators who doubt a proof.
    pub async fn owed_to(
        &self,
        holder: Holder,
        currency: Currency,
        upto: Sequence,
    ) -> Result<i64, LiabilitiesError> {
        let owed = self.count(Owed::NOTHING, upto).await?;
        Ok(owed.of_holder(currency, holder))
    }
}
