//! A 64-bit hash whose values are stored. Each `views.db` has a seed of its own, so that nobody can
//! choose keys that collide.

use ids::command::IdempotencyKey;
use ids::object::{OrderId, PaymentId};
use ids::party::MerchantId;
use ids::voucher::{PinIndex, Serial};

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The seed of the stored hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(pub u64);

impl Seed {
    pub fn command(self, key: IdempotencyKey) -> u64 {
        self.bytes(&key.0)
    }

    pub fn pin(self, pin: PinIndex) -> u64 {
        self.bytes(&pin.0)
    }

    pub fn payment(self, id: PaymentId) -> u64 {
        let mid = u64::from(id.mid.merchant.number()) << 16 | u64::from(id.mid.currency.numeric());
        mix(self.bytes(id.token.as_bytes()), mid)
    }

    pub fn order(self, id: OrderId) -> u64 {
        mix(self.bytes(id.token.as_bytes()), id.distributor.number())
    }

    pub fn customer(self, merchant: MerchantId, customer: &str) -> u64 {
        mix(
            self.bytes(customer.as_bytes()),
            u64::from(merchant.number()),
        )
    }

    pub fn bytes(self, bytes: &[u8]) -> u64 {
        let start = mix(self.0, bytes.len() as u64);
        bytes.chunks(8).fold(start, |hash, chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mix(hash, u64::from_le_bytes(word))
        })
    }
}

/// The place of a serial in an index that lives in memory alone. Serials are the issuer's own random numbers.
pub(crate) fn serial(serial: Serial) -> u64 {
    mix(MULTIPLIER, serial.number())
}

/// The place of a PIN's index in memory: it is a keyed digest already.
pub(crate) fn pin(pin: PinIndex) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = pin.0;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// Multiplies to 128 bits and folds the halves, so that every bit of both words reaches every bit of the hash.
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word.rotate_left(29) ^ MULTIPLIER)
        .wrapping_mul(u128::from(word ^ 0xd6e8_feb8_6659_fd93));
    let [low, high] = [product as u64, (product >> 64) as u64];
    (low ^ high).wrapping_mul(MULTIPLIER) ^ (high >> 31)
}
