//! Stored bytes: whatever decodes is written back byte for byte.
#![no_main]

use accounting::entry::Entry;
use libfuzzer_sys::fuzz_target;
use payment::payment::Payment;
use store::codec::wire::Record;
use store::codec::{decode, encode};
use voucher::voucher::Voucher;

fn is_canonical<T: Record>(bytes: &[u8]) {
    if let Ok(record) = decode::<T>(bytes) {
        assert_eq!(encode(&record), bytes);
    }
}

fuzz_target!(|bytes: &[u8]| {
    is_canonical::<Entry>(bytes);
    is_canonical::<Payment>(bytes);
    is_canonical::<Voucher>(bytes);
});
