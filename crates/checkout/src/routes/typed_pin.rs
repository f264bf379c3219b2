//! The PIN as it comes in a form.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use vault::pin::{Pin, PinError};

use crate::pages::pin_problem::PinProblem;

/// What was typed into a PIN field: wiped from memory after use, and redacted where it is printed.
#[derive(Debug, Default)]
pub struct TypedPin(SecretString);

impl TypedPin {
    pub fn parse(&self) -> Result<Pin, PinProblem> {
        Pin::parse(self.0.expose_secret()).map_err(|error| match error {
            PinError::Empty => PinProblem::Missing,
            PinError::WrongLength { digits } => PinProblem::Length { digits },
            PinError::NotDigits => PinProblem::NotDigits,
            PinError::CheckDigit => PinProblem::CheckDigit,
        })
    }
}

impl<'de> Deserialize<'de> for TypedPin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::from(text)))
    }
}
