//! Lists, searches and the merchant's own terms.

use http::{Method, StatusCode};
use ids::time::Span;
use insta::assert_snapshot;
use serde_json::json;

use crate::platform::{Platform, new_payment, new_refund};

#[tokio::test]
async fn pages_follow_one_another_newest_first() {
    let platform = Platform::new().await;
    let mut created = Vec::new();
    for _ in 0..5 {
        created.push(platform.created().await);
        platform.clock.advance(Span::SECOND);
    }
    created.reverse();
    let mut listed = Vec::new();
    let mut path = "/v1/payments?page_size=2".to_owned();
    loop {
        let page = platform.shop(Method::GET, &path).send().await.json();
        assert_eq!(page["object"], "LIST");
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= 2);
        listed.extend(
            data.iter()
                .map(|payment| payment["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/payments?page_size=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(listed, created);
}

#[tokio::test]
async fn every_filter_finds_what_it_names() {
    let platform = Platform::new().await;
    platform.created().await;
    platform.clock.advance(Span::HOUR);
    let mut body = new_payment();
    body["amount"] = json!(12.34);
    body["customer"]["id"] = json!("c2");
    body["submerchant_id"] = json!("rc1");
    let wanted = platform.created_from(&body).await;
    platform.pay(&wanted, &[platform.sold_pin().await]).await;
    let paid = platform
        .shop(Method::GET, format!("/v1/payments/{wanted}"))
        .send()
        .await
        .json();
    let serial = paid["card_details"][0]["serial"].as_str().unwrap();
    for filter in [
        "status=AUTHORIZED",
        "created_from=2026-01-31T12:30:00Z",
        "created_from=2026-01-31T13:30:00%2B01:00",
        "created_from=1769862600000&created_to=1769867000000",
        "amount_min=12.34&currency=EUR",
        "amount_min=10.01&amount_max=20&currency=EUR",
        &format!("serial={serial}"),
        "customer_id=c2",
        "submerchant_id=rc1",
    ] {
        let reply = platform
            .shop(Method::GET, format!("/v1/payments?{filter}"))
            .send()
            .await;
        let data = reply.json()["data"].clone();
        assert_eq!(
            data.as_array().map(Vec::len),
            Some(1),
            "{filter} {}",
            reply.text
        );
        assert_eq!(data[0], paid, "{filter}");
    }
}

#[tokio::test]
async fn wrong_filters_are_named() {
    let platform = Platform::new().await;
    for (query, param) in [
        ("status=PAID", "status"),
        ("customer_id=", "customer_id"),
        ("created_from=yesterday", "created_from"),
        ("amount_min=10", "currency"),
        ("amount_min=x&currency=EUR", "amount_min"),
        ("currency=EURO", "currency"),
        ("serial=12", "serial"),
        ("cursor=zz", "cursor"),
        ("cursor=ffffffffffffffff", "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("created_form=2026-01-31T12:30:00Z", "created_form"),
        ("status=SUCCESS&status=EXPIRED", "status"),
    ] {
        let reply = platform
            .shop(Method::GET, format!("/v1/payments?{query}"))
            .send()
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(reply.json()["param"], param, "{query}");
    }
}

#[tokio::test]
async fn a_merchant_reads_and_sets_its_terms() {
    let platform = Platform::new().await;
    let read = platform.shop(Method::GET, "/v1/merchant").send().await;
    assert_snapshot!(read.lines(&[]), @r#"
    {"object":"MERCHANT",
    "id":"1000001",
    "name":"Bookshop",
    "status":"ACTIVE",
    "mids":[{"mid":"1000001978",
    "currency":"EUR"},{"mid":"1000001826",
    "currency":"GBP"}],
    "capture":"manual",
    "capture_window":60,
    "notification":"classic",
    "fee_basis_points":150,
    "submerchants":[{"id":"rc1",
    "status":"ACTIVE"},{"id":"rc2",
    "status":"SUSPENDED"}],
    "duplicates":{"response":"flag",
    "window":1800}}
    "#);
    let change = async |body| {
        platform
            .shop(Method::PATCH, "/v1/merchant")
            .json(&body)
            .await
    };
    let changed =
        change(json!({ "capture_window": 600, "capture": "automatic", "notification": "off" }))
            .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let created = platform
        .shop(Method::POST, "/v1/payments")
        .json(&new_payment())
        .await
        .json();
    assert_eq!(created["capture_window"], 600);
    assert_eq!(created["capture"], "automatic");
    let refused = change(json!({ "capture_window_seconds": 30 })).await.json();
    assert_eq!(refused["param"], "capture_window");
    let ignored = change(json!({ "fee_basis_points": 0 })).await;
    assert!(
        ignored
            .header("scrip-warnings")
            .unwrap()
            .contains("fee_basis_points")
    );
    assert_eq!(ignored.json()["fee_basis_points"], 150);
}

#[tokio::test]
async fn refunds_stand_in_the_payment_and_not_in_the_list() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let path = format!("/v1/payments/{id}");
    let refund = platform.shop(Method::POST, format!("{path}/refunds"));
    assert_eq!(refund.json(&new_refund()).await.status, StatusCode::CREATED);
    let read = platform.shop(Method::GET, &path).send().await.json();
    assert_eq!(read["refunds"].as_array().unwrap().len(), 1);
    let listed = platform.shop(Method::GET, "/v1/payments").send().await;
    let item = &listed.json()["data"][0];
    assert_eq!(item.get("refunds"), None);
    assert_eq!(item["refunded_amount"], 4.0);
}
