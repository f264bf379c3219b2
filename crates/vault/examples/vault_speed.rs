//! Measures what the vault does for each payment and each voucher.
//!
//! `cargo run --release -p vault --example vault_speed`

use std::hint::black_box;
use std::time::Instant;

use money::amount::Amount;
use vault::batch_file::{BatchWriter, Encoding, generate_identity};
use vault::pin::Pin;
use vault::pin_sequence::{PinSeed, PinSequence};
use vault::random::random_token;
use vault::serial::random_serial;
use vault::vault::{SealPurpose, Vault};

const VOUCHERS: u64 = 1_000_000;
const CALLS: u32 = 200_000;

fn main() {
    let vault = Vault::in_memory([7; 32]);
    let pin = Pin::generate();
    measure("random_token", random_token);
    measure("random_serial", random_serial);
    measure("pin_generate", Pin::generate);
    measure("pin_parse", || Pin::parse("0000 0000 0000 5724"));
    measure("pin_index", || vault.pin_index(&pin));
    measure("api_key_digest", || {
        vault.api_key_digest("psc_0123456789012345678901234567890")
    });
    measure("checkout_key", || {
        vault.checkout_key(b"pay_1000000007_01234567890123456789012345678901_EUR")
    });
    measure("seal", || {
        vault.seal(SealPurpose::DeliveredPin, b"record", &[0; 16])
    });
    for encoding in [Encoding::Binary, Encoding::Armored] {
        measure_batch(encoding);
    }
}

fn measure<T>(name: &str, mut call: impl FnMut() -> T) {
    let start = Instant::now();
    for _ in 0..CALLS {
        black_box(call());
    }
    println!("{name}: {} ns", (start.elapsed() / CALLS).as_nanos());
}

fn measure_batch(encoding: Encoding) {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let target = directory.path().join("batch.age");
    let sequence = PinSequence::from_seed(&PinSeed::generate());
    let amount = Amount::new(2_500, "EUR".parse().expect("the euro is a currency"));
    let start = Instant::now();
    let mut writer =
        BatchWriter::create(&target, &generate_identity().recipient, encoding).expect("a new file");
    for index in 0..VOUCHERS {
        let pin = sequence.pin_at(index, 0);
        writer
            .write_voucher(sequence.serial_at(index, 0), &pin, amount)
            .expect("room for the batch");
    }
    writer.finish().expect("room for the batch");
    println!(
        "batch_of_a_million_{encoding:?}: {} ms",
        start.elapsed().as_millis()
    );
}
