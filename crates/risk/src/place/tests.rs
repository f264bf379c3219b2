use proptest::prelude::*;

use super::*;

fn on_earth() -> impl Strategy<Value = (f64, f64)> {
    (-90.0..=90.0_f64, -180.0..=180.0_f64)
}

proptest! {
    #[test]
    fn straight_line_belongs_to_the_way_around_that_trigonometry_finds(one in on_earth(), other in on_earth()) {
        let place = |(latitude, longitude)| Place::on_earth(latitude, longitude).expect("a place");
        let [(a, b), (c, d)] = [one, other].map(|(lat, lon)| (lat.to_radians(), lon.to_radians()));
        let half = ((c - a) / 2.0).sin().powi(2) + a.cos() * c.cos() * ((d - b) / 2.0).sin().powi(2);
        let straight = 2.0 * EARTH_RADIUS_KM * half.sqrt();
        let found = f64::from(place(one).distance(place(other)));
        prop_assert!((found - straight).abs() < 0.01, "{} for {}", found, straight);
    }

    #[test]
    fn spot_is_within_half_a_kilometre_of_its_place(at in on_earth()) {
        let place = Place::on_earth(at.0, at.1).expect("a place");
        prop_assert!(Spot::of(place).place().distance(place) < 0.5);
    }
}

#[test]
fn what_is_not_on_the_earth_is_no_place() {
    for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::NAN)] {
        assert!(
            Place::on_earth(latitude, longitude).is_err(),
            "{latitude} {longitude}"
        );
    }
    for (x, y) in [
        (f64::NAN, 0.0),
        (0.0, f64::INFINITY),
        (PLANE_MAX * 2.0, 0.0),
    ] {
        assert_eq!(Place::on_plane(x, y), None, "{x} {y}");
    }
}

#[test]
fn vienna_is_as_far_from_sydney_as_the_straight_line_through_the_earth() {
    let vienna = Place::on_earth(48.2082, 16.3738).expect("a place");
    let sydney = Place::on_earth(-33.8688, 151.2093).expect("a place");
    let kilometres = vienna.distance(sydney);
    assert!((12_000.0..12_500.0).contains(&kilometres), "{kilometres}");
}
