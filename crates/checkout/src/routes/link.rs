//! The addresses of one payment's pages.

use ids::command::Sequence;
use ids::object::PaymentId;
use vault::vault::Vault;
use web::language::{LANGUAGE_PARAMETER, Language};

use super::failure::Failure;

/// A payment's id with the key that opens its pages, and the language that the shop proposed.
pub struct PaymentLink {
    pub id: PaymentId,
    key: String,
    proposed: Option<Language>,
}

/// A page of a payment, or a place that takes its forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Page,
    Pay,
    RemoveVoucher,
    Cancel,
    Result,
    /// All receipts of the payment.
    Receipts,
    /// The receipt of one entry, as a page and as files.
    Receipt(Sequence),
    ReceiptJson(Sequence),
    ReceiptFile(Sequence),
}

impl PaymentLink {
    /// A link whose key is right; any other leads nowhere.
    pub fn open(
        vault: &Vault,
        id: &str,
        key: Option<String>,
        proposed: Option<&str>,
    ) -> Result<Self, Failure> {
        let key = key
            .filter(|key| vault.is_checkout_key(id.as_bytes(), key))
            .ok_or_else(Failure::not_found)?;
        Ok(Self {
            id: id.parse().map_err(|_| Failure::not_found())?,
            key,
            proposed: proposed.and_then(Language::from_tag),
        })
    }

    /// The local address of a place. Parameters are of characters that need no escape.
    pub fn address(&self, place: Place, parameters: &[(&str, &str)]) -> String {
        let path = match place {
            Place::Page => "".to_owned(),
            Place::Pay => "/pay".to_owned(),
            Place::RemoveVoucher => "/vouchers/remove".to_owned(),
            Place::Cancel => "/cancel".to_owned(),
            Place::Result => "/result".to_owned(),
            Place::Receipts => "/receipts".to_owned(),
            Place::Receipt(entry) => format!("/receipts/{}", entry.0),
            Place::ReceiptJson(entry) => format!("/receipts/{}/json", entry.0),
            Place::ReceiptFile(entry) => format!("/receipts/{}/tlog-proof", entry.0),
        };
        let mut address = format!("/checkout/{}{path}?key={}", self.id, self.key);
        let language = self
            .proposed
            .map(|language| (LANGUAGE_PARAMETER, language.tag()));
        for (name, value) in parameters.iter().copied().chain(language) {
            if !value.is_empty() {
                address.extend(["&", name, "=", value]);
            }
        }
        address
    }
}
