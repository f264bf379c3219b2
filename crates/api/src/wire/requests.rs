//! Requests as the OpenAPI document describes them. They are read member by member (see [`crate::json`]), because only
//! then can an error name its member and an amount keep its text; a test holds both to the same members.

use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::inputs::{AmountInput, CaptureInput, FlagInput};

/// A payment to create. Members that are not listed are tolerated and reported in the header `Scrip-Warnings`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "PAYSAFECARD",
    "amount": 10.00,
    "currency": "EUR",
    "redirect": {
        "success_url": "https://shop.example/ok?id={payment_id}",
        "failure_url": "https://shop.example/failed?id={payment_id}"
    },
    "notification_url": "https://shop.example/notify/{payment_id}",
    "customer": { "id": "customer-4711" }
}))]
pub struct NewPayment {
    /// Always `PAYSAFECARD`.
    #[schema(pattern = "^PAYSAFECARD$")]
    pub r#type: String,
    pub amount: AmountInput,
    /// A currency of the merchant, three capital letters.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
    pub redirect: NewRedirect,
    /// Where the classic notification goes; `{payment_id}` is filled in everywhere. Where the platform will not send
    /// anything to it, such as by http, the header `Scrip-Warnings` says so.
    #[schema(max_length = 2048, format = "uri", pattern = "^https?://")]
    pub notification_url: String,
    pub customer: NewCustomer,
    /// A submerchant of the merchant.
    #[schema(max_length = 8, pattern = "^[A-Za-z0-9]*$")]
    pub submerchant_id: Option<String>,
    /// The shop's own name for the place of sale.
    #[schema(max_length = 60, pattern = "^[A-Za-z0-9_-]*$")]
    pub shop_id: Option<String>,
    /// The shop's own name for the order. A second payment of the same customer for the same order and amount is found,
    /// and marked or given back as the merchant has agreed.
    #[schema(max_length = 60)]
    pub order_reference: Option<String>,
    /// Seconds for which authorised value stays held; the merchant's own window where it is missing.
    #[schema(minimum = 60, maximum = 604_800)]
    pub capture_window: Option<u32>,
    pub capture: Option<CaptureInput>,
}

/// Where the payer returns to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewRedirect {
    /// After paying; `{payment_id}` is filled in everywhere.
    #[schema(max_length = 2048, format = "uri", pattern = "^https?://")]
    pub success_url: String,
    /// After giving up; `{payment_id}` is filled in everywhere.
    #[schema(max_length = 2048, format = "uri", pattern = "^https?://")]
    pub failure_url: String,
}

/// Who pays, as far as the shop knows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewCustomer {
    /// The shop's own stable name for the customer; no e-mail address, no IP address.
    #[schema(
        min_length = 1,
        max_length = 60,
        pattern = r"^[^@\x00-\x1f\x7f-\x9f]+$"
    )]
    pub id: String,
    /// The customer's address as the shop saw it; kept, never compared.
    pub ip: Option<String>,
    /// Years. Demands a verified account; accounts are not enabled, so no payer can meet it.
    #[schema(minimum = 1, maximum = 120)]
    pub min_age: Option<u8>,
    /// Demands a verified account; accounts are not enabled, so no payer can meet it.
    #[schema(pattern = "^(SIMPLE|FULL)?$")]
    pub kyc_level: Option<String>,
    /// Takes vouchers from this country alone.
    #[schema(pattern = "^([A-Za-z]{2})?$")]
    pub country_restriction: Option<String>,
}

/// A capture. An empty body, `{}`, `[]` and a body without `amount` capture everything that is held. Members that are
/// not listed are refused: a slip in the name of the amount would capture too much.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "amount": 4.00, "final": false }))]
pub struct NewCapture {
    /// The id of the payment, which paysafecard's clients repeat here; the path decides.
    pub id: Option<String>,
    /// How much of the held value to capture; all of it where it is missing. It may not be null or empty.
    #[schema(nullable = false)]
    pub amount: Option<AmountInput>,
    /// Whether the rest goes back to the vouchers at once. Where it is missing, the rest stays held until the
    /// capture window ends, and more captures may follow.
    pub r#final: Option<FlagInput>,
}

