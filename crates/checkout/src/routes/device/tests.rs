use axum::http::HeaderMap;
use http::HeaderValue;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, USER_AGENT};
use payment::attempt::{Behaviour, Sign};
use web::security::Transport;

use super::{cookie, of, with_signs};

fn sent_back(cookie: &HeaderValue) -> HeaderMap {
    let pair = cookie.to_str().unwrap().split(';').next().unwrap();
    let mut headers = HeaderMap::new();
    let among = format!("lang=de; {pair}; other=1");
    headers.insert(COOKIE, HeaderValue::try_from(among).unwrap());
    headers
}

#[test]
fn a_browser_is_known_again_by_its_cookie_and_two_are_told_apart() {
    for transport in [Transport::Tls, Transport::Plain] {
        let (one, other) = (cookie(transport), cookie(transport));
        let device = of(&sent_back(&one), transport);
        assert!(device.is_some());
        assert_eq!(device, of(&sent_back(&one), transport));
        assert_ne!(device, of(&sent_back(&other), transport));
    }
}

#[test]
fn made_up_cookies_make_no_device() {
    for value in [
        "",
        "zz",
        "00",
        "scrip-device=00112233445566778899aabbccddeeff00",
    ] {
        let mut headers = HeaderMap::new();
        let pair = format!("scrip-device={value}");
        headers.insert(COOKIE, HeaderValue::try_from(pair).unwrap());
        assert_eq!(of(&headers, Transport::Plain), None, "{value}");
    }
}

#[test]
fn missing_headers_and_cookies_are_signs() {
    let mut headers = HeaderMap::new();
    let bare = with_signs(Behaviour::default(), &headers, None).signs;
    for sign in [
        Sign::NoAccept,
        Sign::NoLanguage,
        Sign::NoUserAgent,
        Sign::NoCookie,
    ] {
        assert!(bare.has(sign), "{sign:?}");
    }
    for name in [ACCEPT, ACCEPT_LANGUAGE, USER_AGENT] {
        headers.insert(name, HeaderValue::from_static("x"));
    }
    let device = of(&sent_back(&cookie(Transport::Tls)), Transport::Tls);
    let usual = with_signs(Behaviour::default(), &headers, device).signs;
    assert_eq!(usual, Behaviour::default().signs);
}
