//! Entities: whoever and whatever takes part in attempts, known here by 64 bits alone.
//!
//! The key of the hash is the platform's secret, so that nobody can make up addresses or customer ids that fall together.
//! It must stay the same for as long as profiles live; with another key profiles are rebuilt from the journal.

/// What a profile is kept about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EntityKind {
    /// Who takes the money: a merchant, or the payee of a foreign stream.
    Merchant = 0,
    /// An account at the issuer, or the payer (card, account) of a foreign stream.
    Account = 1,
    /// A payer as one shop knows them; the id bytes name the shop as well.
    Customer = 2,
    /// An address from which an attempt came.
    Address = 3,
    /// The network of an address: its first 24 bits (IPv4) or 48 bits (IPv6).
    Network = 4,
    /// A browser or machine that kept our first-party cookie.
    Device = 5,
    /// A voucher, by its serial.
    Voucher = 6,
    /// A distributor's till at which vouchers are sold.
    Terminal = 7,
    Distributor = 8,
    /// A payer together with a merchant; made by [`EntityKey::pair`].
    PayerAtMerchant = 9,
    /// A terminal together with a merchant where its vouchers are spent; made by [`EntityKey::pair`].
    TerminalToMerchant = 10,
    /// One payment, for the wrong PINs typed into it.
    Payment = 11,
    /// One value of a free attribute of a foreign stream; the id bytes name the attribute as well.
    Category = 12,
    /// Everybody whom nobody knows, at one shop or at all of them; see [`crate::profile::stranger`].
    Strangers = 13,
    /// A payer together with a device; made by [`EntityKey::pair`].
    PayerOnDevice = 14,
}

/// The number of kinds; kinds are numbered from 0.
pub const KINDS: usize = 15;

const KIND_BITS: u32 = 4;

impl EntityKind {
    pub const ALL: [EntityKind; KINDS] = [
        EntityKind::Merchant,
        EntityKind::Account,
        EntityKind::Customer,
        EntityKind::Address,
        EntityKind::Network,
        EntityKind::Device,
        EntityKind::Voucher,
        EntityKind::Terminal,
        EntityKind::Distributor,
        EntityKind::PayerAtMerchant,
        EntityKind::TerminalToMerchant,
        EntityKind::Payment,
        EntityKind::Category,
        EntityKind::Strangers,
        EntityKind::PayerOnDevice,
    ];

    pub const fn index(self) -> usize {
        self as usize
    }
}

/// An entity: 60 bits of a keyed hash of its kind and id, and the kind.
///
/// Two of ten million entities share a key with a probability of 1 in 20,000; they would share a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityKey(u64);

impl EntityKey {
    /// The key with these bits, as [`EntityKey::bits`] gave them; none if they name no kind.
    pub fn from_bits(bits: u64) -> Option<EntityKey> {
        let kind = bits & ((1 << KIND_BITS) - 1);
        (kind < KINDS as u64).then_some(EntityKey(bits))
    }

    pub const fn bits(self) -> u64 {
        self.0
    }

    pub fn kind(self) -> EntityKind {
        EntityKind::ALL[(self.0 & ((1 << KIND_BITS) - 1)) as usize]
    }

    /// The link between two entities, as an entity of its own; the order of the two matters.
    pub fn pair(kind: EntityKind, first: EntityKey, second: EntityKey) -> EntityKey {
        let mixed = mix(mix(first.0).wrapping_add(second.0));
        EntityKey::new(kind, mixed)
    }

    fn new(kind: EntityKind, hash: u64) -> EntityKey {
        EntityKey((hash << KIND_BITS) | kind as u64)
    }
}

/// Makes keys of ids. Prints nothing of its secret.
#[derive(Clone, Copy)]
pub struct EntityHasher {
    key: [u64; 2],
}

impl std::fmt::Debug for EntityHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EntityHasher(..)")
    }
}

impl EntityHasher {
    /// A hasher with the platform's key of 128 bits.
    pub const fn new(key: [u64; 2]) -> EntityHasher {
        EntityHasher { key }
    }

    /// The entity of this kind whose id has these bytes: SipHash-2-4 over the kind and the id.
    pub fn key(&self, kind: EntityKind, id: &[u8]) -> EntityKey {
        let mut sip = Sip::new(self.key);
        sip.write(&[kind as u8]);
        sip.write(id);
        EntityKey::new(kind, sip.finish())
    }
}

/// The finaliser of SplitMix64: every bit of the input changes half of the output.
pub(crate) const fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// SipHash-2-4 (Aumasson and Bernstein 2012). The standard library's own is another variant, and not promised to stay.
struct Sip {
    state: [u64; 4],
    tail: u64,
    length: u64,
}

impl Sip {
    fn new(key: [u64; 2]) -> Sip {
        let state = [
            key[0] ^ 0x736f_6d65_7073_6575,
            key[1] ^ 0x646f_7261_6e64_6f6d,
            key[0] ^ 0x6c79_6765_6e65_7261,
            key[1] ^ 0x7465_6462_7974_6573,
        ];
        Sip {
            state,
            tail: 0,
            length: 0,
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.tail |= u64::from(*byte) << (8 * (self.length % 8));
            self.length = self.length.wrapping_add(1);
            if self.length.is_multiple_of(8) {
                self.word(self.tail);
                self.tail = 0;
            }
        }
    }

    fn finish(mut self) -> u64 {
        self.word(self.tail | (self.length << 56));
        self.state[2] ^= 0xff;
        self.rounds(4);
        self.state[0] ^ self.state[1] ^ self.state[2] ^ self.state[3]
    }

    fn word(&mut self, word: u64) {
        self.state[3] ^= word;
        self.rounds(2);
        self.state[0] ^= word;
    }

    fn rounds(&mut self, count: u32) {
        let [mut a, mut b, mut c, mut d] = self.state;
        for _ in 0..count {
            a = a.wrapping_add(b);
            b = b.rotate_left(13) ^ a;
            a = a.rotate_left(32);
            c = c.wrapping_add(d);
            d = d.rotate_left(16) ^ c;
            a = a.wrapping_add(d);
            d = d.rotate_left(21) ^ a;
            c = c.wrapping_add(b);
            b = b.rotate_left(17) ^ c;
            c = c.rotate_left(32);
        }
        self.state = [a, b, c, d];
    }
}

#[cfg(test)]
mod tests;
