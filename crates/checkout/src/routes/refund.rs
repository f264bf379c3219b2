//! Where a person collects the fresh vouchers of a refund.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Html;
use engine::service::merchant::RefundVoucher;
use ids::object::{PaymentId, RefundId};
use money::amount::Amount;
use payment::refund::RefundStatus;
use serde::Deserialize;
use web::language::Language;

use super::CheckoutState;
use super::failure::Failure;
use crate::pages::refund::{self, FreshVoucher, RefundView};

#[derive(Deserialize)]
pub struct RefundQuery {
    #[serde(default)]
    key: String,
}

/// Shows the PINs of a refund's fresh vouchers to whoever has the refund's key.
pub async fn show(
    State(state): State<Arc<CheckoutState>>,
    Path((payment_id, refund_id)): Path<(String, String)>,
    Query(query): Query<RefundQuery>,
    language: Language,
) -> Result<Html<String>, Failure> {
    // Only both ids together name a refund: shops may choose the same refund id in two payments.
    let place = format!("{payment_id}/{refund_id}");
    if !state.vault.is_checkout_key(place.as_bytes(), &query.key) {
        return Err(Failure::not_found());
    }
    let id: RefundId = refund_id.parse().map_err(|_| Failure::not_found())?;
    let payment_id: PaymentId = payment_id.parse().map_err(|_| Failure::not_found())?;
    let merchant_id = payment_id.mid.merchant;
    let payment = state.merchants.payment(merchant_id, payment_id).await?;
    let merchant = state.merchants.merchant(merchant_id).await?;
    let (payment, merchant) = payment.zip(merchant).ok_or_else(Failure::not_found)?;
    let done = payment
        .refund(id)
        .filter(|refund| refund.status == RefundStatus::Success)
        .ok_or_else(Failure::not_found)?;
    let currency = payment.request.amount.currency;
    let fresh = |voucher: RefundVoucher| FreshVoucher {
        amount: Amount::new(voucher.minor, currency),
        serial: voucher.serial.to_string(),
        pin: voucher.pin.expose_grouped(),
    };
    let vouchers = state.merchants.refund_vouchers(payment_id, id).await?;
    let view = RefundView {
        page: format!("/refund/{payment_id}/{id}?key={}", query.key),
        shop_name: merchant.name.clone(),
        amount: Amount::new(done.request.minor, currency),
        vouchers: vouchers.into_iter().map(fresh).collect(),
    };
    Ok(Html(refund::render(&view, language)))
}
