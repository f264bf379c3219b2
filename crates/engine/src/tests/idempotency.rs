//! Digests of keys and bodies.

use std::collections::HashSet;

use accounting::fact::Party;
use ids::party::{DistributorId, MerchantId};

use crate::idempotency::ClientKey;

const SHOP: Party = Party::Merchant(MerchantId::FIRST);
const PLAIN: ClientKey<'static> = ClientKey {
    party: SHOP,
    key: "key",
    operation: "POST /v1/payments",
    body: b"{}",
};

#[test]
fn the_key_stands_for_its_party_and_the_fingerprint_for_operation_and_body() {
    let plain = PLAIN.digest();
    assert_eq!(PLAIN.digest(), plain);
    let other_body = ClientKey {
        body: b"{ }",
        ..PLAIN
    };
    let other_operation = ClientKey {
        operation: "POST /v1/payment",
        ..PLAIN
    };
    for other in [other_body, other_operation] {
        assert_eq!(other.digest().key, plain.key, "{other:?}");
        assert_ne!(other.digest().fingerprint, plain.fingerprint, "{other:?}");
    }
}

#[test]
fn keys_of_two_parties_never_meet() {
    let parties = [
        SHOP,
        Party::Merchant(MerchantId::new(1_000_002).unwrap()),
        Party::Distributor(DistributorId::FIRST),
        Party::Distributor(DistributorId::new(2_000_000_002).unwrap()),
    ];
    let keys = ["", "key", "Key", "key "];
    let digests: HashSet<_> = parties
        .iter()
        .flat_map(|party| keys.map(|key| (*party, key)))
        .map(|(party, key)| {
            ClientKey {
                party,
                key,
                ..PLAIN
            }
            .digest()
            .key
        })
        .collect();
    assert_eq!(digests.len(), parties.len() * keys.len());
}

#[test]
fn digests_are_the_same_for_ever() {
    // Computed with the SHA-256 of Python's standard library: keys that were used must stay used.
    let digest = PLAIN.digest();
    assert_eq!(hex(digest.key.0), "8d1ef55c75d74d195f27e99af40b310b");
    assert_eq!(
        hex(digest.fingerprint.0),
        "8d601849e503052ebf55e18538a17a9c"
    );
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
