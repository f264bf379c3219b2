use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use tower::ServiceExt;

use super::*;

async fn headers_of(
    transport: Transport,
    frame_ancestors: &[String],
    path: &str,
) -> http::HeaderMap {
    let headers = PageHeaders::new(transport, frame_ancestors).unwrap();
    let router = Router::new()
        .route("/page", get(|| async { "page" }))
        .route(
            "/kept",
            get(|| async { ([(CACHE_CONTROL, "max-age=60")], "kept").into_response() }),
        )
        .layer(from_fn_with_state(headers, protect));
    let request = Request::get(path).body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap().headers().clone()
}

#[tokio::test]
async fn page_may_load_from_itself_alone() {
    let headers = headers_of(Transport::Plain, &[], "/page").await;
    assert_eq!(
        headers[CONTENT_SECURITY_POLICY],
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
}

#[tokio::test]
async fn transport_security_is_announced_over_tls_alone() {
    let headers = headers_of(
        Transport::Tls,
        &["https://shop.example".to_owned()],
        "/kept",
    )
    .await;
    assert_eq!(
        headers[STRICT_TRANSPORT_SECURITY],
        "max-age=31536000; includeSubDomains"
    );
    assert_eq!(headers[CACHE_CONTROL], "max-age=60");
    assert!(
        headers[CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .ends_with("frame-ancestors https://shop.example")
    );
}
