use std::time::{Duration, Instant};

use super::{Tally, What};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_standstill_is_the_longest_time_without_a_command_its_edges_included() {
    let tally = Tally::new(Instant::now());
    for (seconds, waited) in [(1, 1), (4, 2), (5, 9), (90, 1)] {
        let waited = at(waited);
        tally.note(at(seconds), What::Done { waited });
    }
    for seconds in [2, 3, 99] {
        let how = "status 503".to_owned();
        tally.note(at(seconds), What::Failed { how });
    }
    let early = tally.between(at(0), at(7));
    assert_eq!((early.standstill, early.waited_max), (at(3), at(9)));
    assert_eq!((early.done, early.failed), (3, 2));
    assert_eq!(early.ways, [("status 503".to_owned(), 2)]);
    // Nothing at all is a standstill as well.
    assert_eq!(tally.between(at(10), at(80)).standstill, at(70));
    assert_eq!(tally.between(at(5), at(95)).standstill, at(85));
}
