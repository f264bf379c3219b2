use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn wishes_come_out_as_they_went_in(
        refuses in any::<bool>(),
        questions in prop::collection::vec(any::<(i64, [u8; 8])>(), 0..8),
    ) {
        let wishes = Wishes {
            answer: if refuses { Answer::Refuses } else { Answer::None },
            questions: questions.into_iter().map(|(at, voucher)| Question { asked_at: Timestamp(at), voucher }).collect(),
        };
        prop_assert_eq!(Wishes::decode(&wishes.encode()), wishes);
    }

    #[test]
    fn no_bytes_make_decoding_fail_and_unknown_ones_forbid_to_ask(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let wishes = Wishes::decode(&bytes);
        if !matches!(bytes.first(), Some(&(FORMAT | FORMAT_WITHOUT_VOUCHERS))) {
            prop_assert_eq!(wishes.answer, Answer::Refuses);
        }
    }
}

#[test]
fn questions_that_an_earlier_release_has_counted_count() {
    let mut bytes = vec![FORMAT_WITHOUT_VOUCHERS, 0];
    bytes.extend([7_i64, 9].iter().flat_map(|at| at.to_be_bytes()));
    let wishes = Wishes::decode(&bytes);
    let times: Vec<i64> = wishes.questions.iter().map(|it| it.asked_at.0).collect();
    assert_eq!((wishes.answer, times), (Answer::None, vec![7, 9]));
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
