use super::*;

fn check(trusted: &[&str], peer: &str, forwarded: &[&str], expected: &str) {
    let networks = trusted
        .iter()
        .map(|network| network.parse().unwrap())
        .collect();
    let mut headers = HeaderMap::new();
    for value in forwarded {
        headers.append("x-forwarded-for", value.parse().unwrap());
    }
    let client = TrustedProxies::new(networks).client(peer.parse().unwrap(), &headers);
    assert_eq!(
        client,
        expected.parse::<IpAddr>().unwrap(),
        "peer {peer}, forwarded {forwarded:?}"
    );
}

#[test]
fn forwarded_address_counts_only_when_a_trusted_proxy_says_it() {
    check(&[], "198.51.100.7", &["203.0.113.9"], "198.51.100.7");
    check(
        &["10.0.0.0/8"],
        "198.51.100.7",
        &["203.0.113.9"],
        "198.51.100.7",
    );
    check(&["10.0.0.0/8"], "10.1.2.3", &["203.0.113.9"], "203.0.113.9");
    check(
        &["10.0.0.0/8"],
        "::ffff:10.1.2.3",
        &["203.0.113.9"],
        "203.0.113.9",
    );
}

#[test]
fn what_the_client_wrote_itself_is_never_reached() {
    check(
        &["10.0.0.0/8"],
        "10.1.2.3",
        &["192.0.2.1, 203.0.113.9"],
        "203.0.113.9",
    );
    check(
        &["10.0.0.0/8"],
        "10.1.2.3",
        &["192.0.2.1", "203.0.113.9, 10.9.9.9"],
        "203.0.113.9",
    );
    check(
        &["10.0.0.0/8"],
        "10.1.2.3",
        &["192.0.2.1, nonsense"],
        "10.1.2.3",
    );
}

#[test]
fn ports_and_single_addresses_are_understood() {
    check(&["::1"], "::1", &["[2001:db8::1]:4711"], "2001:db8::1");
    check(
        &["0.0.0.0/0"],
        "127.0.0.1",
        &["203.0.113.9:80"],
        "203.0.113.9",
    );
    check(&["::/0"], "::1", &[], "::1");
}

#[test]
fn malformed_networks_are_refused() {
    assert_eq!(
        "10.0.0.0/33".parse::<Network>(),
        Err(NetworkError::Prefix { bits_max: 32 })
    );
    assert_eq!(
        "2001:db8::/129".parse::<Network>(),
        Err(NetworkError::Prefix { bits_max: 128 })
    );
    assert_eq!("example.org".parse::<Network>(), Err(NetworkError::Address));
}
