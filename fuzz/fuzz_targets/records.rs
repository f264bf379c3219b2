//! Stored bytes: whatever decodes is written back byte for byte, and what an older format wrote is read on.
#![no_main]

use accounting::entry::Entry;
use libfuzzer_sys::fuzz_target;
use payment::payment::Payment;
use store::codec::wire::Record;
use store::codec::{FORMAT, decode, encode};
use voucher::voucher::Voucher;

fn is_canonical<T: Record>(bytes: &[u8]) {
    let Ok(record) = decode::<T>(bytes) else {
        return;
    };
    if bytes[0] == FORMAT {
        assert_eq!(encode(&record), bytes);
    } else {
        assert!(decode::<T>(&encode(&record)).is_ok());
    }
}

fuzz_target!(|bytes: &[u8]| {
    is_canonical::<Entry>(bytes);
    is_canonical::<Payment>(bytes);
    is_canonical::<Voucher>(bytes);
});
