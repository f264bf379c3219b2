//! PINs that are delivered one by one: how they lie sealed beside their vouchers.

use std::sync::Arc;

use ids::voucher::Serial;
use secrecy::ExposeSecret;
use vault::pin::Pin;
use vault::vault::SealPurpose;

use crate::core::Engine;
use crate::error::CommandError;

/// How often fresh serials and PINs are drawn before a collision is taken for a fault.
pub const DRAWS_MAX: u32 = 4;

/// The PIN of a delivered voucher, encrypted and bound to its serial.
pub fn seal_pin(engine: &Engine, serial: Serial, pin: &Pin) -> Arc<[u8]> {
    let plain = pin.expose();
    let context = serial.number().to_be_bytes();
    engine
        .vault()
        .seal(
            SealPurpose::DeliveredPin,
            &context,
            plain.expose_secret().as_bytes(),
        )
        .into()
}

pub fn unseal_pin(engine: &Engine, serial: Serial, sealed: &[u8]) -> Result<Pin, CommandError> {
    let context = serial.number().to_be_bytes();
    let plain = engine
        .vault()
        .open_sealed(SealPurpose::DeliveredPin, &context, sealed)
        .map_err(|_| CommandError::Fault)?;
    let text = std::str::from_utf8(&plain).map_err(|_| CommandError::Fault)?;
    Pin::parse(text).map_err(|_| CommandError::Fault)
}
