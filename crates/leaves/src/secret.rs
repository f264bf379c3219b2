//! What hides an entry's groups and opens them: a random seed, from which each group's salt follows, or what erasing left
//! of it.
//!
//! The secrets of entries that were committed together are kept together, sealed as one:
//!
//! ```text
//! 0x01 | secret ...
//! secret = 0x00 | seed (32)
//!        | 0x01 | 5 times: 0x00 | salt (32), or 0x01 | commitment (32)
//! ```

use std::fmt;

use sha2::block_api::compress256;
use thiserror::Error;
use tlog::leaf::{Commitment, FieldGroup, Opening, Salt};

use crate::groups::Groups;

pub const SEED_BYTES: usize = 32;
const FORMAT: u8 = 0x01;
const SALT_CONTEXT: &[u8] = b"scrip/leaf-salt/v1\0";
const BLOCK_BYTES: usize = 64;

/// Random bytes of one entry, never used twice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; SEED_BYTES]);

/// What an entry's leaf is computed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    Seed(Seed),
    /// Some groups were erased.
    Parts(Box<[Part; FieldGroup::ALL.len()]>),
}

/// What is left of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Salt(Salt),
    /// It can be opened by nobody any more; the leaf stays the same.
    Erased(Commitment),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the secrets of a run of entries are damaged")]
pub struct NotSecrets;

impl Seed {
    pub const fn new(bytes: [u8; SEED_BYTES]) -> Self {
        Self(bytes)
    }

    /// HKDF-Expand with SHA-256 (RFC 5869, section 2.3); the seed is random, so nothing has to be extracted.
    pub fn salt(&self, group: FieldGroup) -> Salt {
        Expander::of(&self.0).salt(group)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seed(..)")
    }
}

impl Secret {
    /// The group's opening; none if the group was erased.
    pub fn opening(&self, groups: &Groups, group: FieldGroup) -> Option<Opening> {
        match self.part(group) {
            Part::Salt(salt) => Some(Opening {
                group,
                salt,
                content: groups.bytes(group).to_vec(),
            }),
            Part::Erased(_) => None,
        }
    }

    /// Those to all groups, in their order.
    pub fn commitments(&self, groups: &Groups) -> Vec<Commitment> {
        let commit = |(group, part)| match part {
            Part::Salt(salt) => Commitment::to(group, salt, groups.bytes(group)),
            Part::Erased(commitment) => commitment,
        };
        let parts = match self {
            Self::Seed(Seed(seed)) => {
                let expander = Expander::of(seed);
                FieldGroup::ALL.map(|group| Part::Salt(expander.salt(group)))
            }
            Self::Parts(parts) => **parts,
        };
        FieldGroup::ALL.into_iter().zip(parts).map(commit).collect()
    }

    /// The secret after a group of these was erased. The leaf stays as it is.
    #[must_use]
    pub fn without(&self, erased: FieldGroup, groups: &Groups) -> Self {
        let commitments = self.commitments(groups);
        let parts = FieldGroup::ALL.map(|group| match self.part(group) {
            Part::Salt(_) if group == erased => {
                Part::Erased(commitments[usize::from(group.position())])
            }
            part => part,
        });
        Self::Parts(Box::new(parts))
    }

    fn part(&self, group: FieldGroup) -> Part {
        match self {
            Self::Seed(seed) => Part::Salt(seed.salt(group)),
            Self::Parts(parts) => parts[usize::from(group.position())],
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Seed(seed) => {
                bytes.push(0);
                bytes.extend(seed.0);
            }
            Self::Parts(parts) => {
                bytes.push(1);
                for part in parts.iter() {
                    let (kind, part) = match part {
                        Part::Salt(salt) => (0, salt.as_bytes()),
                        Part::Erased(commitment) => (1, commitment.as_bytes()),
                    };
                    bytes.push(kind);
                    bytes.extend(part);
                }
            }
        }
    }

    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (kind, rest) = bytes.split_first()?;
        match kind {
            0 => {
                let (seed, rest) = rest.split_first_chunk()?;
                Some((Self::Seed(Seed(*seed)), rest))
            }
            1 => {
                let mut rest = rest;
                let mut parts = [Part::Salt(Salt::new([0; 32])); FieldGroup::ALL.len()];
                for part in &mut parts {
                    (*part, rest) = read_part(rest)?;
                }
                Some((Self::Parts(Box::new(parts)), rest))
            }
            _ => None,
        }
    }
}

