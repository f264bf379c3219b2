use super::*;

/// 2026-12-02T14:32:00.250Z.
const MOMENT: Timestamp = Timestamp(1_796_221_920_250);

#[test]
fn moments_read_as_their_language_writes_them() {
    let texts = Language::ALL.map(|language| {
        Moment::day_and_clock(MOMENT, language)
            .human
            .replace('\u{a0}', "_")
    });
    assert_eq!(
        texts,
        [
            "2_December 2026, 14:32 UTC",
            "2._Dezember 2026, 14:32 UTC",
            "2_décembre 2026, 14:32 UTC",
            "2_grudnia 2026, 14:32 UTC",
        ]
    );
    assert_eq!(Moment::clock(MOMENT).human, "14:32 UTC");
}

#[test]
fn machine_form_is_whole_seconds_in_utc() {
    assert_eq!(Moment::clock(MOMENT).machine, "2026-12-02T14:32:00Z");
    assert_eq!(
        Moment::day(Timestamp(0), Language::English).machine,
        "1970-01-01T00:00:00Z"
    );
}

#[test]
fn day_of_a_date_field_is_read_and_nothing_else() {
    assert_eq!(noon_of("2026-12-02"), Some(Timestamp(1_796_212_800_000)));
    assert_eq!(noon_of("2026-13-02"), None);
    assert_eq!(noon_of(""), None);
}
