use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn wishes_come_out_as_they_went_in(
        refuses in any::<bool>(),
        times in prop::collection::vec(any::<i64>(), 0..8),
    ) {
        let wishes = Wishes {
            answer: if refuses { Answer::Refuses } else { Answer::None },
            asked_at: times.into_iter().map(Timestamp).collect(),
        };
        prop_assert_eq!(Wishes::decode(&wishes.encode()), wishes);
    }

    #[test]
    fn no_bytes_make_decoding_fail_and_unknown_ones_forbid_to_ask(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let wishes = Wishes::decode(&bytes);
        if bytes.first() != Some(&FORMAT) {
            prop_assert_eq!(wishes.answer, Answer::Refuses);
        }
    }
}

#[test]
fn addresses_of_one_mailbox_have_one_name_which_only_the_key_tells() {
    let vault = Vault::in_memory([7; 32]);
    let named = |vault: &Vault, text: &str| name(vault, &EmailAddress::parse(text).unwrap());
    let anna = named(&vault, "anna@example.org");
    for same in [
        "Anna@Example.ORG",
        "anna+shop@example.org",
        " anna+@example.org",
    ] {
        assert_eq!(named(&vault, same), anna, "{same}");
    }
    for other in ["anne@example.org", "anna@example.com", "+anna@example.org"] {
        assert_ne!(named(&vault, other), anna, "{other}");
    }
    assert_ne!(named(&Vault::in_memory([8; 32]), "anna@example.org"), anna);
}
