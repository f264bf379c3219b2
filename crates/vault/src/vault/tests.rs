use std::collections::HashSet;

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::api_key::{API_KEY_PREFIX, generate_api_key};

const PURPOSES: [SealPurpose; 7] = [
    SealPurpose::DeliveredPin,
    SealPurpose::BatchSeed,
    SealPurpose::WebhookSecret,
    SealPurpose::CheckoutState,
    SealPurpose::OwnerContact,
    SealPurpose::OwnerLink,
    SealPurpose::LeafSeeds,
];

fn vault() -> Vault {
    Vault::in_memory([7; 32])
}

fn pin() -> Pin {
    Pin::parse("0000 0000 0000 5724").unwrap()
}

#[test]
fn known_key_keeps_its_indexes_for_ever() {
    // Computed with the HMAC of Python's standard library: a voucher that was issued must be found by later releases.
    assert_eq!(
        hex::encode(vault().pin_index(&pin()).0),
        "02bcf2ceaff49dcd09383af8eb01c6d7"
    );
    assert_eq!(
        hex::encode(vault().api_key_digest("psc_test")),
        "ec379b4e62dcef3df4deb5e1a1dd2a5629f2bdab65ae61b35452ee930d116638"
    );
    assert_eq!(
        vault().checkout_key(b"pay_1").to_hex(),
        "725b2c60d10834b61b5ed91c53702f99"
    );
    assert_eq!(vault().key_id().to_string(), "95e46bc9e64c0687");
    // A log's key is pinned by everybody who checks it. Computed from HMAC and the steps of RFC 8032, section 5.1.5.
    assert_eq!(
        hex::encode(vault().log_key("voucher.example/log1").public()),
        "545a11d888b603c4400b8d660b4864b6a641f8166571b34ef0ca9a827fff4e8f"
    );
}

#[test]
fn known_key_keeps_its_digests_of_addresses_requests_and_letters_for_ever() {
    // Computed like those above: an address that refused letters must be known by later releases, and an order repeated.
    assert_eq!(
        hex::encode(vault().owner_address("anna@example.org")),
        "9a00241a943c2edd8dd9cf6c1319c84f"
    );
    assert_eq!(
        hex::encode(vault().request_fingerprint(&[9; 16])),
        "0b3cd057bf55736c94bfbc8e35671866"
    );
    assert_eq!(
        hex::encode(vault().letter_id(b"owner.frozen 17 1234567890124933")),
        "8595f89af8b96bdcf5bd240c4c68e060"
    );
}

#[test]
fn same_pin_has_another_index_under_another_key() {
    assert_ne!(
        vault().pin_index(&pin()),
        Vault::in_memory([8; 32]).pin_index(&pin())
    );
    assert_ne!(vault().key_id(), Vault::in_memory([8; 32]).key_id());
}

#[test]
fn keys_of_different_purposes_give_unrelated_tags() {
    let vault = vault();
    let digits = pin().expose();
    let tags = [
        vault.pin_index(&pin()).0,
        vault.api_key_digest(digits.expose_secret())[..16]
            .try_into()
            .unwrap(),
        vault.checkout_key(digits.expose_secret().as_bytes()).0,
    ];
    assert_eq!(HashSet::from(tags).len(), 3);
}

#[test]
fn each_log_has_a_key_of_its_own_that_signs_alike_each_time() {
    let [one, again, other] = ["log1", "log1", "log2"].map(|origin| vault().log_key(origin));
    assert_eq!(one.public(), again.public());
    assert_ne!(one.public(), other.public());
    assert_eq!(one.sign(b"a tree"), again.sign(b"a tree"));
    assert_ne!(one.sign(b"a tree"), one.sign(b"another tree"));
    assert_eq!(format!("{one:?}"), "LogKey([redacted])");
}

#[test]
fn seeds_are_drawn_one_for_each_entry() {
    let seeds = vault().draw_seeds(300);
    assert_eq!(HashSet::<[u8; 32]>::from_iter(seeds).len(), 300);
    assert!(vault().draw_seeds(0).is_empty());
}

#[test]
fn api_key_is_found_by_its_digest() {
    let key = generate_api_key(API_KEY_PREFIX);
    let other = generate_api_key(API_KEY_PREFIX);
    assert_eq!(
        vault().api_key_digest(key.expose_secret()),
        vault().api_key_digest(key.expose_secret())
    );
    assert_ne!(
        vault().api_key_digest(key.expose_secret()),
        vault().api_key_digest(other.expose_secret())
    );
}

