//! What stands around the payer's pages, through the router.

use axum::body::Body;
use http::{Request, StatusCode, header};

use crate::platform::{Platform, form};

#[tokio::test]
async fn every_page_is_served_with_its_protection() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let pages = [
        ("/".to_owned(), "same-origin"),
        ("/privacy".to_owned(), "same-origin"),
        ("/balance".to_owned(), "same-origin"),
        ("/freeze".to_owned(), "same-origin"),
        (platform.link(payment.id), "unsafe-none"),
    ];
    for (address, opener_policy) in pages {
        let page = platform.get(&address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        let header = |name: &str| page.headers[name].to_str().unwrap();
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("cross-origin-opener-policy"), opener_policy);
        assert!(!header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn language_is_chosen_on_every_page_and_leads_back_to_it() {
    let platform = Platform::start().await;
    let fields = [("language", "de"), ("address", "/balance")];
    let answer = platform.post("/language", &fields).await;
    assert_eq!(answer.location(), "/balance");
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("lang=de;") && !cookie.contains("Secure"));
    let request = Request::get("/balance").header(header::COOKIE, "lang=de");
    let page = platform.send(request.body(Body::empty()).unwrap()).await;
    assert!(page.shows("Guthaben prüfen"));

    let fields = [("language", "de"), ("address", "//evil.example/")];
    assert_eq!(platform.post("/language", &fields).await.location(), "/");
}

#[tokio::test]
async fn cookie_is_secure_where_the_server_is_reached_by_tls() {
    let platform = Platform::start_at("https://pay.example").await;
    let answer = platform.post("/language", &[("language", "pl")]).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; Secure"));
    assert!(answer.headers.contains_key("strict-transport-security"));
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_page() {
    let platform = Platform::start().await;
    let nowhere = platform.get("/nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert!(nowhere.shows("There is no such page"));
    let request_id = nowhere.headers["x-request-id"].to_str().unwrap();
    assert!(nowhere.shows(request_id));

    let wrong_method = platform.post("/privacy", &[]).await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(wrong_method.shows("There is no such page"));

    let long = "1".repeat(20_000);
    let too_long = platform.post("/balance", &[("pin", &long)]).await;
    assert_eq!(too_long.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(too_long.shows("We could not read that"));

    let mut json = form("/balance", &[]);
    let json_type = http::HeaderValue::from_static("application/json");
    json.headers_mut().insert(header::CONTENT_TYPE, json_type);
    let unreadable = platform.send(json).await;
    assert_eq!(unreadable.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(unreadable.shows("We could not read that"));
}
