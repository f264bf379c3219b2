//! A pin-on-demand order as distributors see it.

use ids::object::OrderId;
use ids::party::DistributorId;
use ids::token::Token;
use ids::voucher::{Country, ProductId, Serial};
use money::currency::Currency;
use serde::Serialize;
use utoipa::ToSchema;
use voucher::order::{Confirmation, OrderStatus};

use crate::wire::{Decimal, Milliseconds, Shown};

/// An order.
#[derive(Serialize, ToSchema)]
pub struct Order<'a> {
    /// Always `ORDER`.
    #[schema(example = "ORDER")]
    pub object: &'static str,
    #[schema(value_type = String, example = "order_2000000001_till-7-000815")]
    pub order_id: Shown<OrderId>,
    #[schema(value_type = String, example = "2000000001")]
    pub distributor_id: Shown<DistributorId>,
    pub status: OrderWord,
    pub created: Milliseconds,
    pub amount: Decimal,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    #[schema(value_type = String, example = "00002")]
    pub product_id: Shown<ProductId>,
    #[schema(value_type = String, example = "AT")]
    pub country: Shown<Country>,
    #[schema(value_type = String, example = "till-7")]
    pub terminal_id: Shown<Token>,
    #[schema(example = "shop-12")]
    pub shop_id: &'a str,
    /// Until when the till has to confirm the delivery; only while that is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_until: Option<Milliseconds>,
    /// When the delivery was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Milliseconds>,
    pub card: OrderCard<'a>,
    /// The place in the journal of the last change of this order.
    #[schema(example = 42)]
    pub sequence: u64,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = OrderStatus)]
pub enum OrderWord {
    Delivered,
    Cancelled,
}

/// The voucher that an order delivered.
#[derive(Serialize, ToSchema)]
pub struct OrderCard<'a> {
    pub amount: Decimal,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    #[schema(value_type = String, example = "8199292804504933")]
    pub serial: Shown<Serial>,
    /// Only in the answer to the order itself. Print it, and keep no copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0381859494354749")]
    pub pin: Option<&'a str>,
    #[schema(value_type = String, example = "00002")]
    pub product_id: Shown<ProductId>,
}

/// The answer to a ping.
#[derive(Serialize, ToSchema)]
pub struct Pong {
    /// Always the text `true`.
    #[schema(example = "true")]
    pub success: &'static str,
}

impl<'a> Order<'a> {
    /// The order without its PIN.
    pub fn of(order: &'a voucher::order::Order) -> Order<'a> {
        Order::with_pin(order, None)
    }

    /// The order as it is delivered to the till.
    pub fn delivered(order: &'a voucher::order::Order, pin: &'a str) -> Order<'a> {
        Order::with_pin(order, Some(pin))
    }

    fn with_pin(order: &'a voucher::order::Order, pin: Option<&'a str>) -> Order<'a> {
        let amount = Decimal(order.amount);
        let currency = order.amount.currency;
        let (confirm_until, confirmed) = match (order.status, order.confirmation) {
            (OrderStatus::Delivered, Confirmation::Awaited { until }) => (Some(until.into()), None),
            (_, Confirmation::Confirmed { at }) => (None, Some(at.into())),
            (OrderStatus::Delivered | OrderStatus::Cancelled, _) => (None, None),
        };
        Order {
            object: "ORDER",
            order_id: Shown(order.id),
            distributor_id: Shown(order.id.distributor),
            status: order.status.into(),
            created: order.created_at.into(),
            amount,
            currency: Shown(currency),
            product_id: Shown(order.product),
            country: Shown(order.country),
            terminal_id: Shown(order.terminal),
            shop_id: &order.shop,
            confirm_until,
            confirmed,
            card: OrderCard {
                amount,
                currency: Shown(currency),
                serial: Shown(order.serial),
                pin,
                product_id: Shown(order.product),
            },
            sequence: order.version.0,
        }
    }
}

impl From<OrderStatus> for OrderWord {
    fn from(status: OrderStatus) -> OrderWord {
        match status {
            OrderStatus::Delivered => OrderWord::Delivered,
            OrderStatus::Cancelled => OrderWord::Cancelled,
        }
    }
}
