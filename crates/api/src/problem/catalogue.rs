//! Every kind of error with its numbers, its words and what to do about it; the documentation prints this table.

use super::Kind;

pub const INVALID_REQUEST_PARAMETER: Kind = Kind {
    status: 400,
    number: 10028,
    code: "invalid_request_parameter",
    message: "Invalid request parameter",
    remedy: "Mend the member, parameter or header that `param` names; `detail` says what is wrong with it.",
};
pub const INVALID_API_KEY: Kind = Kind {
    status: 401,
    number: 10008,
    code: "invalid_api_key",
    message: "Authentication failed",
    remedy: "Send `Authorization: Basic` with the API key in base64. A key that was revoked does not come back.",
};
pub const API_KEY_OF_OTHER_PARTY: Kind = Kind {
    status: 403,
    number: 9003,
    code: "api_key_of_other_party",
    message: "The API key belongs to another kind of party",
    remedy: "Use a merchant's key for payments and a distributor's key for orders.",
};
pub const MERCHANT_NOT_ACTIVE: Kind = Kind {
    status: 400,
    number: 3001,
    code: "merchant_not_active",
    message: "Merchant is not active",
    remedy: "The merchant is suspended and can create no payments; captures, cancellations and refunds go on. Ask the issuer.",
};
pub const DISTRIBUTOR_NOT_ACTIVE: Kind = Kind {
    status: 400,
    number: 3001,
    code: "distributor_not_active",
    message: "Distributor is not active",
    remedy: "The distributor is suspended and can sell nothing. Ask the issuer.",
};
pub const NOT_FOUND: Kind = Kind {
    status: 404,
    number: 9004,
    code: "not_found",
    message: "There is nothing at this address",
    remedy: "Compare method and path with the documentation at /docs.",
};
pub const METHOD_NOT_ALLOWED: Kind = Kind {
    status: 405,
    number: 9005,
    code: "method_not_allowed",
    message: "The address does not take this method",
    remedy: "Use one of the methods that the header `Allow` lists.",
};
pub const BODY_TOO_LARGE: Kind = Kind {
    status: 413,
    number: 9006,
    code: "body_too_large",
    message: "The body is too large",
    remedy: "Send at most 65536 bytes; as a model file at most 8 MiB.",
};
pub const UNSUPPORTED_MEDIA_TYPE: Kind = Kind {
    status: 415,
    number: 9007,
    code: "unsupported_media_type",
    message: "The path takes another kind of body",
    remedy: "Send the kind of body that `detail` names: JSON as `application/json`, or a model file as \
             `application/octet-stream`.",
};
pub const IDEMPOTENCY_KEY_REUSED: Kind = Kind {
    status: 422,
    number: 9001,
    code: "idempotency_key_reused",
    message: "The idempotency key was used for another request",
    remedy: "Use a fresh key for each new request, and the old one only to repeat a request byte for byte, with the same query and `Correlation-ID`.",
};
pub const IDEMPOTENCY_KEY_NOT_SUPPORTED: Kind = Kind {
    status: 400,
    number: 9010,
    code: "idempotency_key_not_supported",
    message: "The address takes no idempotency key",
    remedy: "Send the request without an `Idempotency-Key`. If its answer is lost, read what it left before you repeat it.",
};
pub const TOO_MANY_SECRETS: Kind = Kind {
    status: 400,
    number: 9011,
    code: "too_many_secrets",
    message: "Too many signing secrets are in use",
    remedy: "Each of the secrets of the last day still signs, and more are not kept. Wait until the oldest has ended.",
};
pub const CHANGED_MEANWHILE: Kind = Kind {
    status: 409,
    number: 9012,
    code: "changed_meanwhile",
    message: "Another request changed the same settings",
    remedy: "Read the settings and send the request again if it is still wanted.",
};
pub const GENERAL_TECHNICAL_ERROR: Kind = Kind {
    status: 500,
    number: 10007,
    code: "general_technical_error",
    message: "General technical error",
    remedy: "Send the request again with the same Idempotency-Key; if it keeps failing, tell the issuer.",
};
pub const TEMPORARILY_UNAVAILABLE: Kind = Kind {
    status: 503,
    number: 9008,
    code: "temporarily_unavailable",
    message: "Temporarily unavailable",
    remedy: "Wait as long as `Retry-After` says and send the same request again.",
};

