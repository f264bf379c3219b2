use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use proptest::prelude::*;
use vault::vault::{SealPurpose, Vault};

use super::link::{Link, Right};
use super::*;

const NOW: Timestamp = Timestamp(1_796_212_800_000);

fn serial() -> Serial {
    Serial::new(1_234_567_890_123_456).unwrap()
}

#[test]
fn addresses_are_told_from_other_texts() {
    let check = |text: &str, is_address: bool| {
        assert_eq!(EmailAddress::parse(text).is_ok(), is_address, "{text:?}");
    };
    check("anna@example.org", true);
    check("  anna.b+scrip@mail.example.co.uk ", true);
    check("o'neil_1@xn--bcher-kva.example", true);
    for text in [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@localhost",
        "anna@example..org",
        "anna@-example.org",
        "an na@example.org",
        "anna@exam ple.org",
        "anna@example.org\r\nBcc: eve@example.org",
        "anna@eve@example.org",
        "\"anna\"@example.org",
        "anna..b@example.org",
        "anna@example.org,eve@example.org",
        "änna@example.org",
    ] {
        check(text, false);
    }
    check(&format!("{}@example.org", "a".repeat(64)), true);
    check(&format!("{}@example.org", "a".repeat(65)), false);
}

#[test]
fn an_address_prints_nothing_of_itself() {
    let address = EmailAddress::parse("anna@example.org").unwrap();
    assert!(!format!("{address:?}").contains("anna"));
}

#[test]
fn an_address_is_sealed_and_opens_for_its_own_voucher_alone() {
    let vault = Vault::in_memory([7; 32]);
    let name = serial().number().to_be_bytes();
    let contact = Contact {
        standing: Standing::Confirmed,
        language: LanguageTag::new("de").unwrap(),
        given_at: NOW,
        sealed_address: vault.seal(SealPurpose::OwnerContact, &name, b"anna@example.org"),
    };
    let bytes = contact.encode();
    assert!(!bytes.windows(4).any(|part| part == b"anna"));
    let decoded = Contact::decode(&bytes).unwrap();
    assert_eq!(decoded, contact);
    let address = decoded.address(&vault, serial()).unwrap();
    assert_eq!(address.expose(), "anna@example.org");
    let other = Serial::new(serial().number() + 1).unwrap();
    assert_eq!(decoded.address(&vault, other), None);
    let taken_away = contact.encode_taken_away();
    assert_eq!(Contact::decode(&taken_away), None);
    assert_eq!(last_given_at(&taken_away), Some(NOW));
    assert_eq!((Contact::decode(&[]), last_given_at(&[])), (None, None));
}

#[test]
fn a_link_serves_its_own_right_until_its_time_is_over() {
    let vault = Vault::in_memory([7; 32]);
    let link = Link {
        serial: serial(),
        at: NOW,
        refuses: None,
    };
    let rights = [Right::Manage, Right::Confirm, Right::TakeAway];
    for right in rights {
        let text = link.seal(&vault, right);
        for other in rights {
            let opened = Link::open(&vault, other, &text, NOW);
            assert_eq!(
                opened,
                (other == right).then_some(link),
                "{right:?} {other:?}"
            );
        }
        assert_eq!(Link::open(&vault, right, &text[2..], NOW), None);
        let refusing = Link {
            refuses: Some([9; 16]),
            ..link
        };
        let text = refusing.seal(&vault, right);
        assert_eq!(Link::open(&vault, right, &text, NOW), Some(refusing));
    }
    for (right, life) in [
        (Right::Manage, Span::MINUTE.times(30)),
        (Right::Confirm, Span::DAY.times(2)),
    ] {
        let text = link.seal(&vault, right);
        let last = NOW.plus(life).minus(Span(1));
        assert_eq!(Link::open(&vault, right, &text, last), Some(link));
        assert_eq!(Link::open(&vault, right, &text, NOW.plus(life)), None);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_fail(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Some(contact) = Contact::decode(&bytes) {
            prop_assert_eq!(&*contact.encode(), &bytes[..]);
        }
    }

    #[test]
    fn no_address_breaks_out_of_a_line(text in "\\PC*") {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert!(address.expose().bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(!address.expose().contains([',', '<', '>', '"', ':', ';']));
        }
    }
}
