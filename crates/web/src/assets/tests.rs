use axum::body::Body;
use http::Request;
use tower::ServiceExt;

use super::*;

async fn answer(path: &str) -> Response {
    router()
        .oneshot(Request::get(path).body(Body::empty()).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn every_asset_is_served_under_its_hashed_name() {
    for asset in BY_NAME.values() {
        let response = answer(&asset.url).await;
        assert_eq!(response.status(), StatusCode::OK, "{}", asset.url);
        assert_eq!(response.headers()[header::CONTENT_TYPE], asset.content_type);
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
    }
    assert_eq!(
        BY_NAME.len(),
        Files::iter().count() + 1 + usize::from(MODULE.is_some()),
        "a file has an extension without content type"
    );
}

#[tokio::test]
async fn plain_and_unknown_names_are_not_found() {
    assert_eq!(
        answer("/assets/style.css").await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        answer("/assets/..%2fsrc%2flib.rs").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[test]
fn tests_have_the_verifier_for_browsers() {
    assert!(
        verifier().is_some(),
        "run the tests by `cargo xtask test`, or `eval \"$(cargo xtask tools)\"` first"
    );
    let (kind, module) = content(VERIFIER).unwrap();
    assert_eq!(kind, "application/wasm");
    assert!(module.starts_with(b"\0asm"));
}

#[test]
fn assets_name_no_other_host() {
    for name in Files::iter() {
        let content = String::from_utf8(Files::get(&name).unwrap().data.into_owned()).unwrap();
        let content = content.replace("http://www.w3.org/2000/svg", "");
        assert!(
            !content.contains("//") || !content.contains("http"),
            "{name} names another host"
        );
    }
}
