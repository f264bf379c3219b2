use std::collections::BTreeSet;

use super::*;
use crate::profile::store::ProfileSettings;

fn empty() -> Profiles {
    Profiles::new(ProfileSettings {
        entities_max: 256,
        ahead_of_utc: ids::time::Span(0),
    })
}

#[test]
fn every_fact_has_a_name_of_its_own_in_two_words_and_an_explanation() {
    let catalogue = catalogue();
    let mut names = BTreeSet::new();
    for fact in catalogue.types() {
        let words: Vec<&str> = fact.name.split('.').collect();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert_eq!(words.len(), 2, "{}", fact.name);
        assert!(
            words
                .iter()
                .all(|word| !word.is_empty() && word.chars().all(is_plain))
        );
        assert!(fact.meaning.ends_with('.'), "{}", fact.name);
        assert!(names.insert(fact.name.clone()), "{} twice", fact.name);
    }
}

#[test]
fn vector_is_as_long_as_the_catalogue_has_numbers_and_flags_and_these_come_first() {
    let vector = features(&empty(), &Attempt::default(), Texts::default());
    let catalogue = catalogue();
    let is_text = |fact: &FactType| fact.kind == Kind::Text;
    let numbers = catalogue.types().iter().position(is_text);
    assert_eq!(numbers, Some(vector.numbers().len()));
    assert!(
        catalogue.types()[vector.numbers().len()..]
            .iter()
            .all(is_text)
    );
}

#[test]
fn attempt_of_which_nothing_is_known_has_only_facts_of_its_time_and_counts_of_nothing() {
    let vector = features(&empty(), &Attempt::default(), Texts::default());
    let known: Vec<String> = catalogue()
        .types()
        .iter()
        .zip(vector.numbers())
        .filter(|(_, number)| number.is_finite())
        .map(|(fact, _)| fact.name.clone())
        .collect();
    assert_eq!(
        known,
        [
            "attempt.hour",
            "attempt.weekday",
            "attempt.is_night",
            "attempt.vouchers",
            "attempt.high_vouchers",
            "voucher.terminals",
            "payer.is_known",
            "ring.frauds"
        ]
    );
}

#[test]
fn texts_stand_where_the_catalogue_says() {
    let texts = Texts {
        address: Some("192.0.2.7".to_owned()),
        network: Some("192.0.2.0/24".to_owned()),
        device: Some("d".to_owned()),
        merchant: Some("m".to_owned()),
        customer: Some("c".to_owned()),
        account: Some("a".to_owned()),
        terminal: Some("t".to_owned()),
        distributor: Some("i".to_owned()),
    };
    let attempt = Attempt {
        currency: Some(money::currency::Currency::EUR),
        merchant_country: Some("AT".parse().expect("a country")),
        address_country: Some("DE".parse().expect("a country")),
        ..Attempt::default()
    };
    let vector = features(&empty(), &attempt, texts);
    let catalogue = catalogue();
    let expected = [
        ("attempt.currency", Some("EUR")),
        ("address.text", Some("192.0.2.7")),
        ("address.country", Some("DE")),
        ("network.text", Some("192.0.2.0/24")),
        ("device.id", Some("d")),
        ("merchant.id", Some("m")),
        ("merchant.country", Some("AT")),
        ("customer.id", Some("c")),
        ("account.id", Some("a")),
        ("voucher.country", None),
        ("terminal.id", Some("t")),
        ("distributor.id", Some("i")),
    ];
    for (name, text) in expected {
        let (index, _) = catalogue.find(name).expect(name);
        assert_eq!(vector.text(index), text, "{name}");
        assert!(vector.number(index).is_nan());
    }
    assert_eq!(vector.text(catalogue.types().len()), None);
}