pub const DUPLICATE_TRANSACTION_ID: Kind = Kind {
    status: 400,
    number: 2001,
    code: "duplicate_transaction_id",
    message: "Transaction already exists",
    remedy: "A Correlation-ID names one object and one request of each kind. Choose another, or repeat the request byte for byte.",
};
pub const UNKNOWN_TRANSACTION: Kind = Kind {
    status: 404,
    number: 2002,
    code: "unknown_transaction",
    message: "Transaction doesn't exist",
    remedy: "No payment, refund or payout of this merchant has this id. Check the id and whose key was sent.",
};
pub const PAYMENT_INVALID_STATE: Kind = Kind {
    status: 400,
    number: 2017,
    code: "payment_invalid_state",
    message: "Payment is in an invalid state",
    remedy: "The member `payment` says how the payment stands: its `status`, and how much of it was captured and refunded.",
};
pub const PAYMENT_STOPPED: Kind = Kind {
    status: 400,
    number: 9014,
    code: "payment_stopped",
    message: "Payment is stopped until its record is checked",
    remedy: "The payment's record is in doubt, and the issuer looks into it. Send the request again when `payment.resumed` came.",
};
pub const VOUCHER_STOPPED: Kind = Kind {
    status: 400,
    number: 9015,
    code: "voucher_stopped",
    message: "A voucher of the payment is stopped until its balance is checked",
    remedy: "The balance of a voucher that pays is in doubt, and the issuer looks into it. What is held goes back if it takes too long.",
};
pub const AMOUNT_NOT_POSITIVE: Kind = Kind {
    status: 400,
    number: 2029,
    code: "amount_not_positive",
    message: "Amount must be greater than zero",
    remedy: "Ask for more than zero.",
};
pub const CURRENCY_NOT_ENABLED: Kind = Kind {
    status: 400,
    number: 3002,
    code: "currency_not_enabled",
    message: "Currency is invalid for this merchant",
    remedy: "Use a currency that GET /v1/merchant lists, or ask the issuer to enable another.",
};
pub const CAPTURE_WINDOW_OVER: Kind = Kind {
    status: 400,
    number: 3007,
    code: "capture_window_over",
    message: "Debit attempt after expiry of the disposition time window",
    remedy: "The held value went back to the vouchers. Ask the payer again, or agree on a longer capture window.",
};
pub const CAPTURE_EXCEEDS_AUTHORIZED: Kind = Kind {
    status: 400,
    number: 9002,
    code: "capture_exceeds_authorized",
    message: "Capture exceeds the authorised amount",
    remedy: "Capture at most what is left of the authorised amount.",
};
pub const SUBMERCHANT_NOT_FOUND: Kind = Kind {
    status: 400,
    number: 3014,
    code: "submerchant_not_found",
    message: "Submerchant not found",
    remedy: "Use a submerchant that GET /v1/merchant lists.",
};
pub const SUBMERCHANT_NOT_ACTIVE: Kind = Kind {
    status: 400,
    number: 3034,
    code: "submerchant_not_active",
    message: "Submerchant is not active",
    remedy: "The submerchant is suspended. Use another, or ask the issuer.",
};
pub const CUSTOMER_ID_INVALID: Kind = Kind {
    status: 400,
    number: 3019,
    code: "customer_id_invalid",
    message: "Customer id is invalid",
    remedy: "Send a stable id of your own for the customer: at most 60 characters, no e-mail address and no IP address.",
};
pub const MAX_AMOUNT_EXCEEDED: Kind = Kind {
    status: 400,
    number: 4003,
    code: "max_amount_exceeded",
    message: "Amount exceeds the maximum",
    remedy: "A payment is at most 1000 EUR or about as much in another currency.",
};
pub const ACCOUNTS_NOT_ENABLED: Kind = Kind {
    status: 400,
    number: 9009,
    code: "accounts_not_enabled",
    message: "Accounts are not enabled",
    remedy: "Value goes to vouchers alone on this platform. Leave out what names an account.",
};

