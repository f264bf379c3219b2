//! What is said of promises.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::checkpoint::Checkpoint;
use crate::failure::Failure;
use crate::promise::Promise;
use crate::promised::{self, Outcome, Shown};
use crate::report::json::{member, text};
use crate::report::{answer, ever, number, paths, read_policy, take_all};
use crate::walk::Files;

/// Reads a promise of a log that the policy knows.
pub fn promise(policy: &[u8], promise: &[u8]) -> String {
    let read = read_policy(policy).and_then(|policy| Promise::verify(promise, &policy));
    answer(read.map(|promise| said(&promise)))
}

/// The files that `promise_outcome` needs beside this checkpoint: `files`, a list as that of `leaf_files`.
pub fn promise_files(policy: &[u8], note: &[u8], promise: &[u8], now: u64) -> String {
    let wanted = || {
        let policy = read_policy(policy)?;
        let promise = Promise::verify(promise, &policy)?;
        let checkpoint = Checkpoint::verify(note, &policy, ever(now))?;
        promised::walk(&promise, &checkpoint)?;
        let files = Files::of_leaf(promise.index, checkpoint.size);
        Ok(Vec::from([member("files", paths(files))]))
    };
    answer(wanted())
}

/// What became of a promise, by a checkpoint of any age and the files that `promise_files` names, as `leaf` takes them:
/// `outcome` is kept, open, overdue or broken. What breaks it is then the text `shown`.
pub fn promise_outcome(
    policy: &[u8],
    note: &[u8],
    promise: &[u8],
    files: &[u8],
    now: u64,
) -> String {
    let judged = || {
        let policy = read_policy(policy)?;
        let promise = Promise::verify(promise, &policy)?;
        let checkpoint = Checkpoint::verify(note, &policy, ever(now))?;
        let mut walk = promised::walk(&promise, &checkpoint)?;
        let bundle = take_all(&mut walk, files)?;
        let shown = Shown {
            checkpoint: &checkpoint,
            note,
            policy: &policy,
            now,
        };
        let outcome = promised::judge(&promise, shown, walk, bundle)?;
        let mut members = said(&promise);
        members.push(member("size", number(checkpoint.size)));
        members.push(member("outcome", text(outcome.name())));
        if let Outcome::Broken { evidence } = outcome {
            members.push(member("shown", text(as_text(&evidence)?)));
        }
        Ok(members)
    };
    answer(judged())
}

/// What something that was kept says of a promise: `standing` is kept, broken, or open where it says nothing.
pub fn promise_against(policy: &[u8], promise: &[u8], shown: &[u8], now: u64) -> String {
    let judged = || {
        let policy = read_policy(policy)?;
        let promise = Promise::verify(promise, &policy)?;
        let standing = promised::against(shown, &promise, &policy, ever(now))?;
        let mut members = said(&promise);
        members.push(member("standing", text(&standing.name())));
        Ok(members)
    };
    answer(judged())
}

fn said(promise: &Promise) -> Vec<String> {
    [
        member("origin", text(&promise.origin)),
        member("index", number(promise.index)),
        member("leaf", text(&promise.leaf.to_string())),
        member("deadline", number(promise.deadline)),
    ]
    .into()
}

/// Checkpoints and proof files are texts, or they would not have been read.
fn as_text(evidence: &[u8]) -> Result<&str, Failure> {
    str::from_utf8(evidence).map_err(|_| Failure::Form {
        what: "the checkpoint",
        reason: "is no text",
    })
}
