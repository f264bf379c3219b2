//! The verifier for WebAssembly: a few functions that pass bytes over the border, and nothing else.
//!
//! A page allocates room for what it passes, fills it, calls, reads the answer and releases all of it. `verifier.mjs`
//! does that. There are no imports: the module can reach nothing but its own memory.

use std::ptr::slice_from_raw_parts_mut;
use std::slice;

/// Room for `length` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(length: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; length].into_boxed_slice()).cast()
}

/// Gives room back.
///
/// # Safety
///
/// `start` and `length` are those of one call of `allocate` or of one answer, and are not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn release(start: *mut u8, length: usize) {
    // SAFETY: the caller passes what `Box::into_raw` gave out, once.
    drop(unsafe { Box::from_raw(slice_from_raw_parts_mut(start, length)) });
}

/// Checks a receipt against a policy. `now` is in seconds since 1970.
///
/// The answer is JSON: where it starts, in the upper half of the number, and how long it is, in the lower.
///
/// # Safety
///
/// Both places are readable for as many bytes as their lengths say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verify_receipt(
    policy: *const u8,
    policy_length: usize,
    receipt: *const u8,
    receipt_length: usize,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated both and filled them.
    let (policy, receipt) = unsafe {
        (
            slice::from_raw_parts(policy, policy_length),
            slice::from_raw_parts(receipt, receipt_length),
        )
    };
    give(verifier::report::receipt(policy, receipt, now))
}

/// Checks a statement of liabilities with the receipt of its entry, and a holder's proof unless its length is nought.
///
/// The answer comes as with `verify_receipt`.
///
/// # Safety
///
/// All places are readable for as many bytes as their lengths say.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "no other kinds of values pass the border")]
pub unsafe extern "C" fn verify_liabilities(
    policy: *const u8,
    policy_length: usize,
    receipt: *const u8,
    receipt_length: usize,
    statement: *const u8,
    statement_length: usize,
    proof: *const u8,
    proof_length: usize,
    now: u64,
) -> u64 {
    // SAFETY: the caller allocated all of them and filled them.
    let (policy, receipt, statement, proof) = unsafe {
        (
            slice::from_raw_parts(policy, policy_length),
            slice::from_raw_parts(receipt, receipt_length),
            slice::from_raw_parts(statement, statement_length),
            slice::from_raw_parts(proof, proof_length),
        )
    };
    give(verifier::report::liabilities(
        policy, receipt, statement, proof, now,
    ))
}

fn give(answer: String) -> u64 {
    let answer = Box::into_raw(answer.into_bytes().into_boxed_slice());
    (answer.cast::<u8>() as u64) << 32 | answer.len() as u64
}