fn read_part(bytes: &[u8]) -> Option<(Part, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (part, rest) = rest.split_first_chunk()?;
    match kind {
        0 => Some((Part::Salt(Salt::new(*part)), rest)),
        1 => Some((Part::Erased(Commitment::new(*part)), rest)),
        _ => None,
    }
}

/// The bytes in which the secrets of entries that follow one another are sealed.
pub fn encode(secrets: &[Secret]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + secrets.len() * (1 + SEED_BYTES));
    bytes.push(FORMAT);
    secrets.iter().for_each(|secret| secret.write(&mut bytes));
    bytes
}

/// The secrets of exactly `count` entries.
pub fn decode(bytes: &[u8], count: usize) -> Result<Vec<Secret>, NotSecrets> {
    let (format, mut rest) = bytes.split_first().ok_or(NotSecrets)?;
    if *format != FORMAT {
        return Err(NotSecrets);
    }
    let mut secrets = Vec::new();
    for _ in 0..count {
        let (secret, behind) = Secret::read(rest).ok_or(NotSecrets)?;
        secrets.push(secret);
        rest = behind;
    }
    if rest.is_empty() {
        Ok(secrets)
    } else {
        Err(NotSecrets)
    }
}

/// HKDF-Expand with SHA-256 under one key, as far as its first block. What HMAC (RFC 2104) does with the key alone is done
/// once, and what is hashed behind it is one block each time, so the function that hashes blocks is used as it is.
pub(crate) struct Expander {
    inner: Sha256State,
    outer: Sha256State,
}

/// SHA-256 between two blocks (FIPS 180-4, section 6.2).
#[derive(Clone, Copy)]
struct Sha256State([u32; 8]);

impl Expander {
    /// The key is shorter than a block of the hash.
    pub fn of(key: &[u8; SEED_BYTES]) -> Self {
        let pad = |byte: u8| {
            let mut block = [byte; BLOCK_BYTES];
            for (place, key) in block.iter_mut().zip(key) {
                *place ^= key;
            }
            Sha256State::INITIAL.after(block)
        };
        Self {
            inner: pad(0x36),
            outer: pad(0x5c),
        }
    }

    /// HMAC over `info`, of which these are the parts, and the block's number.
    ///
    /// # Panics
    ///
    /// If `info` has more than 54 bytes.
    pub fn first_block(&self, info: [&[u8]; 2]) -> [u8; 32] {
        let inner = self.inner.last([info[0], info[1], &[1]]);
        self.outer.last([&inner, &[], &[]])
    }

    fn salt(&self, group: FieldGroup) -> Salt {
        Salt::new(self.first_block([SALT_CONTEXT, &[group.position()]]))
    }
}

impl Sha256State {
    /// FIPS 180-4, section 5.3.3.
    const INITIAL: Self = Self([
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ]);

    fn after(mut self, block: [u8; BLOCK_BYTES]) -> Self {
        compress256(&mut self.0, &[block]);
        self
    }

    /// The digest, if one block came before and all that is left fits into one with its padding (FIPS 180-4, section 5.1.1).
    fn last(self, parts: [&[u8]; 3]) -> [u8; 32] {
        const LENGTH_AT: usize = BLOCK_BYTES - 8;
        let mut block = [0; BLOCK_BYTES];
        let mut end = 0;
        for part in parts {
            block[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        }
        assert!(end < LENGTH_AT, "one block holds all that is left");
        block[end] = 0x80;
        let bits = 8 * (BLOCK_BYTES + end) as u64;
        block[LENGTH_AT..].copy_from_slice(&bits.to_be_bytes());
        let mut digest = [0; 32];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.after(block).0) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }
}
