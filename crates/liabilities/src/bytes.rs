//! The small pieces that several formats are made of. All numbers are big-endian.

use accounting::claim::Holder;
use ids::party::MerchantId;
use ids::voucher::Serial;
use money::currency::Currency;

pub fn currency(currency: Currency) -> [u8; 2] {
    currency.numeric().to_be_bytes()
}

pub fn holder_kind(holder: Holder) -> u8 {
    match holder {
        Holder::Voucher(_) => 0,
        Holder::Merchant(_) => 1,
    }
}

pub fn holder_number(holder: Holder) -> u64 {
    match holder {
        Holder::Voucher(serial) => serial.number(),
        Holder::Merchant(id) => u64::from(id.number()),
    }
}

/// Reads from the front; nothing when bytes are missing or are none that could have been written.
pub struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub fn word(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub fn signed(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub fn currency(&mut self) -> Option<Currency> {
        let numeric = self.array().map(u16::from_be_bytes)?;
        Currency::from_numeric(numeric).ok()
    }

    pub fn holder(&mut self) -> Option<Holder> {
        let kind = self.byte()?;
        let number = self.long()?;
        match kind {
            0 => Serial::new(number).ok().map(Holder::Voucher),
            1 => {
                let id = MerchantId::new(u32::try_from(number).ok()?);
                id.ok().map(Holder::Merchant)
            }
            _ => None,
        }
    }

    pub fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}
