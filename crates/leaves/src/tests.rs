//! Salts, secrets and groups that are too long. That groups tell all entries apart, a test of `store` shows, which can make
//! an entry of any bytes.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::{Actor, Circumstances, Entry};
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::party::DistributorId;
use ids::time::Timestamp;
use ids::voucher::{BatchId, Country, PinIndex, ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use proptest::prelude::*;
use tlog::bundle::LogEntry;
use tlog::leaf::{FieldGroup, Opening};
use voucher::voucher::{Activation, NewVoucher};

use crate::field::GROUP_BYTES_MAX;
use crate::groups::Groups;
use crate::leaf::{entry_at, index_of, leaf, leaves};
use crate::secret::{Expander, NotSecrets, Secret, Seed, decode, encode};

fn entry(sequence: u64, fact: Fact) -> Entry {
    let circumstances = Circumstances {
        sequence: Sequence(sequence),
        at: Timestamp(1_800_000_000_000),
        actor: Actor::Operator,
        idempotency: None,
    };
    Entry::new(circumstances, fact)
}

fn document(content: &[u8]) -> Fact {
    Fact::DocumentSaved {
        name: DocumentName::RiskSettings,
        content: Arc::from(content),
    }
}

fn issued(count: u64) -> Fact {
    let country: Country = "DE".parse().unwrap();
    let voucher = |number| NewVoucher {
        serial: Serial::new(1_000_000_000_000_000 + number).unwrap(),
        pin: PinIndex([7; 16]),
        distributor: DistributorId::FIRST,
        product: ProductId::new(1).unwrap(),
        country,
        face: Amount::new(1_000, Currency::EUR),
        activation: Activation::Pending,
    };
    Fact::VouchersIssued {
        batch: BatchId(1),
        vouchers: (0..count).map(voucher).collect(),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let places = (0..hex.len()).step_by(2);
    places
        .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap())
        .collect()
}

/// RFC 5869, appendices A.1 and A.3: the pseudorandom keys, the infos, and the first 32 bytes of what is expanded.
#[test]
fn salts_are_expanded_as_in_the_vectors_of_the_specification() {
    for (key, info, expanded) in [
        (
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
        ),
        (
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
        ),
    ] {
        let key = bytes(key).try_into().unwrap();
        let block = Expander::of(&key).first_block([&bytes(info), &[]]);
        assert_eq!(block.to_vec(), bytes(expanded));
    }
}

proptest! {
    #[test]
    fn each_group_has_a_salt_of_its_own(seeds in prop::array::uniform2(any::<[u8; 32]>())) {
        prop_assume!(seeds[0] != seeds[1]);
        let salts = seeds.map(|seed| FieldGroup::ALL.map(|group| *Seed::new(seed).salt(group).as_bytes()));
        let mut all = salts.concat();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), 10);
    }

    /// Long entries and short ones, one after the other in the same room.
    #[test]
    fn leaves_that_are_made_together_are_those_that_are_made_alone(kinds in prop::collection::vec((any::<[u8; 32]>(), any::<bool>(), 0_u64..2_000), 0..6)) {
        let entries: Vec<(Entry, Secret)> = (1..).zip(&kinds).map(|(number, (seed, is_document, size))| {
            let fact = if *is_document { document(&seed[..]) } else { issued(*size) };
            (entry(number, fact), Secret::Seed(Seed::new(*seed)))
        }).collect();
        let together = leaves(entries.iter().map(|(entry, secret)| (entry, secret)));
        let alone: Vec<LogEntry> = entries.iter().map(|(entry, secret)| leaf(entry, secret).encode()).collect();
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn erasing_leaves_the_leaf_and_opens_the_rest(seed in any::<[u8; 32]>(), erased in 0_usize..5, content in any::<Vec<u8>>()) {
        let entry = entry(9, document(&content));
        let groups = Groups::of(&entry);
        let whole = Secret::Seed(Seed::new(seed));
        let erased = FieldGroup::ALL[erased];
        let rest = whole.without(erased, &groups);
        let leaf_before = leaf(&entry, &whole);
        prop_assert_eq!(&leaf(&entry, &rest), &leaf_before);
        prop_assert_eq!(&rest.without(erased, &groups), &rest);
        for group in FieldGroup::ALL {
            let opening = rest.opening(&groups, group);
            prop_assert_eq!(opening.is_some(), group != erased);
            prop_assert_eq!(opening, whole.opening(&groups, group).filter(|_| group != erased));
            let before: Opening = whole.opening(&groups, group).expect("nothing was erased");
            prop_assert_eq!(leaf_before.check(&before), Ok(()));
        }
    }

    #[test]
    fn secrets_are_read_as_they_were_written(seeds in prop::collection::vec((any::<[u8; 32]>(), prop::option::of(0_usize..5)), 0..6)) {
        let groups = Groups::of(&entry(1, document(b"")));
        let secrets: Vec<Secret> = seeds
            .iter()
            .map(|(seed, erased)| {
                let whole = Secret::Seed(Seed::new(*seed));
                erased.map_or(whole.clone(), |erased| whole.without(FieldGroup::ALL[erased], &groups))
            })
            .collect();
        let written = encode(&secrets);
        prop_assert_eq!(decode(&written, secrets.len()), Ok(secrets.clone()));
        prop_assert_eq!(decode(&written, secrets.len() + 1), Err(NotSecrets));
        for end in 0..written.len() {
            prop_assert_eq!(decode(&written[..end], secrets.len()), Err(NotSecrets));
        }
        let longer = [written.as_slice(), &[0]].concat();
        prop_assert_eq!(decode(&longer, secrets.len()), Err(NotSecrets));
    }
}

#[test]
fn a_group_that_is_too_long_is_shown_by_its_digest() {
    let voucher_group = |count| {
        let groups = Groups::of(&entry(1, issued(count)));
        groups.bytes(FieldGroup::Voucher).to_vec()
    };
    // A voucher takes 70 bytes, and the batch 13.
    let most = (GROUP_BYTES_MAX as u64 - 14) / 70;
    let (longest, too_long) = (voucher_group(most), voucher_group(most + 1));
    assert_eq!((longest[0], longest.len() as u64), (1, 14 + most * 70));
    assert_eq!((too_long[0], too_long.len()), (2, 33));
    assert_ne!(too_long, voucher_group(most + 2));
}

#[test]
fn entry_n_is_leaf_n_minus_1() {
    assert_eq!(index_of(Sequence(1)), 0);
    assert_eq!(entry_at(0), Sequence(1));
    let entry = entry(300, document(b""));
    let secret = Secret::Seed(Seed::new([1; 32]));
    assert_eq!(leaf(&entry, &secret).index, 299);
}
