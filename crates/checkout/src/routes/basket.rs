//! The vouchers that a payer has shown for a payment, on their way through the browser.
//!
//! They travel sealed and bound to the payment: nobody can add a serial whose PIN was not typed, and the basket opens
//! for no other payment.

use ids::object::PaymentId;
use ids::voucher::Serial;
use vault::vault::{SealPurpose, Vault};

/// Vouchers in the order in which they were entered.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Basket {
    pub serials: Vec<Serial>,
    /// Hexadecimal digits, fit for an address; nothing for an empty basket.
    pub sealed: String,
}

impl Basket {
    pub fn seal(vault: &Vault, payment: PaymentId, serials: Vec<Serial>) -> Basket {
        if serials.is_empty() {
            return Basket::default();
        }
        let plain: Vec<u8> = serials
            .iter()
            .flat_map(|serial| serial.number().to_be_bytes())
            .collect();
        let payment = payment.to_string();
        let sealed = vault.seal(SealPurpose::CheckoutState, payment.as_bytes(), &plain);
        Basket {
            serials,
            sealed: hex::encode(sealed),
        }
    }

    /// The basket as it was sealed. A damaged or foreign one is empty: the payer types the PINs again.
    pub fn open(vault: &Vault, payment: PaymentId, sealed: String) -> Basket {
        let payment = payment.to_string();
        let plain = hex::decode(&sealed).ok().and_then(|sealed| {
            vault
                .open_sealed(SealPurpose::CheckoutState, payment.as_bytes(), &sealed)
                .ok()
        });
        let Some(plain) = plain else {
            return Basket::default();
        };
        let (numbers, _) = plain.as_chunks::<8>();
        let serials = numbers
            .iter()
            .map(|number| Serial::new(u64::from_be_bytes(*number)));
        Basket {
            serials: serials.filter_map(Result::ok).collect(),
            sealed,
        }
    }
}

#[cfg(test)]
mod tests;
