//! Idempotency keys as the parties send them, and the digests under which they are kept for ever.

use accounting::entry::Idempotency;
use accounting::fact::Party;
use aws_lc_rs::digest::{Context, SHA256};
use ids::command::{Fingerprint, IdempotencyKey};

/// The longest key that is accepted, in characters.
pub const KEY_LENGTH_MAX: usize = 255;

/// What a party calls a command, and what the command asks for.
#[derive(Clone, Copy, Debug)]
pub struct ClientKey<'a> {
    pub party: Party,
    pub key: &'a str,
    /// Method and path, as in `POST /v1/payments`.
    pub operation: &'a str,
    pub body: &'a [u8],
}

/// A request that has no key, by the name that its party gave to what it is about.
///
/// paysafecard's clients send such a name and no key: whoever got no answer sends the same request again, and the same
/// request of one name is one command.
#[derive(Clone, Copy, Debug)]
pub struct NamedRequest<'a> {
    pub party: Party,
    /// The Correlation-ID.
    pub name: &'a str,
    /// Method, path and, where one path serves several steps, the step.
    pub operation: &'a str,
    pub body: &'a [u8],
}

impl ClientKey<'_> {
    /// Keys of two parties never meet; operation and body make the fingerprint.
    pub fn digest(&self) -> Idempotency {
        let (kind, number) = match self.party {
            Party::Merchant(id) => (b'm', u64::from(id.number())),
            Party::Distributor(id) => (b'd', id.number()),
            Party::Operator(id) => (b'o', u64::from(id.number())),
        };
        Idempotency {
            key: IdempotencyKey(truncated(&[
                &[kind],
                &number.to_be_bytes(),
                self.key.as_bytes(),
            ])),
            fingerprint: Fingerprint(truncated(&[self.operation.as_bytes(), b"\n", self.body])),
        }
    }
}

impl NamedRequest<'_> {
    /// A name stands for one request of each operation. Its keys never meet those that a party chooses itself.
    pub fn digest(&self) -> Idempotency {
        let (kind, number) = match self.party {
            Party::Merchant(id) => (b'M', u64::from(id.number())),
            Party::Distributor(id) => (b'D', id.number()),
            Party::Operator(id) => (b'O', u64::from(id.number())),
        };
        let operation = self.operation.as_bytes();
        let name = self.name.as_bytes();
        Idempotency {
            key: IdempotencyKey(truncated(&[
                &[kind],
                &number.to_be_bytes(),
                operation,
                b"\n",
                name,
            ])),
            fingerprint: Fingerprint(truncated(&[operation, b"\n", self.body])),
        }
    }
}

/// The first 128 bits of the SHA-256 of the parts, one after the other.
pub(crate) fn truncated(parts: &[&[u8]]) -> [u8; 16] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut first = [0; 16];
    first.copy_from_slice(&context.finish().as_ref()[..16]);
    first
}
