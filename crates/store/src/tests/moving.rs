//! A standing is read as it was written, and nothing else is taken for one.

use crate::moving::{MoveId, Standing, UnknownStanding};

const BY: MoveId = MoveId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);

#[test]
fn a_standing_is_read_as_it_was_written() {
    let place = "the directory /srv/scrip data".to_owned();
    for standing in [
        Standing::UNMOVED,
        Standing::Serving { came_by: Some(BY) },
        Standing::Receiving {
            by: BY,
            from: place.clone(),
        },
        Standing::Moved { by: BY, to: place },
    ] {
        assert_eq!(standing.to_string().parse(), Ok(standing));
    }
}

#[test]
fn a_damaged_standing_is_refused() {
    for text in [
        "",
        "moved",
        "moved elsewhere x",
        "receiving 000102030405060708090a0b0c0d0eff",
        "serving 000102030405060708090a0b0c0d0eff x",
        "serving 00",
        "serving ",
    ] {
        let read: Result<Standing, UnknownStanding> = text.parse();
        assert_eq!(read, Err(UnknownStanding), "{text}");
    }
}
