use ids::command::Sequence;
use ids::party::MerchantId;
use money::currency::Currency;
use payment::merchant::{NotificationMode, Standing};

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn the_origin_decides_whether_a_text_is_a_web_address(
        text in "(https?|ftp)?:?[/\\\\]{0,3}[a-z0-9.:@%\\[\\]-]{0,12}[/?#\\\\]?[!-~]{0,16}"
    ) {
        let is_web_address = |text: &str| {
            Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        };
        prop_assert_eq!(is_web_address(origin(&text)), is_web_address(&text));
    }
}

fn merchant() -> Merchant {
    Merchant {
        id: MerchantId::FIRST,
        name: "Shop".to_owned(),
        standing: Standing::Active,
        currencies: vec![Currency::EUR],
        capture_window: Span::MINUTE,
        capture: CaptureMode::Manual,
        fee_basis_points: 0,
        submerchants: Vec::new(),
        webhook: None,
        notification: NotificationMode::Classic,
        version: Sequence(1),
        duplicates: payment::duplicate::DuplicateTerms::default(),
    }
}

fn read_with(url: &str) -> Result<PaymentRequest> {
    let body = serde_json::json!({
        "type": "PAYSAFECARD", "amount": "0.10", "currency": "EUR",
        "redirect": { "success_url": url, "failure_url": "https://shop.example/" },
        "notification_url": "https://shop.example/n",
        "customer": { "id": "c1" },
    });
    let token = "abc".parse().unwrap();
    read(body.to_string().as_bytes(), &merchant(), token).map(|(request, _)| request)
}

#[test]
fn the_id_is_filled_in_everywhere() {
    let request = read_with("https://shop.example/{payment_id}?id={payment_id}").unwrap();
    assert_eq!(
        request.success_url,
        "https://shop.example/pay_1000001978_abc_EUR?id=pay_1000001978_abc_EUR"
    );
}

#[test]
fn only_complete_web_addresses_are_urls() {
    for url in [
        "javascript:alert(1)",
        "/ok",
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://shop.example/a b",
        "https://shop.example/\t",
        "data:text/html,x",
    ] {
        let refused = read_with(url).unwrap_err();
        assert_eq!(
            refused.problem().param.as_deref(),
            Some("redirect.success_url"),
            "{url}"
        );
    }
    let long = format!("https://shop.example/{}", "a".repeat(URL_LENGTH_MAX));
    assert!(read_with(&long).is_err());
}

#[test]
fn other_letters_are_escaped_so_that_they_fit_into_a_header() {
    let request = read_with("https://bücher.example/ü").unwrap();
    assert_eq!(request.success_url, "https://xn--bcher-kva.example/%C3%BC");
}