pub const INVALID_CURRENCY: Kind = Kind {
    status: 400,
    number: 3151,
    code: "invalid_currency",
    message: "Invalid currency",
    remedy: "A refund is in the currency of its payment, an order in a currency of its product.",
};
pub const PAYOUT_NOT_ALLOWED: Kind = Kind {
    status: 400,
    number: 3161,
    code: "merchant_not_allowed_for_payout",
    message: "Merchant is not allowed to perform this action",
    remedy: "Payouts go to accounts, and accounts are not enabled on this platform. Refund a payment instead.",
};
pub const INVALID_AMOUNT: Kind = Kind {
    status: 400,
    number: 3165,
    code: "invalid_amount",
    message: "Invalid amount",
    remedy: "Refund more than zero.",
};
pub const REFUND_EXCEEDS_ORIGINAL: Kind = Kind {
    status: 400,
    number: 3179,
    code: "merchant_refund_exceeds_original_transaction",
    message: "Merchant refund exceeds original transaction",
    remedy: "Refund at most what was captured and not refunded yet.",
};
pub const TOO_MANY_REFUNDS: Kind = Kind {
    status: 400,
    number: 9013,
    code: "too_many_refunds",
    message: "The payment takes no more refunds",
    remedy: "A payment takes 100 refunds, validated ones included. Refund in fewer parts: carry out one that is validated.",
};
pub const REFUND_INVALID_STATE: Kind = Kind {
    status: 400,
    number: 3180,
    code: "merchant_refund_original_transaction_invalid_state",
    message: "Original transaction is in an invalid state for a refund",
    remedy: "Refund captured payments alone, within 45 days of their creation.",
};
pub const REFUND_CLIENT_ID_NOT_MATCHING: Kind = Kind {
    status: 400,
    number: 3181,
    code: "merchant_refund_client_id_not_matching",
    message: "Merchant client id does not match the original transaction",
    remedy: "Send the `customer.id` that the payment was created with.",
};
pub const REFUND_MISSING_TRANSACTION: Kind = Kind {
    status: 404,
    number: 3184,
    code: "merchant_refund_missing_transaction",
    message: "Original transaction doesn't exist",
    remedy: "No payment of this merchant has this id. Check the id and whose key was sent.",
};

pub const INVALID_CARD_STATE: Kind = Kind {
    status: 400,
    number: 1004,
    code: "invalid_card_state",
    message: "Invalid card state",
    remedy: "Only a voucher of which nothing is held or spent can be voided.",
};
pub const DUPLICATE_CORRELATION_ID: Kind = Kind {
    status: 400,
    number: 2001,
    code: "duplicate_correlation_id",
    message: "Duplicate Correlation-ID",
    remedy: "An order with this Correlation-ID exists: read it or cancel it. To get its answer again, repeat the request byte for byte.",
};
pub const ORDER_NOT_FOUND: Kind = Kind {
    status: 404,
    number: 3102,
    code: "order_not_found",
    message: "Order not found",
    remedy: "No order of this distributor has this id, Correlation-ID or serial.",
};
pub const PRODUCT_NOT_ALLOWED: Kind = Kind {
    status: 400,
    number: 3105,
    code: "product_not_allowed",
    message: "Product not allowed",
    remedy: "The issuer sells no such product in this country and currency.",
};
pub const FACEVALUE_FORMAT_ERROR: Kind = Kind {
    status: 400,
    number: 3106,
    code: "facevalue_format_error",
    message: "Face value is not available",
    remedy: "Order one of the denominations that the product is sold with.",
};
pub const CANCEL_ALREADY_PROCESSED: Kind = Kind {
    status: 400,
    number: 3154,
    code: "cancel_already_processed",
    message: "Cancellation has been processed already",
    remedy: "The order is cancelled; there is nothing left to do.",
};
pub const CANCEL_ORDER_TOO_LATE: Kind = Kind {
    status: 400,
    number: 3158,
    code: "cancel_order_too_late",
    message: "The order can no longer be cancelled",
    remedy: "The cancellation window has closed. Ask the issuer.",
};

