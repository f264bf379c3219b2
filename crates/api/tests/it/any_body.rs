//! No body makes the server fail.

use http::Method;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::platform::{Platform, new_order, new_payment, new_refund};

/// JSON values of every shape, with texts and numbers that are near to what is read.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9.,eE+-]{0,24}".prop_map(Value::from),
        "\\PC{0,80}".prop_map(Value::from),
        "[A-Z]{0,12}".prop_map(Value::from),
        "https?://[a-z{}_%\\[\\]:@.]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let member = ("[a-z_0-9]{0,12}", inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(member, 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// A good body with some members changed, and perhaps some bytes as well.
fn mutated(base: Value) -> impl Strategy<Value = Vec<u8>> {
    let names: Vec<String> = base
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    let extra = [
        "capture_window",
        "capture",
        "final",
        "submerchant_id",
        "shop_id",
        "id",
    ];
    let names: Vec<String> = names.into_iter().chain(extra.map(str::to_owned)).collect();
    let change = (prop::sample::select(names), any_value());
    let changes = prop::collection::vec(change, 0..3);
    let byte = prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>()));
    (changes, byte).prop_map(move |(changes, byte)| {
        let mut body = base.clone();
        for (name, value) in changes {
            body[name] = value;
        }
        let mut bytes = body.to_string().into_bytes();
        if let Some((place, byte)) = byte {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes
    })
}

#[test]
fn no_body_makes_the_server_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (platform, id) = runtime.block_on(async {
        let platform = Platform::new().await;
        let id = platform.captured().await;
        (platform, id)
    });
    let bodies = prop_oneof![
        mutated(new_payment()).prop_map(|body| ("/v1/payments".to_owned(), body)),
        mutated(new_order()).prop_map(|body| ("/v1/orders".to_owned(), body)),
        mutated(json!({ "capture_window": 60 })).prop_map(|body| ("/v1/merchant".to_owned(), body)),
        mutated(new_refund()).prop_map({
            let path = format!("/v1/payments/{id}/refunds");
            move |body| (path.clone(), body)
        }),
        mutated(json!({ "amount": 1 })).prop_map({
            let path = format!("/v1/payments/{id}/capture");
            move |body| (path.clone(), body)
        }),
    ];
    proptest!(ProptestConfig::with_cases(600), |((path, body) in bodies)| {
        let reply = runtime.block_on(async {
            let call = match path.as_str() {
                "/v1/orders" => platform.till(Method::POST, &path),
                "/v1/merchant" => platform.shop(Method::PATCH, &path),
                _ => platform.shop(Method::POST, &path),
            };
            call.header("content-type", "application/json").body(body).send().await
        });
        prop_assert!(reply.status.as_u16() < 500, "{} {}", reply.status, reply.text);
        if reply.status.is_client_error() {
            prop_assert_eq!(&reply.json()["applied"], &Value::from(false));
        }
    });
}
