//! What the issuer's people may ask for, and what nobody else may.

use std::sync::Arc;

use engine::service::person::Scope;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sim::suspicion::Suspicion;

use crate::platform::{Platform, new_payment};

/// An operation of each kind, with the scope that it needs.
fn operations() -> Vec<(Method, String, Value, Option<Scope>)> {
    let payment = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR";
    let at = |path: &str| path.replace("{id}", payment);
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let rule = json!({ "expression": "attempt.amount >= 1", "effect": "challenge", "mode": "live", "reason": "A test." });
    let label = json!({ "truth": "fraud", "source": "analyst" });
    let (reviews, rules) = (Some(Scope::Reviews), Some(Scope::Rules));
    vec![
        (
            get.clone(),
            at("/v1/operator/reviews"),
            Value::Null,
            reviews,
        ),
        (
            post.clone(),
            at("/v1/operator/reviews/{id}"),
            json!({ "verdict": "release" }),
            reviews,
        ),
        (
            post.clone(),
            at("/v1/operator/payments/{id}/erase-payer"),
            Value::Null,
            Some(Scope::Privacy),
        ),
        (post, at("/v1/operator/payments/{id}/label"), label, reviews),
        (
            get.clone(),
            at("/v1/operator/payments/{id}/risk"),
            Value::Null,
            None,
        ),
        (get, at("/v1/operator/rules"), Value::Null, rules),
        (put.clone(), at("/v1/operator/rules/a-rule"), rule, rules),
        (
            delete.clone(),
            at("/v1/operator/rules/a-rule"),
            Value::Null,
            rules,
        ),
        (
            put,
            at("/v1/operator/lists/blocked-networks/203.0.113.0%2F24"),
            json!({ "seconds": 60 }),
            rules,
        ),
        (
            delete,
            at("/v1/operator/lists/blocked-networks/203.0.113.0%2F24"),
            Value::Null,
            rules,
        ),
    ]
}

