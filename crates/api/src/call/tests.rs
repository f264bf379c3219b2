use super::*;

fn key_in(authorization: &'static str) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_static(authorization),
    );
    api_key(&headers).map(|key| key.to_string())
}

#[test]
fn keys_are_read_in_every_form_that_clients_send() {
    for authorization in [
        "Basic cHNjX2tleQ==",
        "Basic cHNjX2tleQ",
        "basic cHNjX2tleTo=",
        "Bearer psc_key",
    ] {
        assert_eq!(
            key_in(authorization).as_deref(),
            Some("psc_key"),
            "{authorization}"
        );
    }
}

#[test]
fn other_schemes_and_broken_base64_hold_no_key() {
    for authorization in ["Digest cHNjX2tleQ==", "Basic ****", "Basic", "psc_key"] {
        assert_eq!(key_in(authorization), None, "{authorization}");
    }
}

#[test]
fn json_goes_by_several_names() {
    let is = |text: &'static str| is_json(&HeaderValue::from_static(text));
    assert!(is("application/json"));
    assert!(is("application/json; charset=utf-8"));
    assert!(is("application/merge-patch+json"));
    assert!(!is("application/x-www-form-urlencoded"));
    assert!(!is("text/plain"));
}
