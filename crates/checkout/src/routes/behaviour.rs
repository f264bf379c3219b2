//! What the page's script noticed, as it comes in the form.

use ids::time::Span;
use payment::attempt::{Behaviour, PinEntry, Sign, Signs};

/// Characters of the field at most; a longer one is read as none.
const LENGTH_MAX: usize = 128;

/// Reads `time=41300;entry=typed;mean=140;deviation=35;signs=0`: milliseconds, and the bits of what only the page can
/// see. An empty or foreign text says that the script did not run; an unreadable part stays unknown.
pub fn read(text: &str) -> Behaviour {
    if text.is_empty() || LENGTH_MAX < text.len() {
        return Behaviour {
            signs: Signs::NONE.with(Sign::NoScript),
            ..Behaviour::default()
        };
    }
    let mut behaviour = Behaviour::default();
    for (name, value) in text.split(';').filter_map(|part| part.split_once('=')) {
        match name {
            "time" => behaviour.time_on_page = number(value).map(|ms| Span(i64::from(ms))),
            "entry" => {
                behaviour.pin_entry = match value {
                    "typed" => Some(PinEntry::Typed),
                    "pasted" => Some(PinEntry::Pasted),
                    _ => None,
                }
            }
            "mean" => behaviour.key_interval_ms = number(value),
            "deviation" => behaviour.key_deviation_ms = number(value),
            "signs" => behaviour.signs = seen_by_page(number(value).unwrap_or_default()),
            _ => {}
        }
    }
    behaviour
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// The signs that a page can see; the others are the server's to say.
fn seen_by_page(bits: u32) -> Signs {
    let told = Signs(bits);
    [Sign::Driven, Sign::Bare]
        .into_iter()
        .filter(|sign| told.has(*sign))
        .fold(Signs::NONE, Signs::with)
}

#[cfg(test)]
mod tests;
