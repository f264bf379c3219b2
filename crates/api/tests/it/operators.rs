//! What the issuer's people may ask for.

use std::sync::Arc;

use accounting::entry::Actor;
use accounting::fact::Fact;
use engine::service::analyst::people::KeyChange;
use engine::service::person::{PersonKey, Scope};
use http::{Method, StatusCode};
use ids::command::Sequence;
use ids::party::OperatorId;
use serde_json::{Value, json};
use sim::suspicion::Suspicion;
use store::port::Store;

use crate::platform::{Platform, Reply, new_payment};

const REVIEWS: &str = "/v1/operator/reviews";
const RULES: &str = "/v1/operator/rules";

/// A platform on which a payment of 10.11 waits for a person.
async fn waiting() -> (Platform, String) {
    let platform = Platform::judged(Arc::new(Suspicion)).await;
    let mut body = new_payment();
    // The judge of the simulation holds it for review by its last four bits.
    body["amount"] = json!(10.11);
    let id = platform.created_from(&body).await;
    let pins = [platform.sold_pin().await, platform.sold_pin().await];
    platform.pay(&id, &pins).await;
    platform.follow().await;
    (platform, id)
}

async fn ask(platform: &Platform, key: &str, method: Method, path: &str, body: Value) -> Reply {
    platform.call(method, path).key(key).json(&body).await
}

fn rule(expression: &str) -> Value {
    json!({
        "expression": expression,
        "effect": "challenge",
        "actions": ["warn_payer", { "cool_down": 120 }],
        "reason": "The test says so.",
        "mode": "live",
    })
}

#[tokio::test]
async fn a_person_lets_a_waiting_payment_go_and_the_shop_captures_it() {
    let (platform, id) = waiting().await;
    let key = platform.person_key(&[Scope::Reviews]).await;
    let listed = platform
        .call(Method::GET, REVIEWS)
        .key(&key)
        .send()
        .await
        .json();
    assert_eq!(listed["data"][0]["payment"]["id"], json!(id));
    assert_eq!(listed["data"][0]["payment"]["in_review"], json!(true));
    assert_eq!(listed["data"][0]["approvals_needed"], json!(1));
    let path = format!("{REVIEWS}/{id}");
    let capture = format!("/v1/payments/{id}/capture");
    let early = platform.shop(Method::POST, &capture).json(&json!({})).await;
    assert_eq!(early.status, StatusCode::BAD_REQUEST);
    let released = ask(
        &platform,
        &key,
        Method::POST,
        &path,
        json!({"verdict": "release"}),
    )
    .await;
    assert_eq!(released.status, StatusCode::OK, "{}", released.text);
    assert_eq!(released.json()["status"], json!("AUTHORIZED"));
    let again = ask(
        &platform,
        &key,
        Method::POST,
        &path,
        json!({"verdict": "refuse"}),
    )
    .await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert!(again.text.contains("waits for nobody"), "{}", again.text);
    let captured = platform.shop(Method::POST, &capture).json(&json!({})).await;
    assert_eq!(captured.status, StatusCode::OK, "{}", captured.text);
    platform.follow().await;
    let listed = platform
        .call(Method::GET, REVIEWS)
        .key(&key)
        .send()
        .await
        .json();
    assert_eq!(listed["data"], json!([]));
    let label = json!({"truth": "good", "source": "analyst"});
    let path = format!("/v1/operator/payments/{id}/label");
    let labelled = ask(&platform, &key, Method::POST, &path, label).await;
    assert_eq!(labelled.json()["label"], json!("good"));
}

#[tokio::test]
async fn a_refused_payment_gives_everything_back() {
    let (platform, id) = waiting().await;
    let key = platform.person_key(&[Scope::Reviews]).await;
    let path = format!("{REVIEWS}/{id}");
    let refused = ask(
        &platform,
        &key,
        Method::POST,
        &path,
        json!({"verdict": "refuse"}),
    )
    .await;
    assert_eq!(refused.json()["status"], json!("CANCELED_CUSTOMER"));
    let path = format!("/v1/payments/{id}/history");
    let history = platform.shop(Method::GET, &path).send().await.json();
    let events: Vec<&str> = history["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["payment.created", "payment.in_review", "payment.canceled"]
    );
    let last = &history["data"][2];
    assert_eq!(last["reason"], json!("refused after review"));
    assert_eq!(last["actor"], json!("person"));
}

