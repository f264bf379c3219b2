//! Reading JSON bodies: exact, tolerant of the quirks of published clients, and able to name the member that is wrong.
//!
//! Members are kept as the text they came as. So an amount is never a floating-point number, every error names its
//! member, and what nobody asked for is known at the end and reported instead of being lost in silence.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::problem::{Refused, invalid, missing};

#[cfg(test)]
mod tests;

/// Members of one object; more are refused.
const MEMBERS_MAX: usize = 100;
/// Warnings in one answer; more are counted but not named.
const WARNINGS_MAX: usize = 20;

/// An object whose members are taken out one by one.
pub struct Object<'a> {
    /// Where it stands: empty for the body itself, else the name of the member that holds it.
    place: &'static str,
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// What was tolerated and had no effect; sent in the header `Scrip-Warnings`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Warnings(Vec<String>);

impl<'a> Object<'a> {
    /// Reads a body. PHP clients send `[]` for an empty object.
    pub fn parse(body: &'a [u8]) -> Result<Object<'a>, Refused> {
        let members: Members<'a> = serde_json::from_slice(body).map_err(|error| broken(&error))?;
        Object::of(members, "")
    }

    /// The nested object of this name, empty where it is missing.
    pub fn object(&mut self, name: &'static str) -> Result<Object<'a>, Refused> {
        let Some(value) = self.take(name) else {
            return Ok(Object {
                place: name,
                members: Vec::new(),
            });
        };
        let members: Members<'a> =
            serde_json::from_str(value.get()).map_err(|_| invalid(name, "must be an object"))?;
        Object::of(members, name)
    }

    /// A text that has to be there.
    pub fn required_text(&mut self, name: &'static str) -> Result<Cow<'a, str>, Refused> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// A text; numbers are taken for the text they are written as.
    pub fn text(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, Refused> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'"') => match serde_json::from_str(text) {
                Ok(Text(text)) => Ok(Some(text)),
                Err(_) => Err(self.invalid(name, "must be a string")),
            },
            Some(b'-' | b'0'..=b'9') => Ok(Some(Cow::Borrowed(text))),
            _ => Err(self.invalid(name, "must be a string")),
        }
    }

    /// A truth value, also as the text `"true"` or `"false"`, which paysafecard's own clients send.
    pub fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Refused> {
        match self.take(name).map(RawValue::get) {
            None => Ok(None),
            Some("true" | "\"true\"") => Ok(Some(true)),
            Some("false" | "\"false\"") => Ok(Some(false)),
            Some(_) => Err(self.invalid(name, "must be true or false")),
        }
    }

    /// A text or the word of a truth value, for members that may be either.
    pub fn word(&mut self, name: &'static str) -> Option<Cow<'a, str>> {
        let text = self.take(name)?.get();
        match serde_json::from_str(text) {
            Ok(Text(text)) => Some(text),
            Err(_) => Some(Cow::Borrowed(text)),
        }
    }

    /// A whole number, also as text.
    pub fn number(&mut self, name: &'static str) -> Result<Option<i64>, Refused> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let number = text
            .parse()
            .map_err(|_| self.invalid(name, "must be a whole number"))?;
        Ok(Some(number))
    }

    /// Whether the member stands there, also as `null` or empty.
    pub fn contains(&self, name: &str) -> bool {
        self.members.iter().any(|(member, _)| member == name)
    }

    /// Refuses a member that nobody asked for, where a slip in its name would do harm.
    pub fn require_end(self, hint: &'static str) -> Result<(), Refused> {
        match self.members.into_iter().next() {
            Some((name, _)) => Err(invalid(
                name.into_owned(),
                format!("there is no such member; {hint}"),
            )),
            None => Ok(()),
        }
    }

    /// Reports every member that nobody asked for.
    pub fn finish(self, warnings: &mut Warnings) {
        for (name, _) in &self.members {
            let separator = if self.place.is_empty() { "" } else { "." };
            warnings.add(format!(
                "unknown member {}{separator}{name} has no effect",
                self.place
            ));
        }
    }

    /// The refusal of a member of this object.
    pub fn invalid(&self, name: &'static str, detail: impl Into<Cow<'static, str>>) -> Refused {
        invalid(self.path(name), detail)
    }

    pub fn missing(&self, name: &'static str) -> Refused {
        missing(self.path(name))
    }

    /// The member's full name: `customer.id`.
    pub fn path(&self, name: &'static str) -> Cow<'static, str> {
        if self.place.is_empty() {
            Cow::Borrowed(name)
        } else {
            Cow::Owned(format!("{}.{name}", self.place))
        }
    }

    /// The value of a member; `null` and the empty text, which clients send for what they do not know, are none.
    fn take(&mut self, name: &str) -> Option<&'a RawValue> {
        let place = self
            .members
            .iter()
            .position(|(member, _)| member.as_ref() == name)?;
        let (_, value) = self.members.swap_remove(place);
        match value.get() {
            "null" | "\"\"" => None,
            _ => Some(value),
        }
    }

    fn of(Members(members): Members<'a>, place: &'static str) -> Result<Object<'a>, Refused> {
        let param = if place.is_empty() { "body" } else { place };
        if MEMBERS_MAX < members.len() {
            return Err(invalid(
                param,
                format!("an object has at most {MEMBERS_MAX} members"),
            ));
        }
        let repeated = members
            .iter()
            .enumerate()
            .any(|(place, (name, _))| members[..place].iter().any(|(earlier, _)| earlier == name));
        if repeated {
            // Readers differ in which of two equal members they take, so neither is (RFC 8259, section 4).
            return Err(invalid(param, "a member stands in it twice"));
        }
        Ok(Object { place, members })
    }
}

impl Warnings {
    pub fn add(&mut self, warning: String) {
        if self.0.len() < WARNINGS_MAX {
            self.0.push(warning);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One line of visible ASCII: names come from the request and may hold anything.
    pub fn header_text(&self) -> String {
        let line = self.0.join("; ");
        line.chars()
            .take(1_000)
            .map(|c| {
                if c == ' ' || c.is_ascii_graphic() {
                    c
                } else {
                    '?'
                }
            })
            .collect()
    }
}

fn broken(error: &serde_json::Error) -> Refused {
    // The error's own text may quote the body, which may hold what should not be repeated.
    let what = match error.classify() {
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Syntax => "is not valid JSON",
        serde_json::error::Category::Data | serde_json::error::Category::Io => {
            "is not a JSON object"
        }
    };
    let place = format!("line {}, column {}", error.line(), error.column());
    invalid("body", format!("the body {what} ({place})"))
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'de>, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some((Text(name), value)) = map.next_entry()? {
                    // One more than allowed is kept, so that the excess is seen.
                    if members.len() <= MEMBERS_MAX {
                        members.push((name, value));
                    }
                }
                Ok(Members(members))
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Members<'de>, S::Error> {
                match seq.next_element::<&RawValue>()? {
                    None => Ok(Members(Vec::new())),
                    Some(_) => Err(serde::de::Error::custom("an object is needed")),
                }
            }
        }
        deserializer.deserialize_any(MembersVisitor)
    }
}
