//! The forms in which things go over the wire. They borrow from what they show and live as long as one answer.

use std::fmt::Display;

use ids::time::Timestamp;
use money::amount::Amount;
use money::decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

pub mod backtest;
pub mod history;
pub mod inputs;
pub mod liabilities;
pub mod merchant;
pub mod model;
pub mod order;
pub mod payment;
pub mod payout;
pub mod problem;
pub mod receipt;
pub mod refund;
pub mod requests;
pub mod reversal;
pub mod review;
pub mod risk_settings;
pub mod rule;

/// Anything by its text, without an allocation of its own.
pub struct Shown<T>(pub T);

/// An amount as a JSON number with all places of its currency: `10.00`.
#[derive(Clone, Copy)]
pub struct Decimal(pub Amount);

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub struct Milliseconds(pub i64);

/// One page of things.
#[derive(Serialize, ToSchema)]
pub struct List<T> {
    /// Always `LIST`.
    #[schema(value_type = String, example = "LIST")]
    pub object: ListObject,
    pub data: Vec<T>,
    /// Where the next page begins: send it as `cursor`. Null on the last page.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// The word that says that an object is a list.
#[derive(Clone, Copy, Serialize)]
pub enum ListObject {
    #[serde(rename = "LIST")]
    List,
}

impl<T> List<T> {
    pub fn whole(data: Vec<T>) -> List<T> {
        List::page(data, None)
    }

    pub fn page(data: Vec<T>, next_cursor: Option<String>) -> List<T> {
        List {
            object: ListObject::List,
            data,
            next_cursor,
        }
    }
}

impl From<Timestamp> for Milliseconds {
    fn from(time: Timestamp) -> Milliseconds {
        Milliseconds(time.0)
    }
}

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = decimal::text(self.0);
        serde_json::from_str::<&RawValue>(text.as_str())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<T> PartialSchema for Shown<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).into()
    }
}

impl<T> ToSchema for Shown<T> {}

impl PartialSchema for Decimal {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some(
                "In units of the currency, with all its decimal places.",
            ))
            .examples([serde_json::json!(10.5)])
            .into()
    }
}

impl ToSchema for Decimal {}

impl PartialSchema for Milliseconds {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("Milliseconds since 1970-01-01T00:00:00Z."))
            .examples([serde_json::json!(1_430_137_532_383_i64)])
            .into()
    }
}

impl ToSchema for Milliseconds {}
