//! Fresh vouchers for a refund, whoever asks for it.

use ids::object::PaymentId;
use ids::voucher::Serial;
use store::fold::Rows;
use store::row::Key;

use crate::command::Replacement;
use crate::core::Engine;
use crate::error::{CommandError, Refusal};
use crate::service::delivered_pin::seal_pin;

/// A fresh serial and PIN for every voucher that paid: which of them are needed, the rules decide.
pub async fn draw(engine: &Engine, id: PaymentId) -> Result<Vec<Replacement>, CommandError> {
    let rows = engine.store().load(&[Key::Payment(id)]).await?;
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    let sources = payment.allocations.iter().map(|part| part.serial);
    Ok(sources.map(|source| draw_one(engine, source)).collect())
}

fn draw_one(engine: &Engine, source: Serial) -> Replacement {
    let pin = engine.vault().draw_pin();
    let serial = engine.vault().draw_serial();
    Replacement {
        source,
        serial,
        pin: engine.vault().pin_index(&pin),
        sealed_pin: seal_pin(engine, serial, &pin),
    }
}
