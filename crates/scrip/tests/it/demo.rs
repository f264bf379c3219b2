//! The demo, from its start to captured money, and again after a second start.

use std::os::unix::fs::PermissionsExt;

use reqwest::StatusCode;
use serde_json::json;

use crate::client::Client;
use crate::program::{Demo, run_well};

#[tokio::test]
async fn a_voucher_pays_and_the_shop_captures_and_refunds() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let shop = Client::of(&demo);
    let payment = shop.create(None, "10.00", "EUR").await.expect("an answer");
    assert_eq!(payment.status, StatusCode::CREATED, "{:?}", payment.body);
    assert_eq!(payment.body["status"], "INITIATED");
    let id = payment.body["id"].as_str().expect("an id").to_owned();

    let pin = &demo.pins("EUR", "25.00")[0];
    assert_eq!(
        shop.pay(&payment.body, pin).await.expect("an answer"),
        StatusCode::SEE_OTHER
    );
    let authorized = shop.payment(&id).await.expect("an answer").body;
    assert_eq!(authorized["status"], "AUTHORIZED");
    assert_eq!(authorized["card_details"][0]["amount"], json!(10.0));

    let captured = shop.capture(&id, None).await.expect("an answer").body;
    assert_eq!(captured["status"], "SUCCESS");
    let refund = shop
        .refund(&id, None, "4.00", "EUR")
        .await
        .expect("an answer");
    assert_eq!(
        (refund.status, &refund.body["status"]),
        (StatusCode::CREATED, &json!("SUCCESS")),
        "{:?}",
        refund.body
    );
    let too_much = shop
        .refund(&id, None, "6.01", "EUR")
        .await
        .expect("an answer");
    assert_eq!(too_much.body["number"], 3179);
    assert_eq!(too_much.body["applied"], false);

    demo.stop();
    let audit = run_well(&[
        "audit",
        "--data",
        data.path().to_str().expect("a UTF-8 path"),
    ]);
    assert!(audit.contains("everything agrees"), "{audit}");
}

#[tokio::test]
async fn a_second_start_goes_on_where_the_first_stopped() {
    let data = tempfile::tempdir().expect("a directory");
    let first = Demo::start(data.path());
    let shop = Client::of(&first);
    let payment = shop
        .create(None, "10.00", "GBP")
        .await
        .expect("an answer")
        .body;
    let id = payment["id"].as_str().expect("an id").to_owned();
    let pin = first.pins("GBP", "10.00")[0].clone();
    shop.pay(&payment, &pin).await.expect("an answer");
    let (api_key, vouchers) = (
        first.text("api_key").to_owned(),
        first.file["vouchers"].clone(),
    );
    first.stop();

    let second = Demo::start(data.path());
    assert_eq!(second.text("api_key"), api_key);
    assert_eq!(second.file["vouchers"], vouchers);
    let shop = Client::of(&second);
    let captured = shop.capture(&id, None).await.expect("an answer").body;
    assert_eq!(captured["status"], "SUCCESS");
}

#[test]
fn demo_json_tells_what_a_visitor_needs() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    assert!(demo.text("api_key").starts_with("psc_"));
    assert!(demo.text("webhook_secret").starts_with("whsec_"));
    assert!(
        !demo
            .text("base_url")
            .trim_start_matches("http://")
            .contains('/')
    );
    for name in ["distributor_key", "operator_key", "shop_url"] {
        assert!(!demo.text(name).is_empty());
    }
    for currency in ["EUR", "GBP", "CHF", "PLN"] {
        let vouchers = demo.file["vouchers"].as_array().expect("vouchers");
        assert!(
            vouchers
                .iter()
                .any(|voucher| voucher["currency"] == currency),
            "no voucher in {currency}"
        );
    }
    let mode = std::fs::metadata(data.path().join("demo.json"))
        .expect("demo.json")
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "demo.json is for its owner alone");
}

#[tokio::test]
async fn everything_that_a_page_of_the_shop_names_is_there() {
    let data = tempfile::tempdir().expect("a directory");
    let demo = Demo::start(data.path());
    let shop = demo.text("shop_url");
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let page = http.get(format!("{shop}/")).send().await;
    let page = page.expect("an answer").text().await.expect("a page");
    // Without a link to its icon a page makes the browser ask for one that is not there.
    assert!(page.contains("rel=\"icon\""), "{page}");
    let named: Vec<&str> = page
        .split("<link ")
        .skip(1)
        .filter_map(|link| link.split("href=\"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(named.len(), 2, "{page}");
    for path in named {
        let answer = http.get(format!("{shop}{path}")).send().await;
        let answer = answer.expect("an answer");
        assert!(answer.status().is_success(), "{path}");
        assert!(answer.headers().contains_key("content-type"), "{path}");
    }
}
