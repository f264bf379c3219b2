//! What distributors may ask for: pin-on-demand orders.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::reversals;
use crate::state::ApiState;

pub mod order_request;
pub mod orders;
pub mod receipts;

/// Every operation for distributors.
pub fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(
            orders::create_order,
            orders::cancel_order_by_correlation
        ))
        .routes(routes!(orders::read_order, orders::cancel_order))
        .routes(routes!(orders::confirm_order))
        .routes(routes!(receipts::read_order_receipt))
        .routes(routes!(receipts::read_order_receipt_file))
        .routes(routes!(orders::cancel_card))
        .routes(routes!(orders::ping))
        .routes(routes!(reversals::list_order_reversals))
}
