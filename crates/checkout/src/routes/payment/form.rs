//! What the forms of the checkout send.

use std::fmt;

use ids::voucher::Serial;
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::super::typed_pin::TypedPin;

/// Answers to a challenge at most: one for each voucher of a payment.
const ANSWERS_MAX: usize = payment::decide::VOUCHERS_MAX;

/// The fields of the form. A client without the page may send the key here.
#[derive(Default)]
pub struct PaymentForm {
    pub key: Option<String>,
    pub vouchers: String,
    /// Absent where the basket covers the amount.
    pub pin: Option<TypedPin>,
    /// The place of the voucher to take out, counted from 0.
    pub remove: Option<usize>,
    /// What was typed for the serial numbers that a challenge asks for, in the order of the page.
    pub serials: Vec<String>,
    /// What the page's script noticed.
    pub behaviour: String,
}

impl PaymentForm {
    /// The serial numbers that were typed. One that cannot be any is left out, and so proves nothing.
    pub fn answers(&self) -> Vec<Serial> {
        let digits = |text: &String| -> String {
            let digits = text.chars().filter(char::is_ascii_digit);
            digits.take(32).collect()
        };
        let typed = self.serials.iter().map(digits);
        typed.filter_map(|digits| digits.parse().ok()).collect()
    }

    /// Whether anything was typed as an answer.
    pub fn is_answered(&self) -> bool {
        self.serials.iter().any(|text| !text.trim().is_empty())
    }
}

/// Field by field, because one name may occur several times.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = PaymentForm;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a form")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<PaymentForm, A::Error> {
        let mut form = PaymentForm::default();
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "key" => form.key = Some(fields.next_value()?),
                "vouchers" => form.vouchers = fields.next_value()?,
                "pin" => form.pin = Some(fields.next_value()?),
                "remove" => form.remove = Some(fields.next_value()?),
                "behaviour" => form.behaviour = fields.next_value()?,
                "serial" if form.serials.len() < ANSWERS_MAX => {
                    form.serials.push(fields.next_value()?);
                }
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(form)
    }
}

impl<'de> Deserialize<'de> for PaymentForm {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}
