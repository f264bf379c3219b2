//! Reading query strings, with the same care for names as bodies get.

use std::borrow::Cow;
use std::str::FromStr;

use ids::time::Timestamp;

use crate::json::Warnings;
use crate::problem::{Refused, invalid};

/// Parameters that are taken out one by one.
pub struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub fn parse(query: Option<&'a str>) -> Query<'a> {
        Query(url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect())
    }

    /// Leaves out parameters without a value, as paysafecard's interfaces do.
    pub fn parse_tolerantly(query: Option<&'a str>) -> Query<'a> {
        let mut query = Query::parse(query);
        query.0.retain(|(_, value)| !value.is_empty());
        query
    }

    /// The parameter of this name. An empty one is refused: a filter that lost its value on the way would otherwise
    /// let everything through.
    pub fn text(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, Refused> {
        let mut values = self.all(name);
        if 1 < values.len() {
            return Err(invalid(name, "may stand in the query once"));
        }
        match values.pop() {
            Some(value) if value.is_empty() => Err(invalid(name, "must not be empty")),
            value => Ok(value),
        }
    }

    /// Every value of a parameter that may be repeated.
    pub fn all(&mut self, name: &'static str) -> Vec<Cow<'a, str>> {
        let mut values = Vec::new();
        self.0.retain(|(found, value)| {
            let wanted = found == name;
            if wanted {
                values.push(value.clone());
            }
            !wanted
        });
        values
    }

    /// The parameter as a value of its own type; `expected` tells a person how it is written.
    pub fn value<T: FromStr>(
        &mut self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, Refused> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let value = text
            .parse()
            .map_err(|_| invalid(name, format!("must be {expected}")))?;
        Ok(Some(value))
    }

    /// A point in time: RFC 3339 or milliseconds since 1970.
    pub fn time(&mut self, name: &'static str) -> Result<Option<Timestamp>, Refused> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let time = time(&text).ok_or_else(|| {
            invalid(
                name,
                "must be a time as in 2026-01-31T12:00:00Z, or milliseconds since 1970",
            )
        })?;
        Ok(Some(time))
    }

    /// Refuses what nobody asked for: a filter with a slip in its name would otherwise let everything through.
    pub fn finish(self) -> Result<(), Refused> {
        match self.0.into_iter().next() {
            Some((name, _)) => Err(invalid(
                name.into_owned(),
                "there is no such query parameter",
            )),
            None => Ok(()),
        }
    }

    /// Tolerates what nobody asked for, and reports it.
    pub fn warn(self, warnings: &mut Warnings) {
        for (name, _) in &self.0 {
            warnings.add(format!("unknown query parameter {name} has no effect"));
        }
    }
}

fn time(text: &str) -> Option<Timestamp> {
    if let Ok(milliseconds) = text.parse() {
        return Some(Timestamp(milliseconds));
    }
    // A plus sign in a query is a space unless the caller escaped it.
    let text = text.replace(' ', "+");
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp(time.as_millisecond()))
}
