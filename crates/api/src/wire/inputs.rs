//! Values that published clients write in more than one way, as the OpenAPI document describes them.

use serde::Serialize;
use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An amount: a number or a text, with at most the decimal places of its currency.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct AmountInput(pub String);

/// A truth value: `true`, `false`, or one of these as text.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub struct FlagInput(pub bool);

/// When authorised value is captured: `manual` or `automatic`; `true` also stands for `automatic`.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct CaptureInput(pub String);

impl PartialSchema for AmountInput {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new()
            .schema_type(Type::Number)
            .exclusive_minimum(Some(0))
            .multiple_of(Some(0.01));
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^[0-9]{1,11}(\.[0-9]{1,2})?$"))
            .max_length(Some(14));
        OneOfBuilder::new()
            .item(number)
            .item(text)
            .description(Some(
                "In units of the currency, as a number or as text: `10`, `10.5`, `\"10.50\"`.",
            ))
            .examples([json!(10.5)])
            .into()
    }
}

impl ToSchema for AmountInput {}

impl PartialSchema for FlagInput {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["true", "false", ""]));
        OneOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(text)
            .examples([json!(true)])
            .into()
    }
}

impl ToSchema for FlagInput {}

impl PartialSchema for CaptureInput {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["manual", "automatic", "true", "false", ""]));
        OneOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .item(text)
            .description(Some(
                "`manual`: the shop captures. `automatic`, or `true`: the authorisation captures at once.",
            ))
            .examples([json!("manual")])
            .into()
    }
}

impl ToSchema for CaptureInput {}
