//! From the cells of one row to one event.

use std::collections::HashMap;
use std::net::IpAddr;

use ids::time::Timestamp;
use risk::entity::{EntityHasher, EntityKey, EntityKind};
use risk::event::{Attempt, Outcome, Verdict};
use risk::place::Place;
use risk::stream::StreamEvent;

use super::InputError;
use super::mapping::{LabelFile, Mapping, Places, TimeFormat};

/// Names mean nothing here, so the key needs no secret.
const HASHER: EntityHasher = EntityHasher::new([0x7363_7269_7020_6576, 0x616c_7561_7469_6f6e]);

/// The columns that are read, each once for every role that it has.
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) roles: Vec<&'static str>,
}

impl Columns {
    pub(super) fn of(mapping: &Mapping) -> Columns {
        let mut columns = Columns {
            names: Vec::new(),
            roles: Vec::new(),
        };
        let single = [
            ("time", Some(&mapping.time)),
            ("amount", mapping.amount.as_ref()),
            ("payer", mapping.payer.as_ref()),
            ("payee", mapping.payee.as_ref()),
            ("address", mapping.address.as_ref()),
            ("device", mapping.device.as_ref()),
            ("label", mapping.label.as_ref()),
            ("scenario", mapping.scenario.as_ref()),
            ("id", mapping.id.as_ref()),
            ("declined", mapping.declined.as_ref()),
        ];
        for (role, name) in single {
            columns.add(role, name);
        }
        let places = [
            (["place", "place_end"], &mapping.place),
            (["payee_place", "payee_place_end"], &mapping.payee_place),
            (["home", "home_end"], &mapping.home),
        ];
        for (roles, names) in places {
            for (role, name) in roles.into_iter().zip(names.iter().flatten()) {
                columns.add(role, Some(name));
            }
        }
        for name in &mapping.numbers {
            columns.add("numbers", Some(name));
        }
        for name in &mapping.categories {
            columns.add("categories", Some(name));
        }
        columns
    }

    fn add(&mut self, role: &'static str, name: Option<&String>) {
        if let Some(name) = name {
            self.names.push(name.clone());
            self.roles.push(role);
        }
    }
}

pub(super) struct Row {
    pub(super) number: usize,
    pub(super) scenario: u32,
    pub(super) event: StreamEvent,
}

