//! What merchants may ask for: payments, captures, refunds, lists, reports and their own settings.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::reversals;
use crate::state::ApiState;

pub mod account;
pub mod amounts;
pub mod captures;
pub mod explain;
pub mod histories;
pub mod liabilities;
pub mod lists;
pub mod payment_request;
pub mod payments;
pub mod payouts;
pub mod receipts;
pub mod refund_request;
pub mod refunds;
pub mod settlement;

/// Every operation for merchants.
pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(payments::create_payment, lists::list_payments))
        .routes(routes!(payments::read_payment))
        .routes(routes!(captures::capture_payment))
        .routes(routes!(payments::cancel_payment))
        .routes(routes!(histories::read_history))
        .routes(routes!(receipts::read_receipt))
        .routes(routes!(receipts::read_receipt_file))
        .routes(routes!(refunds::create_refund, refunds::list_refunds))
        .routes(routes!(refunds::read_refund))
        .routes(routes!(refunds::capture_refund))
        .routes(routes!(account::read_merchant, account::change_merchant))
        .routes(routes!(payouts::create_payout))
        .routes(routes!(payouts::read_payout))
        .routes(routes!(payouts::capture_payout))
        .routes(routes!(payouts::list_payout_limits))
        .routes(routes!(payouts::read_payout_limits))
        .routes(routes!(settlement::read_settlement))
        .routes(routes!(reversals::list_reversals))
        .routes(routes!(liabilities::prove_payable))
}
