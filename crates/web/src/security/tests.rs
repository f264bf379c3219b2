use axum::response::IntoResponse;

use super::*;

fn headers_of(headers: &PageHeaders, mut response: Response) -> http::HeaderMap {
    headers.protect(&mut response);
    response.headers().clone()
}

fn page() -> Response {
    "page".into_response()
}

fn kept() -> Response {
    ([(CACHE_CONTROL, "max-age=60")], "kept").into_response()
}

#[test]
fn page_may_load_from_itself_alone() {
    let headers = PageHeaders::new(Transport::Plain, &[]).unwrap();
    let headers = headers_of(&headers, page());
    assert_eq!(
        headers[CONTENT_SECURITY_POLICY],
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert_eq!(headers[OPENER_POLICY], "same-origin");
    assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
}

#[test]
fn transport_security_is_announced_over_tls_alone() {
    let ancestors = ["https://shop.example".to_owned()];
    let headers = PageHeaders::new(Transport::Tls, &ancestors).unwrap();
    let headers = headers_of(&headers, kept());
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

#[test]
fn checkout_leaves_its_opener_the_handle_and_keeps_the_rest() {
    let strict = PageHeaders::new(Transport::Plain, &[]).unwrap();
    let mut expected = headers_of(&strict, page());
    expected.insert(OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
    assert_eq!(headers_of(&strict.keeping_opener(), page()), expected);
}

#[test]
fn page_that_verifies_may_compile_webassembly_and_keeps_the_rest() {
    let ancestors = ["https://shop.example".to_owned()];
    let strict = PageHeaders::new(Transport::Tls, &ancestors).unwrap();
    let mut expected = headers_of(&strict, page());
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
                  connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors https://shop.example";
    expected.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    assert_eq!(headers_of(&strict.letting_verify(), page()), expected);
}