pub(super) struct RowReader<'a> {
    mapping: &'a Mapping,
    /// From an id, or from all cells where there is none, to the row that has them.
    seen: HashMap<String, usize>,
    scenario_names: Vec<String>,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(mapping: &'a Mapping) -> RowReader<'a> {
        RowReader {
            mapping,
            seen: HashMap::new(),
            scenario_names: Vec::new(),
        }
    }

    /// Rows by the id of their payment.
    pub(super) fn places(&self) -> &HashMap<String, usize> {
        &self.seen
    }

    pub(super) fn into_scenario_names(self) -> Vec<String> {
        self.scenario_names
    }

    pub(super) fn row(
        &mut self,
        number: usize,
        columns: &Columns,
        cells: &[&str],
    ) -> Result<Row, InputError> {
        self.check_new(number, columns, cells)?;
        let mut attempt = Attempt::default();
        let mut verdict = None;
        let mut kind = None;
        let mut outcome = Outcome::Authorised;
        let mut begun = f64::NAN;
        for ((role, name), value) in columns.roles.iter().zip(&columns.names).zip(cells) {
            let cell = Cell {
                row: number,
                column: name,
                value,
            };
            match *role {
                "time" => attempt.at = cell.time(self.mapping.time_format)?,
                "amount" => attempt.amount_minor = cell.amount(self.mapping.amount_decimals)?,
                "payer" => attempt.account = cell.entity(EntityKind::Account),
                "payee" => attempt.merchant = cell.entity(EntityKind::Merchant),
                "address" => {
                    attempt.address = cell.entity(EntityKind::Address);
                    attempt.network = cell.network();
                }
                "device" => attempt.device = cell.entity(EntityKind::Device),
                "label" => verdict = cell.verdict()?,
                "declined" => {
                    outcome = match cell.flag()? {
                        true => Outcome::WrongPin,
                        false => Outcome::Authorised,
                    };
                }
                // The two columns of a place stand one behind the other.
                "place" | "payee_place" | "home" => begun = cell.coordinate()?,
                "place_end" => attempt.place = self.place(&cell, begun)?,
                "payee_place_end" => attempt.merchant_place = self.place(&cell, begun)?,
                "home_end" => attempt.home = self.place(&cell, begun)?,
                "scenario" => kind = cell.text(),
                "numbers" => attempt.attributes.push(cell.number()?),
                "categories" => attempt.categories.extend(cell.category()),
                _ => {}
            }
        }
        let scenario = match verdict {
            Some(Verdict::Fraud) => self.scenario(kind.unwrap_or("fraud")),
            Some(Verdict::Good) | None if self.mapping.labels.is_some() => {
                self.scenario(kind.unwrap_or("fraud"))
            }
            Some(Verdict::Good) | None => 0,
        };
        Ok(Row {
            number,
            scenario,
            event: StreamEvent::Attempt {
                attempt,
                outcome,
                verdict,
            },
        })
    }

    /// The place of which the first number was read before; none if either is missing.
    fn place(&self, cell: &Cell<'_>, first: f64) -> Result<Option<Place>, InputError> {
        let second = cell.coordinate()?;
        if first.is_nan() || second.is_nan() {
            return Ok(None);
        }
        let place = match self.mapping.places {
            Places::Degrees => Place::on_earth(first, second).ok(),
            Places::Plane => Place::on_plane(first, second),
        };
        let wanted =
            "the second half of a place; `places` says whether it is in degrees or on a plane";
        place.map(Some).ok_or_else(|| cell.refused(wanted))
    }

    fn check_new(
        &mut self,
        number: usize,
        columns: &Columns,
        cells: &[&str],
    ) -> Result<(), InputError> {
        let id_place = columns.roles.iter().position(|role| *role == "id");
        let name = match id_place {
            Some(place) if cells[place].is_empty() => {
                return Err(InputError::Empty {
                    row: number,
                    column: columns.names[place].clone(),
                });
            }
            Some(place) => cells[place].to_owned(),
            None => cells.join("\u{1f}"),
        };
        match (self.seen.insert(name.clone(), number), id_place) {
            (None, _) => Ok(()),
            (Some(first), Some(_)) => Err(InputError::DuplicateId {
                first,
                second: number,
                id: name,
            }),
            (Some(first), None) => Err(InputError::DuplicateRow {
                first,
                second: number,
            }),
        }
    }

    /// Scenarios are numbered from 1 in the order in which they come.
    fn scenario(&mut self, name: &str) -> u32 {
        let known = self.scenario_names.iter().position(|known| known == name);
        let place = known.unwrap_or_else(|| {
            self.scenario_names.push(name.to_owned());
            self.scenario_names.len() - 1
        });
        place as u32 + 1
    }
}

/// Labels from a file of their own, by the row of the stream.
#[derive(Default)]
pub(super) struct Labels {
    by_row: Option<HashMap<usize, Verdict>>,
}

impl Labels {
    pub(super) fn row(
        &mut self,
        number: usize,
        file: &LabelFile,
        cells: &[&str],
        places: &HashMap<String, usize>,
    ) -> Result<(), InputError> {
        let [id, label] = cells else {
            return Ok(());
        };
        let row = *places.get(*id).ok_or_else(|| InputError::UnknownPayment {
            row: number,
            id: (*id).to_owned(),
        })?;
        let cell = Cell {
            row: number,
            column: &file.label,
            value: label,
        };
        let by_row = self.by_row.get_or_insert_default();
        if let Some(verdict) = cell.verdict()? {
            by_row.insert(row, verdict);
        }
        Ok(())
    }

    pub(super) fn apply(&self, rows: &mut [Row]) {
        let Some(by_row) = &self.by_row else {
            return;
        };
        for row in rows {
            let told = by_row.get(&row.number).copied().unwrap_or(Verdict::Good);
            if told == Verdict::Good {
                row.scenario = 0;
            }
            if let StreamEvent::Attempt { verdict, .. } = &mut row.event {
                *verdict = Some(told);
            }
        }
    }
}

struct Cell<'a> {
    row: usize,
    column: &'a str,
    value: &'a str,
}

