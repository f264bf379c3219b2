use super::*;

fn check(cookie: Option<&str>, uri: &str, accept: Option<&str>, expected: Language) {
    let mut headers = HeaderMap::new();
    if let Some(cookie) = cookie {
        headers.insert(header::COOKIE, cookie.parse().unwrap());
    }
    if let Some(accept) = accept {
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
    }
    assert_eq!(
        Language::negotiate(&headers, &uri.parse().unwrap()),
        expected,
        "cookie {cookie:?}, address {uri}, browser {accept:?}"
    );
}

#[test]
fn own_choice_wins_over_shop_and_browser() {
    check(
        Some("a=b; lang=de"),
        "/?lang=pl",
        Some("fr"),
        Language::German,
    );
    check(
        Some("lang=xx"),
        "/?key=1&lang=pl",
        Some("fr"),
        Language::Polish,
    );
    check(None, "/?language=pl", Some("fr"), Language::French);
    check(None, "/", None, Language::English);
}

#[test]
fn browser_preference_goes_by_weight_then_order() {
    check(None, "/", Some("de-AT,de;q=0.9,en;q=0.8"), Language::German);
    check(None, "/", Some("nl, pl;q=0.3, fr;q=0.85"), Language::French);
    check(None, "/", Some("de;q=0, en;q=0.001"), Language::English);
    check(None, "/", Some("*;q=0.5, ;;q=, de;q=x"), Language::German);
    check(None, "/", Some("nl"), Language::English);
}

#[test]
fn cookie_is_marked_secure_over_tls() {
    assert_eq!(
        Language::German.cookie(Transport::Plain),
        "lang=de; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
    );
    assert!(
        Language::German
            .cookie(Transport::Tls)
            .to_str()
            .unwrap()
            .ends_with("; Secure")
    );
}
