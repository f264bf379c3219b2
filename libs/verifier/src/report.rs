//! Answers as JSON, for pages that call the verifier from another language.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::base64;
use crate::checkpoint::{Clock, Cosigned};
use crate::failure::Failure;
use crate::leaf::Opening;
use crate::liabilities::proof::{Bases, Holder, HolderProof};
use crate::liabilities::{Statement, Sum};
use crate::policy::Policy;
use crate::receipt::Receipt;

/// Checks a receipt and says everything about it. `now` is in seconds since 1970; cosignatures do not become too old.
pub fn receipt(policy: &[u8], receipt: &[u8], now: u64) -> String {
    match verified(policy, receipt, now) {
        Ok(receipt) => good(&receipt, ""),
        Err(failure) => bad(&failure),
    }
}

/// Checks a statement of liabilities with the receipt of its entry, and a holder's proof where there is one: `proof` may
/// be empty.
pub fn liabilities(
    policy: &[u8],
    receipt: &[u8],
    statement: &[u8],
    proof: &[u8],
    now: u64,
) -> String {
    match counted(policy, receipt, statement, proof, now) {
        Ok(report) => report,
        Err(failure) => bad(&failure),
    }
}

fn verified(policy: &[u8], receipt: &[u8], now: u64) -> Result<Receipt, Failure> {
    let clock = Clock {
        now,
        age_seconds_max: None,
    };
    let policy = str::from_utf8(policy).map_err(|_| Failure::Form {
        what: "the policy",
        reason: "is no text",
    })?;
    Receipt::verify(receipt, &Policy::parse(policy)?, clock)
}

fn counted(
    policy: &[u8],
    receipt: &[u8],
    statement: &[u8],
    proof: &[u8],
    now: u64,
) -> Result<String, Failure> {
    let receipt = verified(policy, receipt, now)?;
    let statement = Statement::published(statement, &receipt)?;
    statement.check_sums()?;
    let proved = if proof.is_empty() {
        "null".to_string()
    } else {
        let proof = HolderProof::parse(proof)?;
        let sum = proof.check(&statement, &Bases::default())?;
        holder(&proof, sum)
    };
    let sums: Vec<String> = statement.sums.iter().map(total).collect();
    let statement = format!(
        ",\"statement\":{{\"counted\":\"{}\",\"at\":\"{}\",\"before\":\"{}\",\"sums\":[{}]}},\"proof\":{proved}",
        statement.counted,
        statement.at,
        statement.before,
        sums.join(","),
    );
    Ok(good(&receipt, &statement))
}

fn good(receipt: &Receipt, more: &str) -> String {
    let checkpoint = &receipt.checkpoint;
    let cosigned: Vec<String> = checkpoint.cosigned.iter().map(cosignature).collect();
    let groups: Vec<String> = receipt.openings.iter().map(opening).collect();
    format!(
        "{{\"valid\":true,\"origin\":{},\"index\":\"{}\",\"leaf\":\"{}\",\"kind\":{},\"size\":\"{}\",\"root\":\"{}\",\"cosigned\":[{}],\"groups\":[{}]{more}}}",
        text(&checkpoint.origin),
        receipt.leaf.index,
        receipt.leaf_hash,
        receipt.leaf.kind,
        checkpoint.size,
        checkpoint.root,
        cosigned.join(","),
        groups.join(","),
    )
}

fn total(sum: &Sum) -> String {
    format!(
        "{{\"currency\":{},\"total\":\"{}\"}}",
        sum.currency, sum.total
    )
}

fn holder(proof: &HolderProof, sum: &Sum) -> String {
    let kind = match proof.holder {
        Holder::Voucher(_) => "voucher",
        Holder::Merchant(_) => "merchant",
    };
    format!(
        "{{\"currency\":{},\"holder\":\"{kind}\",\"number\":\"{}\",\"value\":\"{}\",\"total\":\"{}\"}}",
        proof.currency,
        proof.holder.number(),
        proof.value,
        sum.total,
    )
}

fn bad(failure: &Failure) -> String {
    let check = failure.check();
    let reason = text(&failure.to_string());
    format!("{{\"valid\":false,\"check\":\"{check}\",\"reason\":{reason}}}")
}

/// Times and sizes are texts, because numbers of JavaScript end at 2^53.
fn cosignature(cosigned: &Cosigned) -> String {
    let witness = text(&cosigned.witness);
    format!("{{\"witness\":{witness},\"at\":\"{}\"}}", cosigned.at)
}

fn opening(opening: &Opening) -> String {
    let content = base64::encode(&opening.content);
    format!("{{\"group\":{},\"content\":\"{content}\"}}", opening.group)
}

/// A text of JSON (RFC 8259, section 7).
fn text(content: &str) -> String {
    let mut json = String::from("\"");
    for character in content.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            control if u32::from(control) < 0x20 => {
                json.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}
