//! The shop's pages.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{GOODS, Good, Order, Shop};

#[derive(Template)]
#[template(path = "shop/goods.html")]
struct GoodsPage<'a> {
    goods: &'a [Good],
    orders: Vec<Order>,
}

#[derive(Template)]
#[template(path = "shop/order.html")]
struct OrderPage {
    headline: &'static str,
    good: &'static str,
    payment: String,
    amount: String,
    currency: String,
    status: String,
    captured: String,
    refunded: String,
    refundable: bool,
    events: Vec<String>,
}

#[derive(Template)]
#[template(path = "shop/problem.html")]
struct ProblemPage {
    reason: String,
}

#[derive(Deserialize)]
pub struct Purchase {
    good: String,
}

/// Something that went wrong, as a page.
pub struct Problem(anyhow::Error);

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Problem {
        Problem(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let page = ProblemPage {
            reason: format!("{:#}", self.0),
        };
        (StatusCode::BAD_GATEWAY, html(&page)).into_response()
    }
}

pub async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css")],
        include_str!("../../templates/shop/shop.css"),
    )
}

pub async fn icon() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "image/svg+xml")],
        include_str!("../../templates/shop/icon.svg"),
    )
}

pub async fn goods(State(shop): State<Shop>) -> Response {
    let orders = shop.memory().orders.iter().rev().cloned().collect();
    html(&GoodsPage {
        goods: &GOODS,
        orders,
    })
}

/// Creates the payment and sends the customer to pay it.
pub async fn buy(
    State(shop): State<Shop>,
    Form(purchase): Form<Purchase>,
) -> Result<Response, Problem> {
    let Some(good) = GOODS.iter().find(|good| good.id == purchase.good) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let order_url = format!("{}/orders/{{payment_id}}", shop.url);
    let payment = shop
        .client
        .create_payment(&json!({
            "type": "PAYSAFECARD",
            "amount": good.amount,
            "currency": good.currency,
            "redirect": { "success_url": order_url, "failure_url": order_url },
            "notification_url": format!("{}/notification", shop.url),
            "customer": { "id": "demo-customer" },
        }))
        .await?;
    let auth_url = payment["redirect"]["auth_url"]
        .as_str()
        .unwrap_or("/")
        .to_owned();
    let payment = payment["id"].as_str().unwrap_or_default().to_owned();
    shop.remember_order(Order {
        payment,
        good: good.name,
    });
    Ok(Redirect::to(&auth_url).into_response())
}

/// Shows an order, and takes the money if the customer has just paid.
pub async fn order(State(shop): State<Shop>, Path(id): Path<String>) -> Result<Response, Problem> {
    let mut payment = shop.client.payment(&id).await?;
    if payment["status"] == "AUTHORIZED" {
        // The notification may capture at the same moment; whoever comes second looks at what is there.
        payment = match shop.client.capture(&id).await {
            Ok(captured) => captured,
            Err(_) => shop.client.payment(&id).await?,
        };
    }
    Ok(html(&order_page(&shop, id, &payment)))
}

pub async fn refund(State(shop): State<Shop>, Path(id): Path<String>) -> Result<Response, Problem> {
    let payment = shop.client.payment(&id).await?;
    let refund = json!({
        "type": "PAYSAFECARD",
        "capture": true,
        "amount": payment["captured_amount"],
        "currency": payment["currency"],
        "customer": { "id": payment["customer"]["id"], "email": "customer@example.com" },
    });
    shop.client.refund(&id, &refund).await?;
    Ok(Redirect::to(&format!("/orders/{id}")).into_response())
}

fn order_page(shop: &Shop, id: String, payment: &Value) -> OrderPage {
    let memory = shop.memory();
    let status = text(&payment["status"]);
    let captured = text(&payment["captured_amount"]);
    let refunded = text(&payment["refunded_amount"]);
    let is_paid = status == "SUCCESS";
    let is_returned = is_paid && refunded == captured;
    OrderPage {
        headline: match status.as_str() {
            "SUCCESS" if is_returned => "You have your money back",
            "SUCCESS" => "Thank you, it is yours",
            "CANCELED_CUSTOMER" | "CANCELED_MERCHANT" => "The order is cancelled",
            "EXPIRED" => "The time to pay is over",
            _ => "We wait for your payment",
        },
        good: memory
            .orders
            .iter()
            .find(|order| order.payment == id)
            .map_or("an earlier order", |order| order.good),
        amount: text(&payment["amount"]),
        currency: text(&payment["currency"]),
        refundable: is_paid && !is_returned,
        events: memory.events.get(&id).cloned().unwrap_or_default(),
        payment: id,
        status,
        captured,
        refunded,
    }
}

/// A text as it is, an amount with two places: every currency on the shelves has them.
fn text(value: &Value) -> String {
    match (value.as_str(), value.as_f64()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(amount)) => format!("{amount:.2}"),
        (None, None) => "0.00".to_owned(),
    }
}

fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page of the shop could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
