//! Statements of liabilities and holders' proofs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::liabilities::desk::Evidence;
use engine::liabilities::shown::Shown;
use leaves::leaf::index_of;
use liabilities::tree::Root;
use money::amount::Amount;
use money::currency::Currency;
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::Milliseconds;

/// What the issuer states that it owes. As a file it is what `scrip verify liabilities` takes.
#[derive(Serialize, ToSchema)]
pub struct Statement {
    #[schema(example = "LIABILITIES")]
    pub object: &'static str,
    /// The entry of the journal that holds the statement.
    #[schema(example = 9_041)]
    pub sequence: u64,
    /// The leaf's place in the log.
    #[schema(example = 9_040)]
    pub index: u64,
    pub time: Milliseconds,
    /// The last entry that is counted.
    #[schema(example = 9_040)]
    pub counted: u64,
    pub counted_time: Milliseconds,
    /// The entry that holds the statement before this one; 0 before the first.
    #[schema(example = 7_100)]
    pub before: u64,
    pub totals: Vec<Total>,
    /// The bytes of the statement, in base64.
    pub statement: String,
    /// The receipt of the statement's entry, the text of a `.tlog-proof` file; null as long as no checkpoint that is shown
    /// reaches the entry.
    pub proof: Option<String>,
    /// The proof that one holder is counted, in base64; null where nothing was owed to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder_proof: Option<Option<String>>,
}

/// What all holders together are owed in one currency.
#[derive(Serialize, ToSchema)]
pub struct Total {
    #[schema(example = "EUR")]
    pub currency: &'static str,
    #[schema(example = "104212.50 EUR")]
    pub amount: String,
}

/// A statement in a list.
#[derive(Serialize, ToSchema)]
pub struct Older {
    pub sequence: u64,
    pub counted: u64,
    pub time: Milliseconds,
}

impl Statement {
    pub fn of(evidence: &Evidence) -> Statement {
        let Shown {
            entry,
            content,
            statement,
        } = &evidence.shown;
        Statement {
            object: "LIABILITIES",
            sequence: entry.sequence().0,
            index: index_of(entry.sequence()),
            time: Milliseconds::from(entry.at()),
            counted: statement.counted.0,
            counted_time: Milliseconds::from(statement.at),
            before: statement.before.0,
            totals: statement.sums.iter().map(total).collect(),
            statement: STANDARD.encode(content),
            proof: evidence.receipt.as_ref().map(ToString::to_string),
            holder_proof: None,
        }
    }

    /// The same with what one holder is given.
    pub fn for_holder(evidence: &Evidence, proof: Option<&[u8]>) -> Statement {
        Statement {
            holder_proof: Some(proof.map(|proof| STANDARD.encode(proof))),
            ..Statement::of(evidence)
        }
    }
}

impl From<&Shown> for Older {
    fn from(shown: &Shown) -> Older {
        Older {
            sequence: shown.entry.sequence().0,
            counted: shown.statement.counted.0,
            time: Milliseconds::from(shown.entry.at()),
        }
    }
}

fn total((currency, root): &(Currency, Root)) -> Total {
    let minor = i64::try_from(root.total).unwrap_or(i64::MAX);
    Total {
        currency: currency.code(),
        amount: Amount::new(minor, *currency).to_string(),
    }
}
