//! Bounds that no merchant's terms can lift.

use std::time::Duration;

use money::currency::Currency;

/// The most that one payment may ask for: 1000 EUR or about as much in another currency, in minor units.
pub fn payment_max_minor(currency: Currency) -> i64 {
    let units = match currency.code() {
        "GBP" => 900,
        "CHF" => 1_000,
        "PLN" => 4_300,
        "CZK" => 25_000,
        "SEK" | "NOK" => 11_500,
        "DKK" => 7_500,
        "RON" => 5_000,
        "HUF" => 400_000,
        "USD" => 1_100,
        "CAD" => 1_500,
        "AUD" => 1_700,
        "MXN" => 20_000,
        _ => 1_000,
    };
    units * 10_i64.pow(currency.exponent())
}

/// The most that one voucher can be worth, minor units: nine million of them fit into an account.
pub const FACE_MAX_MINOR: i64 = 1_000_000_000_000;
/// Commands that wait for the next batch; more are turned away at once.
pub const QUEUE_LENGTH_MAX: usize = 8_192;
/// Commands in one batch: more add latency and no speed.
pub const BATCH_SIZE_MAX: usize = 256;
/// How long a batch of more than one command waits for others.
pub const GATHER_TIME: Duration = Duration::from_micros(100);
/// How often a batch that met a conflict is decided again.
pub const CONFLICT_RETRIES_MAX: u32 = 8;
