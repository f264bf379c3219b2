//! Points in time as people write them.
//!
//! The server does not know where a person is: it writes coordinated universal time and says so, beside the machine-readable
//! form, from which a script in the page writes the person's own time.

use ids::time::Timestamp;

use crate::language::Language;

/// One point in time, in the forms a `time` element needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339 in UTC, for the `datetime` attribute.
    pub machine: String,
    /// For people, in UTC.
    pub human: String,
}

impl Moment {
    /// The time of day: `14:32 UTC`.
    pub fn clock(timestamp: Timestamp) -> Self {
        Self::written(timestamp, |time| {
            format!("{:02}:{:02} UTC", time.hour(), time.minute())
        })
    }

    /// The day: `2 December 2026`.
    pub fn day(timestamp: Timestamp, language: Language) -> Self {
        Self::written(timestamp, |time| day_text(time, language))
    }

    /// Day and time of day: `2 December 2026, 14:32 UTC`.
    pub fn day_and_clock(timestamp: Timestamp, language: Language) -> Self {
        Self::written(timestamp, |time| {
            format!(
                "{}, {:02}:{:02} UTC",
                day_text(time, language),
                time.hour(),
                time.minute()
            )
        })
    }

    fn written(timestamp: Timestamp, human: impl FnOnce(&jiff::Zoned) -> String) -> Self {
        // Outside jiff's range (the years -9999 to 9999) there is nothing a page has to show.
        let instant =
            jiff::Timestamp::from_millisecond(timestamp.0).unwrap_or(jiff::Timestamp::MAX);
        let instant = instant.round(jiff::Unit::Second).unwrap_or(instant);
        Self {
            machine: instant.to_string(),
            human: human(&instant.to_zoned(jiff::tz::TimeZone::UTC)),
        }
    }
}

/// Noon, in coordinated universal time, of a day written as a date field sends it: `2026-12-02`.
pub fn noon_of(day: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = day.trim().parse().ok()?;
    let noon = day.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp(noon.timestamp().as_millisecond()))
}

fn day_text(time: &jiff::Zoned, language: Language) -> String {
    let month = months(language)[usize::from(time.month().unsigned_abs() - 1)];
    let dot = match language {
        Language::German => ".",
        Language::English | Language::French | Language::Polish => "",
    };
    format!("{}{dot}\u{a0}{month} {}", time.day(), time.year())
}

/// As they stand beside a day (the genitive in Polish).
fn months(language: Language) -> [&'static str; 12] {
    match language {
        Language::English => [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        Language::German => [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        Language::French => [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        Language::Polish => [
            "stycznia",
            "lutego",
            "marca",
            "kwietnia",
            "maja",
            "czerwca",
            "lipca",
            "sierpnia",
            "września",
            "października",
            "listopada",
            "grudnia",
        ],
    }
}

#[cfg(test)]
mod tests;
