//! Bodies that come slowly, and what may change meanwhile.

use std::convert::Infallible;
use std::time::Duration;

use api::call::BODY_PROMPT_MAX;
use axum::body::Body;
use bytes::Bytes;
use engine::service::operator::OperatorService;
use futures_util::stream;
use http::{Method, Request, StatusCode};

use crate::platform::{Platform, new_order};

/// Sends an order whose key is taken away while its body is on its way for so long.
async fn ordered_over(span: Duration) -> StatusCode {
    let platform = Platform::new().await;
    let operator = OperatorService::new(platform.engine.clone());
    let key = platform.till_key.clone();
    let body = stream::once(async move {
        let revoked = operator.revoke_api_key(&key).await;
        revoked.expect("the key is known");
        tokio::time::pause();
        tokio::time::advance(span).await;
        tokio::time::resume();
        Ok::<Bytes, Infallible>(new_order().to_string().into())
    });
    let request = Request::builder()
        .method(Method::POST)
        .uri("/v1/orders")
        .header("authorization", format!("Bearer {}", platform.till_key))
        .header("content-type", "application/json")
        .body(Body::from_stream(body));
    let reply = platform.reply(request.expect("a well-formed request"));
    reply.await.status
}

#[tokio::test]
async fn a_key_that_was_taken_away_under_a_slow_body_orders_nothing() {
    let slow = BODY_PROMPT_MAX + Duration::from_secs(1);
    assert_eq!(ordered_over(slow).await, StatusCode::UNAUTHORIZED);
}
