use super::{EntryError, InvalidNetwork, List, ListKind};
use crate::bytes::{Reader, Writer};
use crate::name::Name;
use ids::time::Timestamp;

const NOW: Timestamp = Timestamp(1_000);

fn list(kind: ListKind, entries: &[&str]) -> List {
    let empty = List::new(Name::parse("tested").unwrap(), kind);
    entries
        .iter()
        .fold(empty, |list, entry| list.with(entry, None, NOW).unwrap())
}

#[test]
fn an_address_is_listed_by_any_network_that_holds_it() {
    let networks = list(
        ListKind::Networks,
        &["192.0.2.0/24", "2001:db8::/32", "10.1.2.3"],
    );
    for (address, expected) in [
        ("192.0.2.7", true),
        ("192.0.2.0/25", true),
        ("192.0.0.0/16", false),
        ("192.0.3.7", false),
        ("::ffff:192.0.2.7", true),
        ("10.1.2.3", true),
        ("10.1.2.4", false),
        ("2001:db8:1::1", true),
        ("2001:db9::1", false),
        ("no address", false),
        ("", false),
    ] {
        assert_eq!(networks.holds(address, NOW), expected, "{address}");
    }
    let everything = list(ListKind::Networks, &["::/0"]);
    assert!(everything.holds("192.0.2.7", NOW));
}

#[test]
fn a_network_is_written_in_one_way() {
    let networks = list(
        ListKind::Networks,
        &["0.0.0.0/0", "::ffff:192.0.2.7", "2001:DB8::/32"],
    );
    let texts: Vec<String> = networks.entries().map(|(text, _)| text).collect();
    assert_eq!(texts, ["0.0.0.0/0", "192.0.2.7", "2001:db8::/32"]);
    let refusal = networks.with("192.0.2.7/24", None, NOW).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "the address has bits behind the network's length; write 192.0.2.0/24"
    );
    for text in [
        "192.0.2.0/33",
        "192.0.2.0/+8",
        "192.0.2.0/08",
        "192.0.2",
        "x",
        "/",
        "::/129",
    ] {
        let refusal = networks.with(text, None, NOW).unwrap_err();
        assert_eq!(refusal, EntryError::Network(InvalidNetwork::Form), "{text}");
    }
}

#[test]
fn an_entry_ends_when_it_expires() {
    let texts = list(ListKind::Texts, &["stays"]);
    let texts = texts.with("goes", Some(Timestamp(2_000)), NOW).unwrap();
    assert!(texts.holds("goes", Timestamp(1_999)));
    assert!(!texts.holds("goes", Timestamp(2_000)));
    assert!(texts.holds("stays", Timestamp(i64::MAX)));
    let later = texts.with("new", None, Timestamp(2_000)).unwrap();
    assert_eq!(later.len(), 2);
    assert!(later.without("stays", Timestamp(2_000)).unwrap().is_some());
    assert!(later.without("goes", Timestamp(2_000)).unwrap().is_none());
}

#[test]
fn a_list_is_read_back_as_it_was_written_and_damage_is_found() {
    for list in [
        list(ListKind::Networks, &["192.0.2.0/24", "2001:db8::/32"]),
        list(ListKind::Texts, &["b", "a", "ü"]),
    ] {
        let mut bytes = Writer::default();
        list.write(&mut bytes);
        let bytes = bytes.finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!(List::read(&mut reader), Ok(list.clone()));
        assert_eq!(reader.finish(), Ok(()));
        for end in 0..bytes.len() {
            assert!(List::read(&mut Reader::new(&bytes[..end])).is_err());
        }
    }
}

#[test]
fn the_hash_names_the_content_and_not_the_way_to_it() {
    let one = list(ListKind::Texts, &["a", "b"]);
    let other = list(ListKind::Texts, &["b", "c", "a"])
        .without("c", NOW)
        .unwrap()
        .unwrap();
    assert_eq!(one.hash(), other.hash());
    assert_ne!(one.hash(), list(ListKind::Texts, &["a"]).hash());
}
