use super::*;

/// The first vectors of the authors' reference: key 00 01 .. 0f, input 00 01 .. of the given length.
#[test]
fn hash_is_siphash_2_4_as_published() {
    let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
    let table = [
        (0_usize, 0x726f_db47_dd0e_0e31_u64),
        (1, 0x74f8_39c5_93dc_67fd),
        (7, 0xab02_00f5_8b01_d137),
        (8, 0x93f5_f579_9a93_2462),
        (15, 0xa129_ca61_49be_45e5),
    ];
    for (length, expected) in table {
        let input: Vec<u8> = (0..length as u8).collect();
        let mut sip = Sip::new(key);
        sip.write(&input);
        assert_eq!(sip.finish(), expected, "{length} bytes");
    }
}

#[test]
fn key_keeps_its_kind_and_comes_back_from_its_bits() {
    let hasher = EntityHasher::new([1, 2]);
    for kind in EntityKind::ALL {
        let key = hasher.key(kind, b"one");
        assert_eq!(key.kind(), kind);
        assert_eq!(EntityKey::from_bits(key.bits()), Some(key));
    }
    assert_eq!(EntityKey::from_bits(0xf), None);
}

#[test]
fn same_id_of_another_kind_or_under_another_secret_is_another_entity() {
    let hasher = EntityHasher::new([1, 2]);
    let address = hasher.key(EntityKind::Address, b"192.0.2.1");
    assert_ne!(
        address.bits() >> KIND_BITS,
        hasher.key(EntityKind::Device, b"192.0.2.1").bits() >> KIND_BITS
    );
    let other = EntityHasher::new([1, 3]);
    assert_ne!(address, other.key(EntityKind::Address, b"192.0.2.1"));
    assert_ne!(
        EntityKey::pair(
            EntityKind::PayerAtMerchant,
            address,
            other.key(EntityKind::Merchant, b"m")
        ),
        EntityKey::pair(
            EntityKind::PayerAtMerchant,
            other.key(EntityKind::Merchant, b"m"),
            address
        )
    );
}
