use ids::time::Span;
use payment::attempt::{Behaviour, PinEntry, Sign, Signs};

use super::read;

#[test]
fn what_the_script_writes_is_read() {
    let read = read("time=41300;entry=pasted;mean=140;deviation=35;signs=1");
    let expected = Behaviour {
        time_on_page: Some(Span(41_300)),
        pin_entry: Some(PinEntry::Pasted),
        key_interval_ms: Some(140),
        key_deviation_ms: Some(35),
        signs: Signs::NONE.with(Sign::Driven),
    };
    assert_eq!(read, expected);
}

#[test]
fn without_the_script_that_is_all_that_is_known() {
    let none = Behaviour {
        signs: Signs::NONE.with(Sign::NoScript),
        ..Behaviour::default()
    };
    assert_eq!(read(""), none);
    assert_eq!(read(&"time=1;".repeat(100)), none);
}

#[test]
fn what_cannot_be_read_stays_unknown_and_the_server_alone_says_what_only_it_sees() {
    let made_up = read("time=-5;entry=sung;mean=x;deviation=99999999999;signs=4294967295;;=;a");
    assert_eq!(made_up.time_on_page, None);
    assert_eq!(made_up.pin_entry, None);
    assert_eq!(made_up.key_interval_ms, None);
    assert_eq!(made_up.key_deviation_ms, None);
    assert_eq!(
        made_up.signs,
        Signs::NONE.with(Sign::Driven).with(Sign::Bare)
    );
}