#[tokio::test]
async fn keys_of_others_and_keys_without_the_scope_are_turned_away() {
    let (platform, id) = waiting().await;
    let rules_only = platform.person_key(&[Scope::Rules]).await;
    let reviews_only = platform.person_key(&[Scope::Reviews]).await;
    let path = format!("{REVIEWS}/{id}");
    let body = json!({"verdict": "release"});
    for (key, status) in [
        (platform.shop_key.as_str(), StatusCode::UNAUTHORIZED),
        (platform.till_key.as_str(), StatusCode::UNAUTHORIZED),
        ("psc_nobody", StatusCode::UNAUTHORIZED),
        (&rules_only, StatusCode::FORBIDDEN),
    ] {
        let turned_away = ask(&platform, key, Method::POST, &path, body.clone()).await;
        assert_eq!(turned_away.status, status, "{}", turned_away.text);
    }
    let path = format!("{RULES}/mine");
    let turned_away = ask(&platform, &reviews_only, Method::PUT, &path, rule("true")).await;
    assert_eq!(turned_away.status, StatusCode::FORBIDDEN);
    let shop = platform
        .call(Method::GET, "/v1/payments")
        .key(&rules_only)
        .send()
        .await;
    assert_eq!(shop.status, StatusCode::UNAUTHORIZED, "{}", shop.text);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_in_words() {
    let (platform, id) = waiting().await;
    let key = platform.person_key(&[Scope::Reviews, Scope::Rules]).await;
    let review = format!("{REVIEWS}/{id}");
    let label = format!("/v1/operator/payments/{id}/label");
    let nowhere = format!("{REVIEWS}/pay_1000001978_nowhere_EUR");
    for (path, body, status, words) in [
        (review.as_str(), json!({}), 400, "verdict"),
        (&review, json!({"verdict": "perhaps"}), 400, "perhaps"),
        (
            &review,
            json!({"verdict": "release", "more": 1}),
            400,
            "more",
        ),
        (&nowhere, json!({"verdict": "release"}), 404, "exist"),
        (
            "/v1/operator/reviews/nonsense",
            json!({"verdict": "release"}),
            404,
            "exist",
        ),
        (
            &label,
            json!({"truth": "fraud", "source": "stars"}),
            400,
            "stars",
        ),
    ] {
        let refused = ask(&platform, &key, Method::POST, path, body).await;
        assert_eq!(refused.status.as_u16(), status, "{path}: {}", refused.text);
        assert!(refused.text.contains(words), "{path}: {}", refused.text);
    }
    for (name, body, words) in [
        ("bad", rule("adress.text == 'x'"), "address.text"),
        ("bad", rule("attempt.amount + 1"), "true or false"),
        ("Bad Name", rule("true"), "name"),
        ("bad", json!({"expression": "true"}), "reason"),
    ] {
        let path = format!("{RULES}/{}", name.replace(' ', "%20"));
        let refused = ask(&platform, &key, Method::PUT, &path, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
}

#[tokio::test]
async fn a_rule_is_saved_tried_and_removed_and_a_list_grows_and_shrinks() {
    let platform = Platform::new().await;
    let key = platform.person_key(&[Scope::Rules]).await;
    let path = format!("{RULES}/large");
    let before = platform
        .call(Method::GET, RULES)
        .key(&key)
        .send()
        .await
        .json();
    let count = before["rules"].as_array().unwrap().len();
    let saved = ask(
        &platform,
        &key,
        Method::PUT,
        &path,
        rule("attempt.amount >= 90000"),
    )
    .await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    let rules = saved.json();
    let last = &rules["rules"][count];
    assert_eq!(last["name"], json!("large"));
    assert_eq!(last["actions"], json!(["warn_payer", {"cool_down": 120}]));
    let tried = format!("{path}/backtest?days=7");
    let report = ask(
        &platform,
        &key,
        Method::POST,
        &tried,
        rule("attempt.amount >= 1"),
    )
    .await;
    assert_eq!(
        report.json()["payments"],
        json!(0),
        "nobody was judged here"
    );
    let tried = format!("{path}/backtest?days=0");
    let refused = ask(&platform, &key, Method::POST, &tried, rule("true")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let entry = "/v1/operator/lists/blocked-networks/203.0.113.0%2F24";
    let listed = ask(&platform, &key, Method::PUT, entry, json!({"seconds": 60}))
        .await
        .json();
    let networks = |rules: &Value| -> Value {
        let lists = rules["lists"].as_array().unwrap();
        let list = lists.iter().find(|list| list["name"] == "blocked-networks");
        list.unwrap()["entries"].clone()
    };
    assert_eq!(networks(&listed)[0]["entry"], json!("203.0.113.0/24"));
    assert!(networks(&listed)[0]["until"].is_number() || networks(&listed)[0]["until"].is_string());
    let gone = platform
        .call(Method::DELETE, entry)
        .key(&key)
        .send()
        .await
        .json();
    assert_eq!(networks(&gone), json!([]));
    let again = platform.call(Method::DELETE, entry).key(&key).send().await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "{}", again.text);
    let removed = platform
        .call(Method::DELETE, &path)
        .key(&key)
        .send()
        .await
        .json();
    assert_eq!(removed["rules"].as_array().unwrap().len(), count);
}

const PEOPLE: &str = "/v1/operator/people";

/// Asks without a body.
async fn plain(platform: &Platform, key: &str, method: Method, path: &str) -> Reply {
    platform.call(method, path).key(key).send().await
}

async fn keys(platform: &Platform) -> Vec<bool> {
    let people = platform.analysts.people().await.expect("the storage works");
    let keys = people.iter().map(|person| person.key != PersonKey::None);
    keys.collect()
}

#[tokio::test]
async fn a_lost_key_stops_at_once_and_another_one_is_given() {
    let platform = Platform::new().await;
    let ada = platform.person_key(&[Scope::People]).await;
    let lost = platform.person_key(&[Scope::Rules]).await;
    let listed = plain(&platform, &ada, Method::GET, PEOPLE).await.json();
    assert_eq!(listed["data"][0]["scopes"], json!(["people"]));
    assert_eq!(listed["data"][1]["has_key"], json!(true));
    let open = plain(&platform, &lost, Method::GET, RULES).await;
    assert_eq!(open.status, StatusCode::OK);
    let key = format!("{PEOPLE}/2/key");
    let given = plain(&platform, &ada, Method::POST, &key).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
    let fresh = given.json()["api_key"].as_str().unwrap().to_owned();
    let status = async |key: &str| plain(&platform, key, Method::GET, RULES).await.status;
    assert_eq!(status(&lost).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&fresh).await, StatusCode::OK);
    let taken = plain(&platform, &ada, Method::DELETE, &key).await;
    assert_eq!(taken.json()["has_key"], json!(false), "{}", taken.text);
    assert_eq!(status(&fresh).await, StatusCode::UNAUTHORIZED);
    assert_eq!(keys(&platform).await, [true, false]);
    // The journal says who did it.
    let entries = platform.store.entries_after(Sequence(0), 1_000).await;
    let by_ada = entries.unwrap().into_iter().filter(|entry| {
        entry.actor() == Actor::Person(OperatorId::new(1).unwrap())
            && matches!(entry.fact(), Fact::DocumentSaved { .. })
    });
    assert_eq!(by_ada.count(), 2);
}

#[tokio::test]
async fn people_are_looked_after_by_whoever_may_and_nobody_locks_everybody_out() {
    let platform = Platform::new().await;
    let ada = platform.person_key(&[Scope::People]).await;
    let eva = platform
        .person_key(&[Scope::Reviews, Scope::Rules, Scope::Models])
        .await;
    for (method, path) in [
        (Method::GET, PEOPLE.to_owned()),
        (Method::POST, format!("{PEOPLE}/1/key")),
        (Method::DELETE, format!("{PEOPLE}/1/key")),
    ] {
        let refused = plain(&platform, &eva, method, &path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text.contains("`people`"), "{}", refused.text);
    }
    let own = plain(&platform, &ada, Method::DELETE, &format!("{PEOPLE}/1/key")).await;
    assert_eq!(own.status, StatusCode::BAD_REQUEST);
    assert!(
        own.text.contains("scrip operator revoke-key"),
        "{}",
        own.text
    );
    for id in ["3", "0", "x"] {
        let unknown = plain(&platform, &ada, Method::POST, &format!("{PEOPLE}/{id}/key")).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    }
    // The own key may be given anew.
    let own = plain(&platform, &ada, Method::POST, &format!("{PEOPLE}/1/key")).await;
    let fresh = own.json()["api_key"].as_str().unwrap().to_owned();
    let old = plain(&platform, &ada, Method::GET, PEOPLE).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let listed = plain(&platform, &fresh, Method::GET, PEOPLE).await;
    assert_eq!(listed.status, StatusCode::OK);
    // Offline everything goes.
    let id = OperatorId::new(1).unwrap();
    platform
        .analysts
        .revoke_key(KeyChange::Offline, id)
        .await
        .unwrap();
    assert_eq!(keys(&platform).await, [false, true]);
}

#[tokio::test]
async fn of_two_who_take_each_others_key_away_one_keeps_it() {
    for _ in 0..20 {
        let platform = Platform::new().await;
        let ada = platform.person_key(&[Scope::People]).await;
        let eva = platform.person_key(&[Scope::People]).await;
        let (of_eva, of_ada) = (format!("{PEOPLE}/2/key"), format!("{PEOPLE}/1/key"));
        let (first, second) = tokio::join!(
            plain(&platform, &ada, Method::DELETE, &of_eva),
            plain(&platform, &eva, Method::DELETE, &of_ada),
        );
        let took = [first, second]
            .into_iter()
            .filter(|reply| reply.status == StatusCode::OK);
        assert_eq!(took.count(), 1);
        assert_eq!(
            keys(&platform).await.into_iter().filter(|has| *has).count(),
            1
        );
    }
}
