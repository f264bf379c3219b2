//! Answers as JSON, for pages that call the verifier from another language.
//!
//! Each is an object whose `valid` says whether all of it holds; else `check` names the check that failed, and `reason`
//! says why. Times (seconds since 1970), sizes and indexes are texts, because numbers of JavaScript end at 2^53.

mod json;
mod liabilities;
mod promises;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::base64;
use crate::checkpoint::{CURRENT_SECONDS_MAX, Checkpoint, Clock, Cosigned};
use crate::failure::{Failure, FilesFailure};
use crate::leaf::{Leaf, Opening};
use crate::merkle::{Hash, check_inclusion, leaf_hash};
use crate::policy::Policy;
use crate::promised::entry_in;
use crate::reading::{take, take_number};
use crate::receipt::Receipt;
use crate::walk::{Files, Walk};
use crate::words::{self, Says};
use json::{list, member, object, text};

pub use liabilities::liabilities;
pub use promises::{promise, promise_against, promise_files, promise_outcome};

/// Checks a receipt and says everything about it. `now` is in seconds since 1970; cosignatures do not become too old.
pub fn receipt(policy: &[u8], receipt: &[u8], now: u64) -> String {
    let checked = read_policy(policy)
        .and_then(|policy| Receipt::verify(receipt, &policy, ever(now)))
        .map(|receipt| {
            let mut members = signed(&receipt.checkpoint);
            members.extend(said_of(&receipt.leaf, receipt.leaf_hash));
            members.push(groups(&receipt.openings));
            members
        });
    answer(checked)
}

/// Says whom a policy believes.
pub fn policy(policy: &[u8]) -> String {
    let read = read_policy(policy).map(|policy| {
        let logs = policy.spelled_logs.iter().map(|key| text(key));
        let witnesses = policy.witnesses().iter().map(|witness| {
            object([
                member("name", text(&witness.name)),
                member("key", text(&witness.spelled)),
            ])
        });
        [
            member("logs", list(logs)),
            member("witnesses", list(witnesses)),
            member("quorum", text(policy.quorum())),
        ]
        .into()
    });
    answer(read)
}

/// Checks a checkpoint of the present: cosignatures count for an hour.
pub fn checkpoint(policy: &[u8], note: &[u8], now: u64) -> String {
    let clock = Clock {
        now,
        age_seconds_max: Some(CURRENT_SECONDS_MAX),
    };
    let read = read_policy(policy);
    let checked = read.and_then(|policy| Checkpoint::verify(note, &policy, clock));
    answer(checked.map(|checkpoint| signed(&checkpoint)))
}

/// The files that `leaf` needs, as a list of paths, each with that of the full file which may have taken its place.
pub fn leaf_files(index: u64, size: u64) -> String {
    paths(Files::of_leaf(index, size))
}

/// The files that `growth` needs; none where the sizes say all.
pub fn growth_files(old: u64, new: u64) -> String {
    if new <= old {
        return list([]);
    }
    paths(Files::of_growth(old, new))
}

/// Follows a checkpoint down to one leaf, builds the inclusion proof from the files and checks it. `files` has for each that
/// `leaf_files` names, in its order, the length in four bytes and the bytes.
pub fn leaf(policy: &[u8], note: &[u8], index: u64, files: &[u8], now: u64) -> String {
    answer(find_leaf(policy, note, index, files, now))
}

/// Checks by the files that `growth_files` names that the tree of `newer` begins with the whole of that of `older`.
pub fn growth(policy: &[u8], older: &[u8], newer: &[u8], files: &[u8], now: u64) -> String {
    answer(check_growth(policy, [older, newer], files, now))
}

fn find_leaf(
    policy: &[u8],
    note: &[u8],
    index: u64,
    files: &[u8],
    now: u64,
) -> Result<Vec<String>, Failure> {
    let policy = read_policy(policy)?;
    let checkpoint = Checkpoint::verify(note, &policy, ever(now))?;
    let mut walk = Walk::to_leaf(index, &checkpoint);
    let bundle = take_all(&mut walk, files)?;
    let proof = walk.inclusion(index);
    let entry = entry_in(bundle, index).unwrap_or_default();
    let hash = leaf_hash(entry);
    check_inclusion(hash, index, (checkpoint.size, checkpoint.root), &proof)?;
    walk.finish()?;
    let leaf = Leaf::parse(entry)?;
    let mut members = signed(&checkpoint);
    members.extend(said_of(&leaf, hash));
    members.push(member("bytes", text(&base64::encode(entry))));
    members.push(member("commitments", list(hashes(&leaf.commitments))));
    members.push(member("proof", list(hashes(&proof))));
    Ok(members)
}

