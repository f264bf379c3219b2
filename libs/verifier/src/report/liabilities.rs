//! What is said of a statement of liabilities and of a holder's proof.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::failure::Failure;
use crate::liabilities::proof::{Bases, Holder, HolderProof};
use crate::liabilities::{Statement, Sum};
use crate::receipt::Receipt;
use crate::report::json::{list, member, object, text};
use crate::report::{answer, ever, number, read_policy, said_of, signed};
use crate::words::spelling;

/// Checks a statement with the receipt of its entry, and a holder's proof where there is one: `proof` may be empty. Totals and
/// values are minor units, of currencies by their numbers; times of the statement are milliseconds since 1970. Whoever asks
/// compares holder, number and currency with what is theirs.
pub fn liabilities(
    policy: &[u8],
    receipt: &[u8],
    statement: &[u8],
    proof: &[u8],
    now: u64,
) -> String {
    answer(checked(policy, receipt, statement, proof, now))
}

fn checked(
    policy: &[u8],
    receipt: &[u8],
    statement: &[u8],
    proof: &[u8],
    now: u64,
) -> Result<Vec<String>, Failure> {
    let receipt = Receipt::verify(receipt, &read_policy(policy)?, ever(now))?;
    let statement = Statement::published(statement, &receipt)?;
    statement.check_sums()?;
    let mut members = signed(&receipt.checkpoint);
    members.extend(said_of(&receipt.leaf, receipt.leaf_hash));
    members.extend([
        member("counted", number(statement.counted)),
        member("at", text(&statement.at.to_string())),
        member("time", text(&spelling::time(statement.at))),
        member("before", number(statement.before)),
        member("sums", list(statement.sums.iter().map(total))),
    ]);
    if !proof.is_empty() {
        let proof = HolderProof::parse(proof)?;
        let sum = proof.check(&statement, &Bases::default())?;
        members.push(member("proof", holder(&proof, sum)));
    }
    Ok(members)
}

fn total(sum: &Sum) -> String {
    object([
        member("currency", sum.currency.to_string()),
        member("total", number(sum.total)),
        member("amount", text(&amount(sum.total, sum.currency))),
    ])
}

fn holder(proof: &HolderProof, sum: &Sum) -> String {
    let kind = match proof.holder {
        Holder::Voucher(_) => "voucher",
        Holder::Merchant(_) => "merchant",
    };
    object([
        member("holder", text(kind)),
        member("number", number(proof.holder.number())),
        member("currency", proof.currency.to_string()),
        member("value", number(proof.value)),
        member("amount", text(&amount(proof.value, proof.currency))),
        member("total", text(&amount(sum.total, sum.currency))),
    ])
}

fn amount(minor: u64, currency: u16) -> String {
    let minor = i64::try_from(minor).unwrap_or(i64::MAX);
    spelling::amount(minor, Some(currency))
}