impl<'a> Cell<'a> {
    fn refused(&self, wanted: &'static str) -> InputError {
        InputError::Value {
            row: self.row,
            column: self.column.to_owned(),
            value: self.value.to_owned(),
            wanted,
        }
    }

    fn text(&self) -> Option<&'a str> {
        (!self.value.is_empty()).then_some(self.value)
    }

    fn entity(&self, kind: EntityKind) -> Option<EntityKey> {
        Some(HASHER.key(kind, self.text()?.as_bytes()))
    }

    fn category(&self) -> Option<EntityKey> {
        let id = format!("{}\u{1f}{}", self.column, self.text()?);
        Some(HASHER.key(EntityKind::Category, id.as_bytes()))
    }

    /// The first 24 bits of an IPv4 address, the first 48 of an IPv6 address; none for what is no address.
    fn network(&self) -> Option<EntityKey> {
        let prefix: Vec<u8> = match self.text()?.parse().ok()? {
            IpAddr::V4(address) => address.octets()[..3].to_vec(),
            IpAddr::V6(address) => address.octets()[..6].to_vec(),
        };
        Some(HASHER.key(EntityKind::Network, &prefix))
    }

    fn number(&self) -> Result<f32, InputError> {
        match self.text() {
            None => Ok(f32::NAN),
            Some(text) => text.parse().map_err(|_| self.refused("a number")),
        }
    }

    /// Half of a place; NaN if it is not known.
    fn coordinate(&self) -> Result<f64, InputError> {
        match self.text() {
            None => Ok(f64::NAN),
            Some(text) => text.parse().map_err(|_| self.refused("a coordinate")),
        }
    }

    fn flag(&self) -> Result<bool, InputError> {
        match self.value.to_ascii_lowercase().as_str() {
            "1" | "1.0" | "true" | "yes" => Ok(true),
            "" | "0" | "0.0" | "false" | "no" => Ok(false),
            _ => Err(self.refused("a flag (1, true, yes or 0, false, no)")),
        }
    }

    fn amount(&self, decimals: u32) -> Result<Option<i64>, InputError> {
        let Some(text) = self.text() else {
            return Ok(None);
        };
        let amount: f64 = text.parse().map_err(|_| self.refused("an amount"))?;
        let minor = (amount * 10_f64.powi(decimals as i32)).round();
        match minor.abs() < 9e15 {
            true => Ok(Some(minor as i64)),
            false => Err(self.refused("an amount")),
        }
    }

    fn verdict(&self) -> Result<Option<Verdict>, InputError> {
        match self.value.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "1" | "1.0" | "true" | "fraud" | "yes" => Ok(Some(Verdict::Fraud)),
            "0" | "0.0" | "false" | "good" | "no" => Ok(Some(Verdict::Good)),
            _ => Err(self.refused("a label (1, true, fraud, yes or 0, false, good, no)")),
        }
    }

    fn time(&self, format: TimeFormat) -> Result<Timestamp, InputError> {
        let Some(text) = self.text() else {
            return Err(InputError::Empty {
                row: self.row,
                column: self.column.to_owned(),
            });
        };
        let ms = match format {
            TimeFormat::Text => text_time(text),
            TimeFormat::Seconds => text.parse().ok().and_then(|s: f64| whole_ms(s * 1_000.0)),
            TimeFormat::Milliseconds => text.parse().ok().and_then(whole_ms),
        };
        // Profiles count seconds since 1970 in 32 bits.
        let ms = ms.filter(|ms| (0..i64::from(u32::MAX) * 1_000).contains(ms));
        let wanted = "a time from 1970 to 2106 in the form that the mapping says";
        ms.map(Timestamp).ok_or_else(|| self.refused(wanted))
    }
}

fn whole_ms(ms: f64) -> Option<i64> {
    ms.is_finite().then_some(ms.round() as i64)
}

/// RFC 3339, a date and time without a zone (then UTC), or whole milliseconds, which times of Parquet come as.
fn text_time(text: &str) -> Option<i64> {
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.as_millisecond());
    }
    if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
        let zoned = local.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        return Some(zoned.timestamp().as_millisecond());
    }
    text.parse().ok()
}