#[test]
fn checkout_key_opens_its_own_payment_only() {
    let vault = vault();
    let key = vault.checkout_key(b"pay_1").to_hex();
    assert!(vault.is_checkout_key(b"pay_1", &key));
    assert!(!vault.is_checkout_key(b"pay_2", &key));
    for candidate in [
        "",
        "00",
        "0123456789abcdef0123456789abcdef",
        &key[1..],
        &format!("{key}00"),
        "zz",
    ] {
        assert!(!vault.is_checkout_key(b"pay_1", candidate), "{candidate}");
    }
}

#[test]
fn sealed_field_opens_only_for_its_purpose_record_and_key() {
    let vault = vault();
    for purpose in PURPOSES {
        let sealed = vault.seal(purpose, b"record 1", b"secret");
        assert_eq!(sealed.len(), SEALED_OVERHEAD + 6);
        assert_eq!(
            vault
                .open_sealed(purpose, b"record 1", &sealed)
                .unwrap()
                .as_slice(),
            b"secret"
        );
        for other in PURPOSES.into_iter().filter(|&other| other != purpose) {
            assert_eq!(
                vault.open_sealed(other, b"record 1", &sealed).unwrap_err(),
                OpenError::NotAuthentic
            );
        }
        assert_eq!(
            vault
                .open_sealed(purpose, b"record 2", &sealed)
                .unwrap_err(),
            OpenError::NotAuthentic
        );
        let other_vault = Vault::in_memory([8; 32]);
        assert_eq!(
            other_vault
                .open_sealed(purpose, b"record 1", &sealed)
                .unwrap_err(),
            OpenError::NotAuthentic
        );
    }
}

#[test]
fn field_sealed_by_an_earlier_release_opens() {
    // Computed with AES-256-GCM-SIV of the Python package `cryptography`, for the nonce 00 01 .. 0b.
    let sealed =
        hex::decode("01000102030405060708090a0bd9fd37c22a64510ed5522d67baaa69c315583aae7fc4")
            .unwrap();
    let opened = vault().open_sealed(SealPurpose::DeliveredPin, b"record 1", &sealed);
    assert_eq!(opened.unwrap().as_slice(), b"secret");
}

#[test]
fn equal_fields_are_sealed_differently() {
    let seal = || vault().seal(SealPurpose::DeliveredPin, b"", b"secret");
    assert_ne!(seal(), seal());
}

#[test]
fn record_that_is_no_sealed_field_is_told_apart() {
    let open = |sealed: &[u8]| {
        vault()
            .open_sealed(SealPurpose::BatchSeed, b"", sealed)
            .unwrap_err()
    };
    assert_eq!(open(b""), OpenError::TooShort { length: 0 });
    assert_eq!(
        open(&[SEALED_VERSION; SEALED_OVERHEAD - 1]),
        OpenError::TooShort {
            length: SEALED_OVERHEAD - 1
        }
    );
    assert_eq!(
        open(&[2; SEALED_OVERHEAD]),
        OpenError::UnknownVersion { found: 2 }
    );
    assert_eq!(
        open(&[SEALED_VERSION; SEALED_OVERHEAD]),
        OpenError::NotAuthentic
    );
}

#[test]
fn debug_shows_no_key() {
    assert_eq!(
        format!("{:?}", vault()),
        format!("Vault({})", vault().key_id())
    );
    assert_eq!(
        format!("{:?}", vault().checkout_key(b"pay_1")),
        "CheckoutKey([redacted])"
    );
}

proptest! {
    #[test]
    fn what_is_sealed_opens_and_any_changed_byte_is_refused(
        plaintext in prop::collection::vec(any::<u8>(), 0..200),
        associated_data in prop::collection::vec(any::<u8>(), 0..40),
        position in any::<prop::sample::Index>(),
        change in 1..=u8::MAX,
    ) {
        let vault = vault();
        let purpose = SealPurpose::CheckoutState;
        let mut sealed = vault.seal(purpose, &associated_data, &plaintext);
        let opened = vault.open_sealed(purpose, &associated_data, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), &plaintext);
        let position = position.index(sealed.len());
        sealed[position] ^= change;
        prop_assert!(vault.open_sealed(purpose, &associated_data, &sealed).is_err());
    }

    #[test]
    fn any_bytes_are_answered_without_panic(sealed in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(vault().open_sealed(SealPurpose::DeliveredPin, b"", &sealed).is_err());
    }
}
