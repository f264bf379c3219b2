//! Words with random content, each from one seed.

use std::net::IpAddr;
use std::sync::Arc;

use ids::command::{ApiKeyDigest, Fingerprint, IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId, RefundId};
use ids::party::{DistributorId, MerchantId, Mid};
use ids::time::{Span, Timestamp};
use ids::token::Token;
use ids::voucher::{Country, PinIndex, ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;

/// The generator splitmix64: plenty for tests, and it repeats.
pub struct Dice(pub u64);

impl Dice {
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    pub fn happens(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }

    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        self.happens().then(|| make(self))
    }

    pub fn list<T>(&mut self, mut make: impl FnMut(&mut Dice) -> T) -> Vec<T> {
        let count = self.below(4);
        (0..count).map(|_| make(self)).collect()
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.number() as u8)
    }

    pub fn sealed(&mut self) -> Arc<[u8]> {
        let length = self.below(40);
        (0..length).map(|_| self.number() as u8).collect()
    }

    pub fn text(&mut self) -> String {
        let letters = ['a', 'Z', '0', ' ', '"', 'ß', '€', '😀', '\n', '\0'];
        let length = self.below(20);
        (0..length).map(|_| self.pick(&letters)).collect()
    }

    /// Minor units as they occur.
    pub fn minor(&mut self) -> i64 {
        self.below(1_000_000_000) as i64
    }

    /// Any signed number, the extremes among them.
    pub fn signed(&mut self) -> i64 {
        match self.below(6) {
            0 => 0,
            1 => i64::MAX,
            2 => i64::MIN,
            3 => -1,
            _ => self.number().cast_signed() >> self.below(64),
        }
    }

    pub fn timestamp(&mut self) -> Timestamp {
        Timestamp(self.signed())
    }

    pub fn span(&mut self) -> Span {
        Span(self.signed())
    }

    pub fn sequence(&mut self) -> Sequence {
        Sequence(self.number() >> self.below(64))
    }

    pub fn currency(&mut self) -> Currency {
        self.pick(&[Currency::EUR, Currency::GBP, Currency::CHF, Currency::PLN])
    }

    pub fn amount(&mut self) -> Amount {
        Amount::new(self.minor(), self.currency())
    }

    pub fn token(&mut self) -> Token {
        let letters = ['a', 'Z', '0', '_', '-'];
        let length = 1 + self.below(41);
        let text: String = (0..length).map(|_| self.pick(&letters)).collect();
        text.parse().unwrap()
    }

    pub fn merchant_id(&mut self) -> MerchantId {
        MerchantId::new(1_000_000 + self.below(9_000_000) as u32).unwrap()
    }

    pub fn distributor_id(&mut self) -> DistributorId {
        DistributorId::new(1_000_000_000 + self.below(9_000_000_000)).unwrap()
    }

    pub fn mid(&mut self) -> Mid {
        Mid {
            merchant: self.merchant_id(),
            currency: self.currency(),
        }
    }

    pub fn payment_id(&mut self) -> PaymentId {
        PaymentId {
            mid: self.mid(),
            token: self.token(),
        }
    }

    pub fn refund_id(&mut self) -> RefundId {
        RefundId {
            mid: self.mid(),
            token: self.token(),
        }
    }

    pub fn order_id(&mut self) -> OrderId {
        OrderId {
            distributor: self.distributor_id(),
            token: self.token(),
        }
    }

    pub fn serial(&mut self) -> Serial {
        Serial::new(1_000_000_000_000_000 + self.below(9_000_000_000_000_000)).unwrap()
    }

    pub fn pin(&mut self) -> PinIndex {
        PinIndex(self.bytes())
    }

    pub fn product_id(&mut self) -> ProductId {
        ProductId::new(self.below(100_000) as u32).unwrap()
    }

    pub fn country(&mut self) -> Country {
        self.pick(&["DE", "AT", "GB", "PL"]).parse().unwrap()
    }

    pub fn digest(&mut self) -> ApiKeyDigest {
        ApiKeyDigest(self.bytes())
    }

    pub fn key(&mut self) -> IdempotencyKey {
        IdempotencyKey(self.bytes())
    }

    pub fn fingerprint(&mut self) -> Fingerprint {
        Fingerprint(self.bytes())
    }

    pub fn address(&mut self) -> IpAddr {
        if self.happens() {
            IpAddr::from(self.bytes::<4>())
        } else {
            IpAddr::from(self.bytes::<16>())
        }
    }
}
