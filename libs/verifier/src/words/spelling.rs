//! How times, spans, amounts and bytes are spelled for people.

use alloc::format;
use alloc::string::String;

use super::currencies::currency;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The first day of the year 10000, in days since 1970.
const DAYS_END: i64 = 2_932_897;

/// Milliseconds since 1970 as day and time of day in UTC. The latest time of all is that of what never happens.
pub fn time(milliseconds: i64) -> String {
    if milliseconds == i64::MAX {
        return String::from("never");
    }
    let (days, within) = (milliseconds.div_euclid(DAY), milliseconds.rem_euclid(DAY));
    if !(0..DAYS_END).contains(&days) {
        return format!("{milliseconds} ms since 1970");
    }
    let (year, month, day) = date(days);
    let (hour, minute) = (within / HOUR, within % HOUR / MINUTE);
    let (second, millisecond) = (within % MINUTE / SECOND, within % SECOND);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{millisecond:03} UTC")
}

/// The day of the calendar, by whole periods of 400, 100, 4 and 1 years that begin in March: then the odd day of a leap
/// year is the last of its period.
fn date(days_since_1970: i64) -> (i64, i64, i64) {
    // From 1 March 2000, which is 11,017 days after 1 January 1970.
    let days = days_since_1970 - 11_017;
    let (eras, days) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let centuries = (days / 36_524).min(3);
    let days = days - centuries * 36_524;
    let (fours, days) = (days / 1_461, days % 1_461);
    let years = (days / 365).min(3);
    let mut day = days - years * 365;
    let mut year = 2000 + 400 * eras + 100 * centuries + 4 * fours + years;
    let mut month = 3;
    for length in [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    if 12 < month {
        month -= 12;
        year += 1;
    }
    (year, month, day + 1)
}

/// In the largest unit that leaves nothing over.
pub fn span(milliseconds: i64) -> String {
    if milliseconds == i64::MAX {
        return String::from("for ever");
    }
    for (unit, name) in [
        (DAY, "day"),
        (HOUR, "hour"),
        (MINUTE, "minute"),
        (SECOND, "second"),
    ] {
        if milliseconds % unit == 0 {
            let count = milliseconds / unit;
            let plural = if count == 1 { "" } else { "s" };
            return format!("{count} {name}{plural}");
        }
    }
    format!("{milliseconds} ms")
}

/// Minor units of the currency with this number.
pub fn amount(minor: i64, number: Option<u16>) -> String {
    let Some(known) = number.and_then(currency) else {
        let of = number.map_or_else(String::new, |number| format!(" of currency {number}"));
        return format!("{minor} minor units{of}");
    };
    let unit = 10_u64.pow(known.places);
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let places = known.places as usize;
    if places == 0 {
        format!("{sign}{whole} {}", known.letters)
    } else {
        format!("{sign}{whole}.{rest:0places$} {}", known.letters)
    }
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