fn check_growth(
    policy: &[u8],
    [older, newer]: [&[u8]; 2],
    files: &[u8],
    now: u64,
) -> Result<Vec<String>, Failure> {
    let policy = read_policy(policy)?;
    let older = Checkpoint::verify(older, &policy, ever(now))?;
    let newer = Checkpoint::verify(newer, &policy, ever(now))?;
    // Another log's tree may by chance be shorter or longer: that is told before any file is asked for.
    if older.origin != newer.origin || newer.size <= older.size {
        newer.check_grown_from(&older, &[])?;
        return Ok(signed(&newer));
    }
    let mut walk = Walk::from_older(&older, &newer);
    take_all(&mut walk, files)?;
    walk.finish()?;
    Ok(signed(&newer))
}

/// Gives a walk all its files; the last of them comes back.
fn take_all<'a>(walk: &mut Walk, mut files: &'a [u8]) -> Result<&'a [u8], Failure> {
    let mut last: &[u8] = &[];
    while let Some(file) = walk.next_file() {
        let path = || file.to_string();
        let length = take_number::<4>(&mut files).and_then(|length| usize::try_from(length).ok());
        let bytes = length.and_then(|length| take(&mut files, length));
        let bytes =
            bytes.ok_or_else(|| Failure::Files(FilesFailure::NotLookedAt { path: path() }))?;
        // In place of a partial file the full one may have come, which begins with it.
        last = match file.full() {
            Some(_) => file.cut_from(bytes)?,
            None => bytes,
        };
        walk.take(last)?;
    }
    Ok(last)
}

/// What is kept on purpose does not become too old.
fn ever(now: u64) -> Clock {
    Clock {
        now,
        age_seconds_max: None,
    }
}

fn read_policy(policy: &[u8]) -> Result<Policy, Failure> {
    let policy = str::from_utf8(policy).map_err(|_| Failure::Form {
        what: "the policy",
        reason: "is no text",
    })?;
    Policy::parse(policy)
}

fn answer(checked: Result<Vec<String>, Failure>) -> String {
    match checked {
        Ok(mut members) => {
            members.insert(0, member("valid", String::from("true")));
            object(members)
        }
        Err(failure) => object([
            member("valid", String::from("false")),
            member("check", text(failure.check())),
            member("reason", text(&failure.to_string())),
        ]),
    }
}

fn signed(checkpoint: &Checkpoint) -> Vec<String> {
    let cosigned = checkpoint.cosigned.iter().map(cosignature);
    [
        member("origin", text(&checkpoint.origin)),
        member("size", number(checkpoint.size)),
        member("root", text(&checkpoint.root.to_string())),
        member("cosigned", list(cosigned)),
    ]
    .into()
}

fn cosignature(cosigned: &Cosigned) -> String {
    object([
        member("witness", text(&cosigned.witness)),
        member("at", number(cosigned.at)),
    ])
}

fn said_of(leaf: &Leaf, hash: Hash) -> [String; 3] {
    [
        member("index", number(leaf.index)),
        member("leaf", text(&hash.to_string())),
        member("kind", leaf.kind.to_string()),
    ]
}

fn groups(openings: &[Opening]) -> String {
    let read = words::read(openings);
    let groups = openings.iter().zip(read).map(|(opening, read)| {
        let mut members = Vec::from([
            member("group", opening.group.to_string()),
            member("name", text(&read.name)),
            member("content", text(&base64::encode(&opening.content))),
        ]);
        members.push(match read.says {
            Says::Fields(fields) => member("fields", list(fields.iter().map(field))),
            Says::Digest(digest) => member("digest", text(&digest)),
            Says::Unreadable => member("unreadable", String::from("true")),
        });
        object(members)
    });
    member("groups", list(groups))
}

fn field(field: &words::Field) -> String {
    object([
        member("tag", field.tag.to_string()),
        member("name", text(&field.name)),
        member("value", text(&field.value)),
    ])
}

fn paths(files: Files) -> String {
    list(files.map(|file| {
        let full = file.full().map(|full| text(&full.to_string()));
        let mut members = Vec::from([member("path", text(&file.to_string()))]);
        members.extend(full.map(|full| member("full", full)));
        object(members)
    }))
}

fn hashes(hashes: &[Hash]) -> impl Iterator<Item = String> {
    hashes.iter().map(|hash| text(&hash.to_string()))
}

fn number(number: u64) -> String {
    format!("\"{number}\"")
}
