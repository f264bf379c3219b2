use crate::filter::{Filter, Kind, LAYER_KEYS_FIRST};
use crate::hash::Seed;

fn hash(number: u64) -> u64 {
    Seed(7).bytes(&number.to_le_bytes())
}

#[test]
fn an_inserted_key_is_always_found_and_others_seldom() {
    // A full layer, and a second one.
    let keys = LAYER_KEYS_FIRST as u64 * 5 / 4;
    let mut filter = Filter::default();
    (0..keys).for_each(|key| filter.insert(Kind::Command, hash(key)));
    assert!((0..keys).all(|key| filter.may_contain(Kind::Command, hash(key))));
    let wrong = (keys..2 * keys)
        .filter(|key| filter.may_contain(Kind::Command, hash(*key)))
        .count() as u64;
    assert!(
        wrong * 50 < keys,
        "{wrong} of {keys} keys are falsely found"
    );
}

#[test]
fn a_key_of_another_kind_is_another_key() {
    let mut filter = Filter::default();
    (0..1000).for_each(|key| filter.insert(Kind::Command, hash(key)));
    let wrong = (0..1000)
        .filter(|key| filter.may_contain(Kind::Payment, hash(*key)))
        .count();
    assert!(wrong < 20, "{wrong}");
}
