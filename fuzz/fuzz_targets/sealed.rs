//! Sealed form fields and stored secrets that somebody has changed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vault::vault::{SealPurpose, Vault};

fuzz_target!(|bytes: &[u8]| {
    let vault = Vault::in_memory([1; 32]);
    assert!(vault.open_sealed(SealPurpose::CheckoutState, b"payment", bytes).is_err());
});