/// The limits of a terminal, in the order of [`voucher::distributor::LIMIT_SPANS`].
pub const TERMINAL_LIMITS: [Kind; 5] = [
    terminal_limit_kind(
        3174,
        "terminal_limit_1",
        "The terminal has reached its limit for 24 hours",
    ),
    terminal_limit_kind(
        3175,
        "terminal_limit_2",
        "The terminal has reached its limit for 5 minutes",
    ),
    terminal_limit_kind(
        3176,
        "terminal_limit_3",
        "The terminal has reached its limit for 2 hours",
    ),
    terminal_limit_kind(
        3177,
        "terminal_limit_4",
        "The terminal has reached its limit for 6 hours",
    ),
    terminal_limit_kind(
        3178,
        "terminal_limit_5",
        "The terminal has reached its limit for 12 hours",
    ),
];

/// The kind for one of the five limits; they count from 1.
pub fn terminal_limit(number: u8) -> &'static Kind {
    static LIMITS: [Kind; 5] = TERMINAL_LIMITS;
    let place = usize::from(number.clamp(1, 5)) - 1;
    &LIMITS[place]
}

/// The whole table, in the order in which the documentation prints it.
pub fn all() -> Vec<&'static Kind> {
    let mut kinds: Vec<&'static Kind> = vec![
        &INVALID_REQUEST_PARAMETER,
        &INVALID_API_KEY,
        &API_KEY_OF_OTHER_PARTY,
        &MERCHANT_NOT_ACTIVE,
        &NOT_FOUND,
        &METHOD_NOT_ALLOWED,
        &BODY_TOO_LARGE,
        &UNSUPPORTED_MEDIA_TYPE,
        &IDEMPOTENCY_KEY_REUSED,
        &IDEMPOTENCY_KEY_NOT_SUPPORTED,
        &CHANGED_MEANWHILE,
        &GENERAL_TECHNICAL_ERROR,
        &TEMPORARILY_UNAVAILABLE,
        &DUPLICATE_TRANSACTION_ID,
        &UNKNOWN_TRANSACTION,
        &PAYMENT_INVALID_STATE,
        &PAYMENT_STOPPED,
        &VOUCHER_STOPPED,
        &AMOUNT_NOT_POSITIVE,
        &MAX_AMOUNT_EXCEEDED,
        &CURRENCY_NOT_ENABLED,
        &CAPTURE_WINDOW_OVER,
        &CAPTURE_EXCEEDS_AUTHORIZED,
        &SUBMERCHANT_NOT_FOUND,
        &SUBMERCHANT_NOT_ACTIVE,
        &CUSTOMER_ID_INVALID,
        &ACCOUNTS_NOT_ENABLED,
        &INVALID_CURRENCY,
        &PAYOUT_NOT_ALLOWED,
        &INVALID_AMOUNT,
        &REFUND_EXCEEDS_ORIGINAL,
        &TOO_MANY_REFUNDS,
        &REFUND_INVALID_STATE,
        &REFUND_CLIENT_ID_NOT_MATCHING,
        &REFUND_MISSING_TRANSACTION,
        &DISTRIBUTOR_NOT_ACTIVE,
        &INVALID_CARD_STATE,
        &DUPLICATE_CORRELATION_ID,
        &ORDER_NOT_FOUND,
        &PRODUCT_NOT_ALLOWED,
        &FACEVALUE_FORMAT_ERROR,
        &CANCEL_ALREADY_PROCESSED,
        &CANCEL_ORDER_TOO_LATE,
        &TOO_MANY_SECRETS,
    ];
    kinds.extend((1..=5).map(terminal_limit));
    kinds
}

const fn terminal_limit_kind(number: u32, code: &'static str, message: &'static str) -> Kind {
    Kind {
        status: 400,
        number,
        code,
        message,
        remedy: "Wait, or sell at another terminal; the issuer sets the limits.",
    }
}
