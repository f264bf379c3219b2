//! Vouchers: the printed serial, the blind index of the PIN, and what kind of voucher it is.

use std::fmt;
use std::str::FromStr;

use crate::line::Line;

/// A voucher's serial: 16 digits, not secret, printed beside the PIN for support.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(u64);

/// The keyed digest under which a PIN is found; the PIN itself is stored nowhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PinIndex(pub [u8; 16]);

/// A product of the issuer: five digits, as in `00002`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(u32);

/// A batch of vouchers that were issued together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// A country by its two capital letters (ISO 3166-1 alpha-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The text or number is not of the expected form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVoucherWord {
    #[error("a serial is 16 digits and does not begin with 0")]
    Serial,
    #[error("a product is five digits")]
    Product,
    #[error("a country is two capital letters")]
    Country,
}

impl Serial {
    pub fn new(number: u64) -> Result<Serial, InvalidVoucherWord> {
        match number {
            1_000_000_000_000_000..=9_999_999_999_999_999 => Ok(Serial(number)),
            _ => Err(InvalidVoucherWord::Serial),
        }
    }

    pub fn number(self) -> u64 {
        self.0
    }

    /// The last four digits, by which its owner knows the voucher and others do not.
    pub fn last_four(self) -> String {
        format!("{:04}", self.0 % 10_000)
    }
}

impl FromStr for Serial {
    type Err = InvalidVoucherWord;

    /// Reads 16 digits; spaces and dashes between them are passed over.
    fn from_str(text: &str) -> Result<Serial, InvalidVoucherWord> {
        let digits: String = text.chars().filter(|c| *c != ' ' && *c != '-').collect();
        if digits.len() != 16 {
            return Err(InvalidVoucherWord::Serial);
        }
        Serial::new(digits.parse().map_err(|_| InvalidVoucherWord::Serial)?)
    }
}

impl ProductId {
    pub fn new(number: u32) -> Result<ProductId, InvalidVoucherWord> {
        if number <= 99_999 {
            Ok(ProductId(number))
        } else {
            Err(InvalidVoucherWord::Product)
        }
    }

    pub fn number(self) -> u32 {
        self.0
    }
}

impl FromStr for ProductId {
    type Err = InvalidVoucherWord;

    fn from_str(text: &str) -> Result<ProductId, InvalidVoucherWord> {
        if text.len() != 5 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidVoucherWord::Product);
        }
        ProductId::new(text.parse().map_err(|_| InvalidVoucherWord::Product)?)
    }
}

impl Country {
    pub fn letters(self) -> [u8; 2] {
        self.0
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a country holds ASCII alone")
    }
}

impl FromStr for Country {
    type Err = InvalidVoucherWord;

    fn from_str(text: &str) -> Result<Country, InvalidVoucherWord> {
        match text.as_bytes() {
            &[first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => {
                Ok(Country([first, second]))
            }
            _ => Err(InvalidVoucherWord::Country),
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Line::<16>::new().push_number(self.0, 16).show(f)
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Line::<5>::new().push_number(u64::from(self.0), 5).show(f)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for PinIndex {
    /// A blind index identifies a PIN to whoever holds the key, so logs do not get it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinIndex(..)")
    }
}
