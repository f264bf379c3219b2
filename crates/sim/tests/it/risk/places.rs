//! Where addresses are: from a file into the entry, and from there into facts.

use engine::atlas::{Atlas, Map, MapError};
use payment::attempt::Whereabouts;
use proptest::prelude::*;
use sim::atlas::{Located, file, network};

use super::*;

fn atlas(networks: &[Located]) -> Atlas {
    let atlas = Atlas::default();
    let map = Map::read(file("GeoLite2-City", networks));
    atlas.replace(map.expect("a sound file"));
    atlas
}

/// What the last entry with an attempt says of where it came from.
async fn told(judged: &Judged) -> Option<Whereabouts> {
    let store = judged.platform.store.as_ref();
    let entries = store.entries_after(Sequence(0), 100_000).await.unwrap();
    let attempts = entries.iter().rev().find_map(|entry| match entry.fact() {
        Fact::PaymentChanged {
            attempt: Some(attempt),
            ..
        } => Some(attempt.whereabouts),
        _ => None,
    });
    attempts.expect("somebody has paid")
}

#[tokio::test]
async fn whoever_is_in_a_blocked_country_cannot_pay_and_the_entry_says_why_without_the_file() {
    let mut judged = Judged::new().await;
    let vienna = Located {
        coordinates: Some((48.2082, 16.3738)),
        ..network([203, 0, 1], "AT")
    };
    let places = atlas(&[vienna, network([203, 0, 2], "KP")]);
    let platform = &mut judged.platform;
    platform.payer = platform.payer.clone().locating(Arc::new(places));
    let list = Name::parse("blocked-countries").unwrap();
    let edit = Edit::AddEntry {
        list,
        entry: "KP".to_owned(),
        until: None,
    };
    judged
        .analysts
        .edit_rules(Actor::Operator, edit)
        .await
        .unwrap();
    judged.follow().await;

    let order = judged.platform.sell(1, 1_000).await;
    let (_, outcome) = judged.attempt(payer(1), 700, &order.pin).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)), "{outcome:?}");
    let at = told(&judged).await.expect("it is known where");
    assert_eq!(at.country, Some("AT".parse().unwrap()));
    let coordinates = at.coordinates.expect("a city has a place");
    assert_eq!(
        (coordinates.latitude(), coordinates.longitude()),
        (4_821, 1_637)
    );

    let order = judged.platform.sell(1, 1_000).await;
    let (id, outcome) = judged.attempt(payer(2), 700, &order.pin).await;
    let stopped = matches!(
        outcome,
        PayOutcome::Canceled {
            by: Canceler::Risk,
            ..
        }
    );
    assert!(stopped, "{outcome:?}");
    let payment = judged.analysts.payment(id).await.unwrap().unwrap();
    let why = judged.analysts.explain(&payment).await.unwrap();
    let facts = &why.last().unwrap().record.facts;
    let (country, _) = judged
        .risk
        .schema()
        .catalogue()
        .find("address.country")
        .unwrap();
    assert_eq!(facts.text(country), Some("KP"));

    let order = judged.platform.sell(1, 1_000).await;
    let (_, outcome) = judged.attempt(payer(3), 700, &order.pin).await;
    assert!(matches!(outcome, PayOutcome::Paid(_)), "{outcome:?}");
    assert_eq!(told(&judged).await, None, "the file does not know it");
    // Replaying knows no file.
    assert_eq!(judged.replayed().await, 3);
}

#[test]
fn a_file_that_names_no_countries_is_refused_by_its_kind() {
    let nowhere = Located {
        coordinates: Some((1.0, 1.0)),
        ..network([203, 0, 1], "")
    };
    let refused = Map::read(file("GeoLite2-ASN", &[nowhere])).err();
    assert!(
        matches!(&refused, Some(MapError::NoCountries { kind }) if kind == "GeoLite2-ASN"),
        "{refused:?}"
    );
}

proptest! {
    #[test]
    fn an_address_is_where_the_last_network_that_holds_it_says(
        drawn in prop::collection::vec((0..4_u8, 0..4_u8, 8..=32_u8, 0..4_usize), 1..20),
        asked in any::<[u8; 2]>(),
    ) {
        let mut networks: Vec<Located> = drawn
            .iter()
            .map(|(a, b, prefix, country)| Located {
                network: IpAddr::V4(Ipv4Addr::new(10, *a, *b, 0)),
                prefix: *prefix,
                country: ["AT", "DE", "PL", "GB"][*country],
                coordinates: None,
            })
            .collect();
        // A wider network that comes later hides the narrower ones.
        networks.sort_by_key(|located| located.prefix);
        let places = atlas(&networks);
        let address = Ipv4Addr::new(10, asked[0] % 4, asked[1] % 4, 0);
        let holds = |located: &&Located| {
            let IpAddr::V4(of) = located.network else { return false };
            let bits = |address: Ipv4Addr| u32::from(address) >> (32 - located.prefix);
            bits(of) == bits(address)
        };
        let expected = networks.iter().rev().find(holds).map(|located| located.country);
        for address in [IpAddr::V4(address), IpAddr::V6(address.to_ipv6_mapped())] {
            let found = places.locate(address).and_then(|at| at.country);
            let found = found.map(|country| country.to_string());
            prop_assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn a_damaged_file_is_refused_or_read_and_never_more(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = file("GeoLite2-Country", &[network([203, 0, 1], "AT"), network([203, 0, 2], "DE")]);
        prop_assert!(Map::read(bytes[..place.index(bytes.len())].to_vec()).is_err());
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(map) = Map::read(bytes) {
            let atlas = Atlas::default();
            atlas.replace(map);
            for last in 0..4 {
                let _ = atlas.locate(IpAddr::V4(Ipv4Addr::new(203, 0, last, 7)));
            }
        }
    }
}
