//! Orders: sell, read, cancel.

use axum::extract::State;
use engine::service::distributor::OwnerKept;
use ids::object::OrderId;
use ids::voucher::Serial;
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::IntoParams;
use voucher::order::Order;

use crate::answer::{Answer, Result};
use crate::call::{At, DistributorCall};
use crate::distributor::order_request;
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, missing, of};
use crate::state::ApiState;
use crate::wire;

/// The order that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OrderPath {
    /// The order's id.
    #[param(example = "order_2000000001_till-7-000815")]
    pub id: String,
}

/// The voucher that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CardPath {
    /// The serial of the voucher, sixteen digits.
    #[param(example = "8199292804504933", pattern = "^[1-9][0-9]{15}$")]
    pub serial: String,
}

/// Order a voucher
///
/// Makes one voucher and sells it at once. The PIN is in this answer and in no other; if the answer is lost, repeat the
/// request with the same `Idempotency-Key` or `Correlation-ID` to get it again, or cancel the order by its
/// `Correlation-ID`.
#[utoipa::path(
    post,
    path = "/v1/orders",
    tag = "Orders",
    request_body = wire::requests::NewOrder,
    responses((status = 201, description = "The order with its PIN", body = wire::order::Order)),
)]
pub async fn create_order(State(api): State<ApiState>, call: DistributorCall) -> Result<Answer> {
    let (request, mut warnings) = order_request::read(call.json()?, api.letters)?;
    let repeat = call.repeat("order")?;
    let repeat = repeat.keyed_if(request.owner.is_some(), &api.vault);
    let token = call.correlation_id()?;
    let order = |idempotency| {
        let request = request.clone();
        api.distributors
            .order(call.party.id, token, request, idempotency)
    };
    let reply = repeat.ask(order).await;
    let reply = reply.map_err(|error| repeat.refused(error, Subject::Order))?;
    if reply.owner == OwnerKept::Not {
        warnings.add("owner_contact was not kept; the order stands".to_owned());
    }
    let pin = reply.pin.expose();
    let body = wire::order::Order::delivered(&reply.order, pin.expose_secret());
    Ok(Answer::created(&body)
        .replayed_if(reply.freshness)
        .warn(warnings))
}

/// Read an order
///
/// Without the PIN.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}",
    tag = "Orders",
    params(OrderPath),
    responses((status = 200, description = "The order", body = wire::order::Order)),
)]
pub async fn read_order(
    State(api): State<ApiState>,
    At(path): At<OrderPath>,
    call: DistributorCall,
) -> Result<Answer> {
    let order = find(&api, &call, path.order()?).await?;
    Ok(Answer::ok(&wire::order::Order::of(&order)))
}

/// Confirm an order
///
/// Says that the voucher arrived. Where the distributor or the order asks for it, an order that nobody confirms in time is
/// cancelled, and its voucher voided if it was not used. To confirm twice is no mistake.
#[utoipa::path(
    post,
    path = "/v1/orders/{id}/confirm",
    tag = "Orders",
    params(OrderPath),
    responses((status = 200, description = "The order", body = wire::order::Order)),
)]
pub async fn confirm_order(
    State(api): State<ApiState>,
    At(path): At<OrderPath>,
    call: DistributorCall,
) -> Result<Answer> {
    let confirmed = api.distributors.confirm(call.party.id, path.order()?);
    let order = confirmed.await.map_err(|error| of(error, Subject::Order))?;
    Ok(Answer::ok(&wire::order::Order::of(&order)))
}

/// Cancel an order
///
/// Voids the voucher, while the cancellation window is open and nothing of it is held or spent.
#[utoipa::path(
    delete,
    path = "/v1/orders/{id}",
    tag = "Orders",
    params(OrderPath),
    responses((status = 200, description = "The order", body = wire::order::Order)),
)]
pub async fn cancel_order(
    State(api): State<ApiState>,
    At(path): At<OrderPath>,
    call: DistributorCall,
) -> Result<Answer> {
    cancel(&api, &call, path.order()?).await
}

/// Cancel an order by its Correlation-ID
///
/// For a till that never saw the answer: the header `Correlation-ID` names the order.
#[utoipa::path(
    delete,
    path = "/v1/orders",
    tag = "Orders",
    responses((status = 200, description = "The order", body = wire::order::Order)),
)]
pub async fn cancel_order_by_correlation(
    State(api): State<ApiState>,
    call: DistributorCall,
) -> Result<Answer> {
    let token = call.correlation_id()?;
    let id = OrderId {
        distributor: call.party.id,
        token: token.ok_or_else(|| missing("Correlation-ID"))?,
    };
    cancel(&api, &call, id).await
}

/// Cancel the order of a voucher
///
/// Like cancelling the order, by the serial that the till has at hand.
#[utoipa::path(
    delete,
    path = "/v1/cards/{serial}",
    tag = "Orders",
    params(CardPath),
    responses((status = 200, description = "The order", body = wire::order::Order)),
)]
pub async fn cancel_card(
    State(api): State<ApiState>,
    At(path): At<CardPath>,
    call: DistributorCall,
) -> Result<Answer> {
    let serial: Serial = path.serial.parse().map_err(|_| unknown_order())?;
    let order = api
        .distributors
        .find_by_serial(call.party.id, serial)
        .await
        .map_err(|error| of(error, Subject::Order))?
        .ok_or_else(unknown_order)?;
    cancel(&api, &call, order.id).await
}

/// Ping
///
/// Answers if the platform is there and the key is right.
#[utoipa::path(
    post,
    path = "/v1/orders/ping",
    tag = "Orders",
    responses((status = 200, description = "It is", body = wire::order::Pong)),
)]
pub async fn ping(_call: DistributorCall) -> Result<Answer> {
    Ok(Answer::ok(&wire::order::Pong { success: "true" }))
}

impl OrderPath {
    pub(super) fn order(&self) -> Result<OrderId> {
        self.id.parse().map_err(|_| unknown_order())
    }
}

pub(super) async fn find(api: &ApiState, call: &DistributorCall, id: OrderId) -> Result<Order> {
    api.distributors
        .find(call.party.id, id)
        .await
        .map_err(|error| of(error, Subject::Order))?
        .ok_or_else(unknown_order)
}

async fn cancel(api: &ApiState, call: &DistributorCall, id: OrderId) -> Result<Answer> {
    let reply = api
        .distributors
        .cancel(call.party.id, id, call.idempotency()?)
        .await
        .map_err(|error| of(error, Subject::Order))?;
    let body = wire::order::Order::of(&reply.order);
    Ok(Answer::ok(&body).replayed_if(reply.freshness))
}

fn unknown_order() -> Refused {
    kinds::ORDER_NOT_FOUND.refused()
}
