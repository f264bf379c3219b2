use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Name, Resolve};

use super::{
    CheckedResolver, TargetPolicy, TargetRefusal, URL_LENGTH_MAX, allowed, is_public, parse_target,
};

#[test]
fn only_addresses_of_the_public_internet_are_public() {
    let public = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.0.3.1",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2600::1",
        "2a00:1450:4001:830::200e",
        "3ffe::1",
    ];
    for address in public {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn private_and_reserved_addresses_are_not_public() {
    let reserved = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ];
    for address in reserved {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn a_target_is_checked_however_its_host_is_written() {
    let cases = [
        ("https://shop.example/hook", Ok(())),
        ("https://shop.example:8443/hook?a=b", Ok(())),
        ("https://8.8.8.8/", Ok(())),
        ("https://[2600::1]/", Ok(())),
        // A name is judged when it is resolved.
        ("https://localhost/", Ok(())),
        ("http://shop.example/hook", Err(TargetRefusal::NotHttps)),
        ("ftp://shop.example/hook", Err(TargetRefusal::NotHttps)),
        ("file:///etc/passwd", Err(TargetRefusal::NotAUrl)),
        ("gopher://shop.example/", Err(TargetRefusal::NotHttps)),
        ("data:text/plain,x", Err(TargetRefusal::NotAUrl)),
        ("shop.example/hook", Err(TargetRefusal::NotAUrl)),
        ("", Err(TargetRefusal::NotAUrl)),
        ("https://", Err(TargetRefusal::NotAUrl)),
        ("https://127.0.0.1/", Err(TargetRefusal::NotPublic)),
        ("https://127.1/", Err(TargetRefusal::NotPublic)),
        ("https://2130706433/", Err(TargetRefusal::NotPublic)),
        ("https://0x7f.0.0.1/", Err(TargetRefusal::NotPublic)),
        ("https://0177.0.0.1/", Err(TargetRefusal::NotPublic)),
        ("https://0/", Err(TargetRefusal::NotPublic)),
        ("https://%31%32%37.0.0.1/", Err(TargetRefusal::NotPublic)),
        ("https://１２７.0.0.1/", Err(TargetRefusal::NotPublic)),
        (
            "https://user@169.254.169.254/",
            Err(TargetRefusal::NotPublic),
        ),
        ("https://[::1]/", Err(TargetRefusal::NotPublic)),
        ("https://[::ffff:8.8.8.8]/", Err(TargetRefusal::NotPublic)),
    ];
    for (text, expected) in cases {
        let found = parse_target(text, TargetPolicy::PublicOnly).map(|_| ());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn an_operator_may_allow_private_targets_and_http() {
    let policy = TargetPolicy::PrivateAllowed;
    for text in [
        "http://127.0.0.1:8080/hook",
        "https://10.0.0.1/",
        "http://[::1]/",
    ] {
        assert!(parse_target(text, policy).is_ok(), "{text}");
    }
    let ftp = parse_target("ftp://10.0.0.1/", policy);
    assert_eq!(ftp.unwrap_err(), TargetRefusal::NotHttps);
}

#[test]
fn a_long_url_is_refused() {
    let text = format!("https://shop.example/{}", "a".repeat(URL_LENGTH_MAX));
    let found = parse_target(&text, TargetPolicy::PublicOnly);
    assert_eq!(found.unwrap_err(), TargetRefusal::TooLong);
}

#[test]
fn of_a_name_with_several_addresses_only_the_public_ones_are_connected_to() {
    let socket = |text: &str| SocketAddr::new(text.parse::<IpAddr>().unwrap(), 0);
    let public = socket("8.8.8.8");
    let private = socket("10.0.0.1");
    let pick = |addresses: &[SocketAddr], policy| allowed(addresses.iter().copied(), policy);

    let mixed = pick(&[private, public], TargetPolicy::PublicOnly);
    assert_eq!(mixed, Ok(vec![public]));
    let refused = pick(&[private], TargetPolicy::PublicOnly);
    assert_eq!(refused, Err(TargetRefusal::NotPublic));
    let all = pick(&[private, public], TargetPolicy::PrivateAllowed);
    assert_eq!(all, Ok(vec![private, public]));
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused() {
    let name = |text: &str| -> Name { text.parse().unwrap() };
    let public_only = CheckedResolver(TargetPolicy::PublicOnly);
    let error = public_only.resolve(name("localhost")).await.err().unwrap();
    assert_eq!(
        error.downcast_ref::<TargetRefusal>(),
        Some(&TargetRefusal::NotPublic)
    );
    let anywhere = CheckedResolver(TargetPolicy::PrivateAllowed);
    assert!(anywhere.resolve(name("localhost")).await.is_ok());
}
