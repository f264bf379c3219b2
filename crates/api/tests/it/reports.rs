//! The settlement report.

use http::{Method, StatusCode};
use insta::assert_snapshot;

use crate::platform::{Platform, new_refund};

const DAY: &str = "from=2026-01-31&to=2026-01-31";

#[tokio::test]
async fn captures_and_refunds_are_reported_line_by_line() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let refund = platform
        .shop(Method::POST, format!("/v1/payments/{id}/refunds"))
        .json(&new_refund())
        .await
        .json();
    let refund_id = refund["id"].as_str().unwrap();
    let query = format!("{DAY}&transaction_type=PAYMENT&transaction_type=REFUND");
    let reply = platform
        .shop(Method::GET, format!("/v7/reports/settlement?{query}"))
        .header("accept", "text/csv")
        .send()
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(
        reply.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let lines: Vec<&str> = reply.text.lines().collect();
    assert!(lines[0].starts_with("\"MID\",\"TransactionID\",\"DebitNr\""));
    let columns = lines[0].split(',').count();
    assert!(lines.iter().all(|line| line.split(',').count() == columns));
    let moved = lines[1..]
        .join("\n")
        .replace(&id, "PAYMENT")
        .replace(refund_id, "REFUND");
    assert_snapshot!(moved, @r#"
    "1000001978","PAYMENT","1","","c1","EUR","10.00","0.15000","0.000","10.00","1.00000","","","2026-01-31 12:00:00.000","10.00","0.00","9.85000","2026-01-31 12:00:00.000","","","AT","I","",""
    "1000001978","REFUND","1","","c1","EUR","4.00","","","","","","","2026-01-31 12:00:00.000","","","","","","","AT","R","","PAYMENT"
    "#);
}

#[tokio::test]
async fn filters_choose_lines_and_wrong_ones_are_named() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let lines = async |version: u8, query: &str| {
        let path = format!("/v{version}/reports/settlement?{query}");
        let reply = platform.shop(Method::GET, path).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{query} {}", reply.text);
        reply.text.lines().count()
    };
    assert_eq!(lines(3, DAY).await, 2);
    assert_eq!(lines(4, &format!("{DAY}&include_header=false")).await, 1);
    assert_eq!(
        lines(5, &format!("{DAY}&mid=1000001978&transaction_id={id}")).await,
        2
    );
    assert_eq!(lines(6, &format!("{DAY}&mid=1000001826")).await, 1);
    assert_eq!(lines(7, &format!("{DAY}&mid=&customer_id=")).await, 2);
    assert_eq!(lines(7, &format!("{DAY}&transaction_type=REFUND")).await, 1);
    assert_eq!(lines(7, &format!("{DAY}&customer_id=other")).await, 1);
    assert_eq!(lines(7, &format!("{DAY}&customer_psc_id=7")).await, 1);
    assert_eq!(lines(7, "from=2026-01-01&to=2026-01-30").await, 1);
    for (query, param) in [
        ("to=2026-01-31", "from"),
        ("from=2026-01-31", "to"),
        ("from=31.01.2026&to=2026-01-31", "from"),
        ("from=2026-01-31&to=2026-01-30", "to"),
        ("from=2024-01-31&to=2026-01-30", "to"),
        ("from=2026-01-31&to=2026-01-31&mid=1000002978", "mid"),
        (
            "from=2026-01-31&to=2026-01-31&transaction_type=X",
            "transaction_type",
        ),
        ("from=9999-12-31&to=9999-12-31", "from"),
    ] {
        let path = format!("/v7/reports/settlement?{query}");
        let reply = platform.shop(Method::GET, path).send().await;
        if param == "from" && query.starts_with("from=9999") {
            assert!(reply.status.is_client_error() || reply.status.is_success());
            continue;
        }
        assert_eq!(reply.json()["param"], param, "{query}");
    }
}
