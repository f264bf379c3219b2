//! The groups of a leaf: that they tell all entries apart, and that no byte of them ever changes.

use std::collections::BTreeSet;

use accounting::chart::CHART;
use accounting::entry::Entry;
use accounting::fact::Fact;
use leaves::erased::without_payer;
use leaves::groups::Groups;
use money::currency::Currency;
use proptest::prelude::*;
use tlog::leaf::FieldGroup;
use verifier::leaf::Opening;
use verifier::words::{self, Says};

use crate::codec::{decode, encode};
use crate::tests::dice::Dice;
use crate::tests::facts::KINDS;

/// The tags of a group's fields, in their order; the bytes are nothing but such fields.
fn tags(group: &[u8]) -> Vec<u8> {
    let (form, mut rest) = group.split_first().expect("a group has a form");
    assert_eq!(*form, 1, "the entry is short");
    let mut tags = Vec::new();
    while let Some((tag, behind)) = rest.split_first() {
        let (length, behind) = behind.split_first_chunk().expect("a field has a length");
        let length = u32::from_be_bytes(*length) as usize;
        let (_, behind) = behind
            .split_at_checked(length)
            .expect("a field has its value");
        tags.push(*tag);
        rest = behind;
    }
    tags
}

fn assert_groups_tell_apart(entry: &Entry, other: &Entry) {
    let is_same = Groups::of(entry) == Groups::of(other);
    assert!(
        !is_same || entry.moved_to(other.sequence()) == *other,
        "{entry:?} has the groups of {other:?}"
    );
}

proptest! {
    // Every bit of every kind of entry is flipped, so few entries are enough.
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Every bit of the journal's form that makes another entry makes other groups.
    #[test]
    fn entries_that_differ_in_a_bit_have_other_groups(seed in any::<u64>()) {
        for kind in 0..KINDS {
            let entry = Dice(seed.wrapping_add(kind)).entry_of(kind);
            let bytes = encode(&entry);
            for place in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[place / 8] ^= 1 << (place % 8);
                if let Ok(other) = decode::<Entry>(&changed) {
                    assert_groups_tell_apart(&entry, &other);
                }
            }
        }
    }

    /// What a list loses or gains, or an option, changes the length of the journal's form.
    #[test]
    fn entries_of_one_kind_have_groups_of_their_own(seed in any::<u64>()) {
        for kind in 0..KINDS {
            let entries: Vec<Entry> = (0..8).map(|number| Dice(seed ^ (number << 40)).entry_of(kind)).collect();
            for (place, entry) in entries.iter().enumerate() {
                entries[place + 1..].iter().for_each(|other| assert_groups_tell_apart(entry, other));
            }
        }
    }

    /// Erasing takes the payer's group and nothing else, and what has none stays as it is.
    #[test]
    fn an_erased_entry_lacks_the_payers_group_alone(seed in any::<u64>()) {
        for kind in 0..KINDS {
            let entry = Dice(seed.wrapping_add(kind)).entry_of(kind);
            let groups = Groups::of(&entry);
            let has_payer = !tags(groups.bytes(FieldGroup::Payer)).is_empty();
            let is_document = matches!(entry.fact(), Fact::DocumentSaved { .. });
            let erased = without_payer(&entry);
            prop_assert_eq!(erased.is_some(), has_payer && !is_document);
            if let Some(erased) = erased {
                let rest = Groups::of(&erased);
                prop_assert!(tags(rest.bytes(FieldGroup::Payer)).is_empty());
                for group in FieldGroup::ALL.into_iter().filter(|group| *group != FieldGroup::Payer) {
                    prop_assert_eq!(rest.bytes(group), groups.bytes(group));
                }
                prop_assert_eq!(without_payer(&erased), None);
                prop_assert_eq!(erased.postings(), entry.postings());
            }
        }
    }

    #[test]
    fn fields_stand_in_the_order_of_their_tags_and_in_one_group(seed in any::<u64>()) {
        for kind in 0..KINDS {
            let groups = Groups::of(&Dice(seed.wrapping_add(kind)).entry_of(kind));
            let ranges = [1..=39, 40..=69, 70..=109, 110..=139, 140..=u8::MAX];
            for (group, range) in FieldGroup::ALL.into_iter().zip(ranges) {
                let tags = tags(groups.bytes(group));
                prop_assert!(tags.is_sorted());
                prop_assert!(tags.iter().all(|tag| range.contains(tag)));
            }
        }
    }
}

/// What whoever checks a receipt reads of an entry: nothing stands there as bare bytes.
fn assert_reads_in_words(entry: &Entry) {
    let groups = Groups::of(entry);
    let openings = FieldGroup::ALL.map(|group| Opening {
        group: group.position(),
        salt: [0; 32],
        content: groups.bytes(group).to_vec(),
    });
    for group in words::read(&openings) {
        let Says::Fields(fields) = group.says else {
            panic!("{entry:?} has a group that does not read: {group:?}");
        };
        let content = groups.bytes(FieldGroup::ALL[usize::from(group.number)]);
        let read: Vec<u8> = fields.iter().map(|field| field.tag).collect();
        assert_eq!(read, tags(content), "{entry:?}");
        for field in fields {
            let is_bare = field.value.starts_with("0x") || field.name.starts_with("field ");
            assert!(!is_bare, "{field:?} of {entry:?}");
        }
    }
}

proptest! {
    #[test]
    fn every_field_reads_in_words(seed in any::<u64>()) {
        for kind in 0..KINDS {
            assert_reads_in_words(&Dice(seed.wrapping_add(kind)).entry_of(kind));
        }
    }
}

#[test]
fn words_know_every_currency_and_account() {
    let known = (1..=999).filter_map(|number| Currency::from_numeric(number).ok());
    for currency in known {
        let said = words::amount(1, currency.numeric());
        let places = currency.exponent() as usize;
        let one = match places {
            0 => "1".to_owned(),
            places => format!("0.{:0places$}", 1),
        };
        assert_eq!(said, format!("{one} {}", currency.code()));
    }
    let accounts = CHART.map(|(code, name)| (code.0, name));
    assert_eq!(words::accounts(), accounts);
}

/// Entries as the journal stores them, and behind each its five groups.
const VECTORS: &str = include_str!("leaves1.txt");

#[test]
fn the_groups_of_an_entry_never_change() {
    let mut seen = BTreeSet::new();
    for line in VECTORS.lines() {
        let (entry, expected) = line.split_once(' ').expect("an entry and its groups");
        let entry = decode::<Entry>(&bytes(entry)).expect("an entry");
        let groups = Groups::of(&entry);
        let found = FieldGroup::ALL.map(|group| hex(groups.bytes(group)));
        assert_eq!(found.join(" "), expected, "{entry:?}");
        for group in FieldGroup::ALL {
            seen.extend(tags(groups.bytes(group)));
        }
    }
    let ranges = [1..=24, 40..=52, 70..=90, 110..=125, 140..=147];
    let all: BTreeSet<u8> = ranges.into_iter().flatten().collect();
    assert_eq!(seen, all, "every tag has a vector");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let places = (0..hex.len()).step_by(2);
    places
        .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).expect("two digits"))
        .collect()
}
