//! The verifier for WebAssembly: functions that pass bytes over the border, and nothing else.
//!
//! A page allocates room for what it passes, fills it, calls, reads the answer and releases all of it. `verifier.mjs`
//! does that. There are no imports: the module can reach nothing but its own memory.
//!
//! A place is one number: where it starts in the upper half, how long it is in the lower. Answers are the JSON of
//! `verifier::report`, in a place. `now` is in seconds since 1970.

use std::ptr::slice_from_raw_parts_mut;
use std::slice;

use verifier::report;

/// Room for `length` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(length: usize) -> u64 {
    give(vec![0_u8; length])
}

/// Gives room back.
///
/// # Safety
///
/// The place is that of one call of `allocate` or of one answer, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn release(place: u64) {
    let (start, length) = parts(place);
    // SAFETY: the caller passes what `Box::into_raw` gave out, once.
    drop(unsafe { Box::from_raw(slice_from_raw_parts_mut(start.cast_mut(), length)) });
}

/// # Safety
///
/// The places are readable; so for every function below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_receipt(policy: u64, receipt: u64, now: u64) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, receipt) = unsafe { (read(policy), read(receipt)) };
    give(report::receipt(policy, receipt, now))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read_policy(policy: u64) -> u64 {
    // SAFETY: the caller allocated the place and filled it.
    give(report::policy(unsafe { read(policy) }))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_checkpoint(policy: u64, checkpoint: u64, now: u64) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, checkpoint) = unsafe { (read(policy), read(checkpoint)) };
    give(report::checkpoint(policy, checkpoint, now))
}

#[unsafe(no_mangle)]
pub extern "C" fn leaf_files(index: u64, size: u64) -> u64 {
    give(report::leaf_files(index, size))
}

#[unsafe(no_mangle)]
pub extern "C" fn growth_files(old: u64, new: u64) -> u64 {
    give(report::growth_files(old, new))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_leaf(
    policy: u64,
    checkpoint: u64,
    index: u64,
    files: u64,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, checkpoint, files) = unsafe { (read(policy), read(checkpoint), read(files)) };
    give(report::leaf(policy, checkpoint, index, files, now))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_growth(
    policy: u64,
    older: u64,
    newer: u64,
    files: u64,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, files) = unsafe { (read(policy), read(files)) };
    // SAFETY: likewise.
    let (older, newer) = unsafe { (read(older), read(newer)) };
    give(report::growth(policy, older, newer, files, now))
}

/// Checks a statement of liabilities, and a holder's proof unless its place is empty.
///
/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_liabilities(
    policy: u64,
    receipt: u64,
    statement: u64,
    proof: u64,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, receipt) = unsafe { (read(policy), read(receipt)) };
    // SAFETY: likewise.
    let (statement, proof) = unsafe { (read(statement), read(proof)) };
    give(report::liabilities(policy, receipt, statement, proof, now))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read_promise(policy: u64, promise: u64) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, promise) = unsafe { (read(policy), read(promise)) };
    give(report::promise(policy, promise))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn promise_files(
    policy: u64,
    checkpoint: u64,
    promise: u64,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, checkpoint, promise) = unsafe { (read(policy), read(checkpoint), read(promise)) };
    give(report::promise_files(policy, checkpoint, promise, now))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_promise(
    policy: u64,
    checkpoint: u64,
    promise: u64,
    files: u64,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, checkpoint, promise) = unsafe { (read(policy), read(checkpoint), read(promise)) };
    // SAFETY: likewise.
    let files = unsafe { read(files) };
    give(report::promise_outcome(
        policy, checkpoint, promise, files, now,
    ))
}

/// # Safety
///
/// As above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_promise_against(
    policy: u64,
    promise: u64,
    shown: u64,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated the places and filled them.
    let (policy, promise, shown) = unsafe { (read(policy), read(promise), read(shown)) };
    give(report::promise_against(policy, promise, shown, now))
}

/// # Safety
///
/// The place is readable, and stays so while the bytes are used.
unsafe fn read<'a>(place: u64) -> &'a [u8] {
    let (start, length) = parts(place);
    // SAFETY: the caller says so.
    unsafe { slice::from_raw_parts(start, length) }
}

fn parts(place: u64) -> (*const u8, usize) {
    (
        (place >> 32) as usize as *const u8,
        (place & 0xffff_ffff) as usize,
    )
}

fn give(bytes: impl Into<Vec<u8>>) -> u64 {
    let place = Box::into_raw(bytes.into().into_boxed_slice());
    (place.cast::<u8>() as u64) << 32 | place.len() as u64
}