/// A refund to validate or to carry out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "PAYSAFECARD",
    "capture": true,
    "amount": 4.00,
    "currency": "EUR",
    "customer": { "id": "customer-4711" }
}))]
pub struct NewRefund {
    /// Always `PAYSAFECARD`.
    #[schema(pattern = "^PAYSAFECARD$")]
    pub r#type: String,
    /// Whether value moves at once. Where it is missing or false, the refund is checked and waits to be captured.
    pub capture: Option<FlagInput>,
    pub amount: AmountInput,
    /// The currency of the payment.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
    pub customer: NewRefundCustomer,
    #[schema(max_length = 8, pattern = "^[A-Za-z0-9]*$")]
    pub submerchant_id: Option<String>,
    /// For the merchant's own books: letters, digits, spaces and `'.,-/\:?!()+&_`.
    #[schema(max_length = 60)]
    pub comment: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewRefundCustomer {
    /// The `customer.id` that the payment was created with.
    #[schema(min_length = 1, max_length = 60)]
    pub id: String,
    /// Not needed: the value goes back to the vouchers that paid. Kept for the merchant's own books.
    #[schema(max_length = 254)]
    pub email: Option<String>,
}

/// What a merchant may set for itself. Members that are missing stay as they are.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({ "capture_window": 600, "capture": "manual" }))]
pub struct MerchantSettings {
    /// Seconds for which authorised value stays held, unless a payment says otherwise.
    #[schema(minimum = 60, maximum = 604_800)]
    pub capture_window: Option<u32>,
    pub capture: Option<CaptureInput>,
    /// Whether the classic notification is sent to a payment's `notification_url`: `classic` or `off`.
    #[schema(pattern = "^(classic|off)?$")]
    pub notification: Option<String>,
}

/// An order of one voucher at a till.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "amount": 25.00,
    "currency": "EUR",
    "country": "AT",
    "product_id": "00002",
    "delivery_type": "RETURN",
    "utc_offset": "+01:00",
    "shop_id": "shop-12",
    "terminal_id": "till-7",
    "customer": { "id_type": "NONE" },
    "capture": true
}))]
pub struct NewOrder {
    /// One of the denominations of the product.
    pub amount: AmountInput,
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
    /// Where the voucher is sold.
    #[schema(pattern = "^[A-Z]{2}$")]
    pub country: String,
    /// Five digits.
    #[schema(pattern = "^[0-9]{5}$")]
    pub product_id: String,
    /// `RETURN`, which also stands for a missing one: the PIN is in the answer. `ACCOUNT` is refused.
    #[schema(pattern = "^(RETURN|ACCOUNT)?$")]
    pub delivery_type: Option<String>,
    /// The till's offset from UTC, as in `+01:00`; nothing depends on it.
    pub utc_offset: Option<String>,
    #[schema(min_length = 1, max_length = 60, pattern = "^[A-Za-z0-9_-]+$")]
    pub shop_id: String,
    /// The till, whose limits apply.
    #[schema(min_length = 1, max_length = 41, pattern = "^[A-Za-z0-9_-]+$")]
    pub terminal_id: String,
    /// Nothing depends on it.
    pub retailer_id: Option<String>,
    pub customer: Option<NewOrderCustomer>,
    /// Always true: an order that is not carried out at once is not offered.
    pub capture: Option<FlagInput>,
    /// Seconds within which the till confirms the delivery, or the order is cancelled; as the distributor has agreed
    /// where it is missing.
    #[schema(minimum = 10, maximum = 3_600)]
    pub confirmation_window: Option<u32>,
    /// Where the buyer wants to be told what becomes of the voucher: when it is frozen or released, and when a payment
    /// with it looks wrong. The address first gets a link to confirm it, and nothing else before that link was followed.
    /// It is kept encrypted, and never replaces one that the owner has given or taken away. Refused where the platform
    /// sends no letters.
    pub owner_contact: Option<NewOwnerContact>,
}

/// Where the owner of a voucher wants to be told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewOwnerContact {
    #[schema(max_length = 254)]
    pub email: String,
    /// The language of the letters: `en`, which also stands for a missing one, `de`, `fr` or `pl`.
    #[schema(pattern = "^(en|de|fr|pl)$")]
    pub language: Option<String>,
}

/// The buyer; nothing is kept of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewOrderCustomer {
    pub id_type: Option<String>,
    pub id: Option<String>,
}