#[tokio::test]
async fn a_key_opens_the_paths_of_its_own_party_alone() {
    let platform = Platform::new().await;
    let person = platform.person_key(&Scope::ALL).await;
    for (method, path, body, _) in operations() {
        for key in [&platform.shop_key, &platform.till_key] {
            let call = platform.call(method.clone(), &path).key(key);
            let reply = call.json(&body).await;
            assert_eq!(
                reply.status,
                StatusCode::UNAUTHORIZED,
                "{method} {path}: {}",
                reply.text
            );
        }
    }
    let paths = [
        (Method::GET, "/v1/payments"),
        (Method::POST, "/v1/payments"),
        (Method::POST, "/v1/orders"),
        (Method::GET, "/v1/reversals"),
    ];
    for (method, path) in paths {
        let reply = platform
            .call(method, path)
            .key(&person)
            .json(&json!({}))
            .await;
        assert_eq!(
            reply.status,
            StatusCode::UNAUTHORIZED,
            "{path}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn whoever_lacks_the_scope_changes_nothing() {
    let platform = Platform::new().await;
    let head = platform.analysts.current().await.unwrap().version;
    for (method, path, body, scope) in operations() {
        let Some(scope) = scope else { continue };
        let others = Scope::ALL.into_iter().filter(|other| *other != scope);
        let key = platform.person_key(&others.collect::<Vec<_>>()).await;
        let reply = platform
            .call(method.clone(), &path)
            .key(&key)
            .json(&body)
            .await;
        assert_eq!(
            reply.status,
            StatusCode::FORBIDDEN,
            "{method} {path}: {}",
            reply.text
        );
    }
    assert_eq!(platform.analysts.current().await.unwrap().version, head);
}

#[tokio::test]
async fn a_key_that_promises_one_answer_for_ever_is_refused() {
    let platform = Platform::new().await;
    let person = platform.person_key(&Scope::ALL).await;
    for (method, path, body, _) in operations() {
        if method == Method::GET {
            continue;
        }
        let call = platform.call(method.clone(), &path).key(&person);
        let reply = call.header("idempotency-key", "once").json(&body).await;
        assert!(
            reply.status.is_client_error(),
            "{method} {path}: {}",
            reply.text
        );
        assert!(
            reply.text.contains("Idempotency-Key"),
            "{method} {path}: {}",
            reply.text
        );
    }
}

#[tokio::test]
async fn hostile_bodies_and_rules_are_refused_in_words_and_change_nothing() {
    let platform = Platform::new().await;
    let person = platform.person_key(&Scope::ALL).await;
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let rule = |expression: String| {
        json!({ "expression": expression, "effect": "block", "mode": "live", "reason": "A test." })
            .to_string()
    };
    let bodies = [
        deep,
        "{".repeat(60_000),
        rule("a".repeat(60_000)),
        rule(format!("{}true{}", "(".repeat(1_000), ")".repeat(1_000))),
        rule(format!("attempt.amount in [{}1]", "1,".repeat(500))),
        rule("!".repeat(1_900) + "true"),
        rule(vec!["attempt.amount >= 1"; 90].join(" || ")),
        rule("no.such_fact > 1".to_owned()),
        rule("attempt.amount == 'text'".to_owned()),
        rule(String::new()),
        "\u{0}".to_owned(),
    ];
    let before = platform.analysts.current().await.unwrap().rules.hash();
    for body in bodies {
        let call = platform
            .call(Method::PUT, "/v1/operator/rules/hostile")
            .key(&person);
        let call = call.header("content-type", "application/json");
        let reply = call.body(body.clone()).send().await;
        let shown: String = body.chars().take(60).collect();
        assert!(
            reply.status.is_client_error(),
            "{shown}: {} {}",
            reply.status,
            reply.text
        );
    }
    for path in [
        "/v1/operator/rules/UPPER",
        "/v1/operator/rules/%2e%2e%2f",
        "/v1/operator/rules/%00",
        "/v1/operator/lists/no-such-list/entry",
        "/v1/operator/lists/blocked-networks/no-network",
        "/v1/operator/lists/blocked-devices/%0a",
    ] {
        let call = platform.call(Method::PUT, path).key(&person);
        let reply = call.json(&json!({})).await;
        assert!(reply.status.is_client_error(), "{path}: {}", reply.text);
    }
    let after = platform.analysts.current().await.unwrap().rules.hash();
    assert_eq!(after, before);
}

#[tokio::test]
async fn the_shop_sees_the_review_and_not_what_people_think_of_it() {
    let platform = Platform::judged(Arc::new(Suspicion)).await;
    let mut wanted = new_payment();
    // Of this amount the judge wants a review.
    wanted["amount"] = json!(10.11);
    let id = platform.created_from(&wanted).await;
    platform.pay(&id, &[platform.sold_pin().await]).await;
    platform.follow().await;
    let path = format!("/v1/payments/{id}");
    let shown = platform.shop(Method::GET, &path).send().await.json();
    assert_eq!(shown["in_review"], true);
    assert_eq!(shown["captured_amount"], json!(0.0));
    let person = platform.person_key(&[Scope::Reviews]).await;
    let reviews = platform.call(Method::GET, "/v1/operator/reviews");
    let waiting = reviews.key(&person).send().await.json();
    assert_eq!(waiting["data"][0]["payment"]["id"], json!(id));
    let label = format!("/v1/operator/payments/{id}/label");
    let label = platform.call(Method::POST, label).key(&person);
    let body = json!({ "truth": "good", "source": "confirmation" });
    assert_eq!(label.json(&body).await.status, StatusCode::OK);
    let release = format!("/v1/operator/reviews/{id}");
    let release = platform.call(Method::POST, release).key(&person);
    let body = json!({ "verdict": "release" });
    assert_eq!(release.json(&body).await.status, StatusCode::OK);
    let shown = platform.shop(Method::GET, &path).send().await.json();
    assert_eq!(shown["status"], "AUTHORIZED");
    assert_eq!(shown.get("in_review"), None);
    let history = format!("{path}/history");
    let history = platform.shop(Method::GET, history).send().await.json();
    let entries = history["data"].as_array().expect("a list");
    let events: Vec<&Value> = entries.iter().map(|entry| &entry["event"]).collect();
    assert_eq!(
        events,
        ["payment.created", "payment.in_review", "payment.authorized"]
    );
}
