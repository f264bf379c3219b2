//! The trees of a statement, made and kept piece by piece.

use liabilities::owed::Owed;
use liabilities::part::Head;
use liabilities::statement::Statement;
use liabilities::tree::{Making, Root, place};
use money::currency::Currency;

use crate::liabilities::keeping::PARTS_AT_ONCE;
use crate::liabilities::{LiabilitiesError, Ports};

impl Ports {
    /// Makes all trees over what is owed and keeps their parts, the head last. It takes some tenths of a millisecond for each
    /// holder, and so belongs on a thread of its own.
    pub(super) async fn make(
        &self,
        owed: &Owed,
    ) -> Result<Vec<(Currency, Root)>, LiabilitiesError> {
        let name = owed.name();
        let mut sums = Vec::new();
        for currency in owed.currencies() {
            let secret = self.secret(&name, currency);
            let leaves = place(&secret, owed.holders(currency))?;
            let mut making = Making::new(&secret, &leaves);
            let mut parts = Vec::new();
            while let Some(bucket) = making.bucket() {
                parts.push(bucket);
                if PARTS_AT_ONCE <= parts.len() {
                    self.keep(owed.counted, std::mem::take(&mut parts)).await?;
                }
                tokio::task::yield_now().await;
            }
            self.keep(owed.counted, parts).await?;
            let Some((tiers, root)) = making.finish() else {
                continue;
            };
            for some in tiers.chunks(PARTS_AT_ONCE) {
                self.keep(owed.counted, some.to_vec()).await?;
            }
            sums.push((currency, root));
        }
        let head = Head::of(owed).encode();
        self.keep(owed.counted, vec![head]).await?;
        Ok(sums)
    }

    /// Makes the parts of a statement once more, from the journal alone. They have to lead to what was stated.
    pub async fn make_again(&self, statement: &Statement) -> Result<(), LiabilitiesError> {
        tracing::info!(
            counted = statement.counted.0,
            "the parts of a statement of liabilities are made again from the journal"
        );
        let owed = self.count(Owed::NOTHING, statement.counted).await?;
        let sums = self.make(&owed).await?;
        require_same(statement, &sums)
    }
}

/// Whether the sums are those that were stated.
pub(super) fn require_same(
    statement: &Statement,
    sums: &[(Currency, Root)],
) -> Result<(), LiabilitiesError> {
    let counted = |currency| sums.iter().find(|(other, _)| *other == currency);
    let stated = statement.sums.iter().map(|(currency, _)| *currency);
    let all = stated.chain(sums.iter().map(|(currency, _)| *currency));
    for currency in all {
        let counted = counted(currency).map(|(_, root)| root);
        let stated = statement.sum(currency);
        if stated != counted {
            return Err(LiabilitiesError::Differs {
                currency,
                stated: stated.map_or(0, |root| root.total),
                counted: counted.map_or(0, |root| root.total),
            });
        }
    }
    Ok(())
}
