use super::*;

#[test]
fn addresses_are_spelled_as_eip_55_says() {
    // The examples of EIP-55.
    for spelled in [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ] {
        let address: Address = spelled.parse().expect("an address");
        assert_eq!(address.to_string(), spelled);
        assert_eq!(spelled.to_lowercase().parse(), Ok(address));
        let capital = spelled.find(char::is_uppercase).expect("a capital");
        let mut mistyped = spelled.to_owned();
        let small = mistyped[capital..=capital].to_lowercase();
        mistyped.replace_range(capital..=capital, &small);
        assert_eq!(mistyped.parse::<Address>(), Err(WordError::Checksum));
    }
    for wrong in [
        "",
        "0x",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5a",
        "0xzz",
    ] {
        assert_eq!(wrong.parse::<Address>(), Err(WordError::Address), "{wrong}");
    }
}

#[test]
fn keccak_is_the_one_from_before_the_standard() {
    let of_nothing = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert_eq!(keccak(b"").to_string(), of_nothing);
}

#[test]
fn quantities_are_read_as_they_are_spelled() {
    for number in [0, 1, 15, 16, u128::from(u64::MAX), u128::MAX] {
        assert_eq!(parse_quantity(&quantity(number)), Some(number));
    }
    for wrong in [
        "",
        "0x",
        "1",
        "0xg",
        "0x+1",
        "0x100000000000000000000000000000000",
    ] {
        assert_eq!(parse_quantity(wrong), None, "{wrong}");
    }
}
