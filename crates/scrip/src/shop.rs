//! The demo shop: a merchant's site that knows nothing of Scrip but its public API.

mod client;
mod pages;
mod webhook;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post};

use crate::commands::demo::DemoFile;
use client::Client;

/// Orders and messages that the shop remembers, newest last.
const REMEMBERED_MAX: usize = 100;

/// The shop: its client for the API, and what it remembers until it is stopped.
#[derive(Clone)]
pub struct Shop {
    client: Client,
    url: Arc<str>,
    webhook_secret: Arc<str>,
    memory: Arc<Mutex<Memory>>,
}

#[derive(Default)]
struct Memory {
    orders: Vec<Order>,
    /// Messages by payment, in the order of their arrival.
    events: BTreeMap<String, Vec<String>>,
}

#[derive(Clone)]
struct Order {
    payment: String,
    good: &'static str,
}

/// Something on the shelves.
struct Good {
    id: &'static str,
    name: &'static str,
    amount: &'static str,
    currency: &'static str,
}

const GOODS: [Good; 6] = [
    Good {
        id: "tea",
        name: "Tea for two",
        amount: "4.90",
        currency: "EUR",
    },
    Good {
        id: "novel",
        name: "A novel",
        amount: "12.50",
        currency: "EUR",
    },
    Good {
        id: "lamp",
        name: "A reading lamp",
        amount: "60.00",
        currency: "EUR",
    },
    Good {
        id: "umbrella",
        name: "An umbrella",
        amount: "15.00",
        currency: "GBP",
    },
    Good {
        id: "knife",
        name: "A pocket knife",
        amount: "29.00",
        currency: "CHF",
    },
    Good {
        id: "record",
        name: "A record",
        amount: "79.90",
        currency: "PLN",
    },
];

impl Shop {
    pub fn new(sample: &DemoFile) -> anyhow::Result<Shop> {
        Ok(Shop {
            client: Client::new(&sample.base_url, &sample.api_key)?,
            url: sample.shop_url.as_str().into(),
            webhook_secret: sample.webhook_secret.as_str().into(),
            memory: Arc::default(),
        })
    }

    fn remember_order(&self, order: Order) {
        let mut memory = self.memory();
        if memory.orders.len() == REMEMBERED_MAX {
            let forgotten = memory.orders.remove(0);
            memory.events.remove(&forgotten.payment);
        }
        memory.orders.push(order);
    }

    /// Messages about orders of an earlier run are passed over.
    fn remember_event(&self, payment: &str, event: String) {
        let mut memory = self.memory();
        if memory.orders.iter().any(|order| order.payment == payment) {
            let events = memory.events.entry(payment.to_owned()).or_default();
            if events.len() < REMEMBERED_MAX {
                events.push(event);
            }
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Has the merchant's webhooks sent to the shop, wherever it listens today, and keeps the secret that signs them.
pub async fn register_webhook(sample: DemoFile) -> anyhow::Result<DemoFile> {
    let client = Client::new(&sample.base_url, &sample.api_key)?;
    let mut endpoint = client
        .set_webhook(&format!("{}/webhook", sample.shop_url))
        .await?;
    if sample.webhook_secret.is_empty() && endpoint["secret"].is_null() {
        // An earlier start was interrupted before it could write the secret down.
        endpoint = client.rotate_webhook_secret().await?;
    }
    match endpoint["secret"].as_str() {
        Some(secret) => Ok(DemoFile {
            webhook_secret: secret.to_owned(),
            ..sample
        }),
        None => Ok(sample),
    }
}

pub fn router(shop: Shop) -> Router {
    Router::new()
        .route("/", get(pages::goods))
        .route("/shop.css", get(pages::style))
        .route("/icon.svg", get(pages::icon))
        .route("/buy", post(pages::buy))
        .route("/orders/{payment}", get(pages::order))
        .route("/orders/{payment}/refund", post(pages::refund))
        .route("/webhook", post(webhook::receive))
        .route("/notification", post(webhook::receive_notification))
        .with_state(shop)
}
