//! The mapping: which column of a file is what, in TOML.
//!
//! ```toml
//! time = "TX_DATETIME"
//! time_format = "text"          # text (RFC 3339 or 2018-04-01 00:00:31, then UTC), seconds, milliseconds
//! amount = "TX_AMOUNT"
//! amount_decimals = 2           # how many decimal places a minor unit has
//! payer = "CUSTOMER_ID"
//! payee = "TERMINAL_ID"
//! label = "TX_FRAUD"            # 1, true, fraud or 0, false, good; empty if it is never told
//! scenario = "TX_FRAUD_SCENARIO"
//! id = "TRANSACTION_ID"
//! numbers = ["AGE"]             # at most 16
//! categories = ["CHANNEL"]      # at most 4
//! place = ["LAT", "LON"]        # where the payer is, or where the goods go
//! payee_place = ["SHOP_LAT", "SHOP_LON"]
//! home = ["BILL_LAT", "BILL_LON"]
//! places = "degrees"            # degrees (latitude, longitude) or plane (kilometres either way)
//! declined = "DECLINED"         # 1, true, yes if it was refused at once, as for a wrong PIN
//! ```

use risk::event::{ATTRIBUTES_MAX, CATEGORIES_MAX};
use serde::Deserialize;

/// Bytes of a mapping.
pub const MAPPING_BYTES_MAX: usize = 64 << 10;

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub time: String,
    #[serde(default)]
    pub time_format: TimeFormat,
    pub amount: Option<String>,
    #[serde(default = "default_decimals")]
    pub amount_decimals: u32,
    pub payer: Option<String>,
    pub payee: Option<String>,
    pub address: Option<String>,
    pub device: Option<String>,
    /// Needed unless `labels` names a file of its own.
    pub label: Option<String>,
    /// The kind of fraud, for figures by kind; it is no feature.
    pub scenario: Option<String>,
    pub id: Option<String>,
    #[serde(default)]
    pub numbers: Vec<String>,
    #[serde(default)]
    pub categories: Vec<String>,
    /// Two columns each: a latitude and a longitude, or two distances on a plane.
    pub place: Option<[String; 2]>,
    pub payee_place: Option<[String; 2]>,
    pub home: Option<[String; 2]>,
    #[serde(default)]
    pub places: Places,
    /// Whether the attempt was refused as soon as it was made; known from then on.
    pub declined: Option<String>,
    pub labels: Option<LabelFile>,
}

/// What two numbers are that say where somebody is.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Places {
    /// Latitude and longitude.
    #[default]
    Degrees,
    /// Kilometres.
    Plane,
}

/// Labels in a file of their own, beside the stream; rows without one are good.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct LabelFile {
    /// The file's name, in the directory of the stream.
    pub path: String,
    /// The column with the id of the payment, as in the stream's own `id`.
    pub id: String,
    pub label: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    #[default]
    Text,
    /// Since 1970.
    Seconds,
    /// Since 1970.
    Milliseconds,
}

#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    #[error("a mapping has at most {MAPPING_BYTES_MAX} bytes, this one has {found}")]
    TooLong { found: usize },
    #[error("it is not the TOML that a mapping is")]
    Toml(#[from] toml::de::Error),
    #[error("neither `label` nor `labels` says what turned out to be fraud")]
    NoLabel,
    #[error("both `label` and `labels` say what turned out to be fraud; keep one")]
    TwoLabels,
    #[error("`labels` needs `id`, the stream's column with the id of the payment")]
    LabelsWithoutId,
    #[error("{found} columns are listed as {list}, and at most {most} can be used")]
    TooMany {
        list: &'static str,
        most: usize,
        found: usize,
    },
    #[error("amount_decimals is {found}; it is 0 to 6")]
    Decimals { found: u32 },
}

const DECIMALS_MAX: u32 = 6;

fn default_decimals() -> u32 {
    2
}

impl Mapping {
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        if text.len() > MAPPING_BYTES_MAX {
            return Err(MappingError::TooLong { found: text.len() });
        }
        let mapping: Mapping = toml::from_str(text)?;
        match (&mapping.label, &mapping.labels) {
            (None, None) => return Err(MappingError::NoLabel),
            (Some(_), Some(_)) => return Err(MappingError::TwoLabels),
            (None, Some(_)) if mapping.id.is_none() => return Err(MappingError::LabelsWithoutId),
            (Some(_), None) | (None, Some(_)) => {}
        }
        check_count("numbers", ATTRIBUTES_MAX, mapping.numbers.len())?;
        check_count("categories", CATEGORIES_MAX, mapping.categories.len())?;
        match mapping.amount_decimals <= DECIMALS_MAX {
            true => Ok(mapping),
            false => Err(MappingError::Decimals {
                found: mapping.amount_decimals,
            }),
        }
    }
}

fn check_count(list: &'static str, most: usize, found: usize) -> Result<(), MappingError> {
    match found <= most {
        true => Ok(()),
        false => Err(MappingError::TooMany { list, most, found }),
    }
}
