//! Headers that anybody can send: languages and forwarded addresses.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, HeaderValue};
use libfuzzer_sys::fuzz_target;
use web::client_address::{Network, TrustedProxies};

fuzz_target!(|bytes: &[u8]| {
    let _ = std::str::from_utf8(bytes).map(str::parse::<Network>);
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let mut headers = HeaderMap::new();
    headers.insert("x-forwarded-for", value.clone());
    headers.insert(ACCEPT_LANGUAGE, value);
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let everyone = "0.0.0.0/0".parse().expect("a network");
    let _ = TrustedProxies::new(vec![everyone]).client(peer, &headers);
    assert_eq!(TrustedProxies::new(Vec::new()).client(peer, &headers), peer);
});
