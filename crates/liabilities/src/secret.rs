//! What hides the balances of one statement. All of it follows by HKDF-Expand with SHA-256 (RFC 5869, section 2.3) from one
//! secret, so nothing secret is stored and any node makes the same tree.

use std::fmt;

use accounting::claim::Holder;
use curve25519_dalek::scalar::Scalar;
use hkdf::Hkdf;
use money::currency::Currency;
use sha2::Sha256;

use crate::bytes::{self, holder_kind, holder_number};

pub const SECRET_BYTES: usize = 32;

const LEAF: &[u8] = b"scrip/liabilities/leaf-secrets/v1\0";
const PADDING: &[u8] = b"scrip/liabilities/padding/v1\0";
const POSITION: &[u8] = b"scrip/liabilities/position/v1\0";
const PROOF: &[u8] = b"scrip/liabilities/proof/v1\0";

/// The secret of one statement in one currency.
#[derive(Clone)]
pub struct Secret {
    expand: Hkdf<Sha256>,
    currency: Currency,
}

/// What hides a leaf.
pub struct LeafSecrets {
    pub blinding: Scalar,
    pub salt: [u8; 32],
}

/// What stands where no holder is.
pub struct Padding {
    pub blinding: Scalar,
    pub hash: [u8; 32],
}

impl Secret {
    /// `statement` is random to everybody else and follows from [`crate::owed::Owed::name`], so that other balances have
    /// another one.
    pub fn new(statement: &[u8; SECRET_BYTES], currency: Currency) -> Secret {
        let expand = Hkdf::from_prk(statement).expect("a key of HKDF has at least 32 bytes");
        Secret { expand, currency }
    }

    pub fn currency(&self) -> Currency {
        self.currency
    }

    pub fn leaf(&self, holder: Holder) -> LeafSecrets {
        let (blinding, salt) = self.wide(&[
            LEAF,
            &bytes::currency(self.currency),
            &[holder_kind(holder)],
            &holder_number(holder).to_be_bytes(),
        ]);
        LeafSecrets { blinding, salt }
    }

    /// Of the node at this depth below the root, whose way there is `prefix`.
    pub fn padding(&self, depth: u8, prefix: u32) -> Padding {
        let (blinding, hash) = self.wide(&[
            PADDING,
            &bytes::currency(self.currency),
            &[depth],
            &prefix.to_be_bytes(),
        ]);
        Padding { blinding, hash }
    }

    /// Where a holder's leaf stands, if nobody is there: where somebody is, the next try counts.
    pub fn position(&self, holder: Holder, tries: u32) -> u32 {
        let info: [&[u8]; 5] = [
            POSITION,
            &bytes::currency(self.currency),
            &[holder_kind(holder)],
            &holder_number(holder).to_be_bytes(),
            &tries.to_be_bytes(),
        ];
        let mut position = [0; 4];
        self.fill(&info, &mut position);
        u32::from_be_bytes(position)
    }

    /// From what the range proof for the leaf at this position draws. What it proves follows from the same secret, so two
    /// different proofs never draw the same.
    pub fn proof_seed(&self, position: u32) -> [u8; 32] {
        let mut seed = [0; 32];
        let currency = bytes::currency(self.currency);
        self.fill(&[PROOF, &currency, &position.to_be_bytes()], &mut seed);
        seed
    }

    fn wide(&self, info: &[&[u8]]) -> (Scalar, [u8; 32]) {
        let mut derived = [0; 96];
        self.fill(info, &mut derived);
        let (wide, rest) = derived.split_at(64);
        let wide = wide.try_into().expect("the first part has 64 bytes");
        let rest = rest.try_into().expect("the rest has 32 bytes");
        (Scalar::from_bytes_mod_order_wide(wide), rest)
    }

    fn fill(&self, info: &[&[u8]], derived: &mut [u8]) {
        self.expand
            .expand_multi_info(info, derived)
            .expect("HKDF gives 255 blocks, and three are asked for at most");
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret(.. in {})", self.currency)
    }
}
