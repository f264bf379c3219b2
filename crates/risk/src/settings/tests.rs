use money::amount::Amount;
use money::currency::Currency;

use super::{MerchantPolicy, SETTINGS_BYTES_MAX, Settings, SettingsRefusal};
use crate::verdict::Verdict;

#[test]
fn settings_read_back_as_themselves() {
    let mut settings = Settings::new([7; 32]);
    let strict = MerchantPolicy {
        appetite_basis_points: -300,
        unjudged_large: Verdict::Review,
        unjudged_small_minor_max: 5_000,
        ..MerchantPolicy::default()
    };
    settings.merchants.insert(1_000_001, strict);
    let bytes = settings.encode().unwrap();
    assert_eq!(Settings::decode(&bytes), Ok(settings));
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_name() {
    let refused = |change: fn(&mut Settings)| {
        let mut settings = Settings::new([7; 32]);
        change(&mut settings);
        settings.encode().unwrap_err().to_string()
    };
    assert_eq!(
        refused(|it| it.review_minutes = 0),
        "a review lasts 5 to 10080 minutes, not 0"
    );
    assert_eq!(
        refused(|it| it.training.maturity_days = 0),
        "maturity_days is 1 to 180, not 0"
    );
    assert_eq!(
        refused(|it| it.training.every_days = 366),
        "every_days is 0 to 365, not 366; 0 trains never"
    );
    assert_eq!(
        refused(|it| it.merchants.extend([(7, MerchantPolicy::default())])),
        "7 is no merchant's number"
    );
    assert_eq!(
        refused(|it| it
            .second_approval_above_minor
            .extend([("XYZ9".to_owned(), 1)])),
        "XYZ9 is no currency"
    );
    assert_eq!(
        refused(|it| it.policy.explored_each_minor_max = -1),
        "explored_each_minor_max may not be below zero"
    );
}

#[test]
fn foreign_bytes_are_refused() {
    for bytes in [&b""[..], b"{}", b"[1]", b"{\"rules\": 1}"] {
        let refused = Settings::decode(bytes);
        assert!(matches!(refused, Err(SettingsRefusal::Unreadable(_))));
    }
    let huge = vec![b' '; SETTINGS_BYTES_MAX + 1];
    let found = huge.len();
    assert_eq!(
        Settings::decode(&huge),
        Err(SettingsRefusal::TooLarge { found })
    );
}

#[test]
fn two_people_are_needed_above_the_amount_alone() {
    let settings = Settings::new([7; 32]);
    let eur = |minor| settings.needs_two(Amount::new(minor, Currency::EUR));
    assert!(!eur(25_000));
    assert!(eur(25_001));
    let pln: Currency = "PLN".parse().unwrap();
    assert!(!settings.needs_two(Amount::new(1_000_000, pln)));
}

#[test]
fn settings_that_were_written_before_models_were_trained_here_are_read() {
    let settings = Settings::new([7; 32]);
    let text = String::from_utf8(settings.encode().unwrap()).unwrap();
    let (before, rest) = text.split_once(",\"training\":{").unwrap();
    let (_, after) = rest.split_once('}').unwrap();
    let older = format!("{before}{after}");
    assert_eq!(Settings::decode(older.as_bytes()), Ok(settings));
}
