//! Models and settings of the issuer's people.

use engine::service::person::Scope;
use http::{Method, StatusCode};
use ids::time::{Span, Timestamp};
use risk::feature;
use risk::model::artifact::Artifact;
use risk::model::binding::Definitions;
use risk::model::data::{Example, Label, TrainingSet};
use risk::model::settings::Settings;
use risk::model::train::train;
use serde_json::json;

use crate::platform::{Platform, Reply, START};

const MODELS: &str = "/v1/operator/models";
const SETTINGS: &str = "/v1/operator/risk-settings";

/// A model of two facts; another seed gives another model.
fn model(seed: u64) -> Artifact {
    let names = ["attempt.amount", "attempt.vouchers"].map(str::to_owned);
    let mut set = TrainingSet::new(names.to_vec()).expect("it can be made");
    for row in 0..400 {
        let is_fraud = row % 8 == 0;
        let attempted_at = Timestamp(row * Span::HOUR.0);
        let example = Example {
            attempted_at,
            label_known_at: attempted_at,
            label: if is_fraud { Label::Fraud } else { Label::Good },
            weight: 1.0,
        };
        let amount = if is_fraud {
            900.0
        } else {
            (row % 97) as f32 * 5.0
        };
        set.push(&[amount, 1.0], example).expect("it can be made");
    }
    let tuning = Settings {
        trees_max: 5,
        depth: 2,
        bins: 16,
        ..Settings::default()
    };
    let trained = train(&set.known_at(START), &tuning, seed).expect("it can be made");
    let here = Definitions::of(set.features(), &feature::catalogue(), feature::VERSION)
        .expect("it can be made");
    Artifact::of_training(trained, here).expect("it can be made")
}

async fn upload(platform: &Platform, key: &str, path: &str, file: &[u8]) -> Reply {
    let call = platform.call(Method::POST, path).key(key);
    let call = call.header("content-type", "application/octet-stream");
    call.body(file).send().await
}

async fn act(platform: &Platform, key: &str, model: &str, action: &str) -> Reply {
    let call = platform.call(Method::POST, format!("{MODELS}/{model}"));
    call.key(key).json(&json!({ "action": action })).await
}

#[tokio::test]
async fn a_model_is_registered_promoted_challenged_and_rolled_back() {
    let platform = Platform::new().await;
    let key = platform.person_key(&[Scope::Models]).await;
    let (first, second) = (model(1), model(2));
    let names = [first.hash().to_string(), second.hash().to_string()];
    for artifact in [&first, &second] {
        let reply = upload(&platform, &key, MODELS, artifact.bytes()).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    }
    let listed = platform
        .call(Method::GET, MODELS)
        .key(&key)
        .send()
        .await
        .json();
    assert_eq!(listed["champion"], json!(null));
    assert_eq!(listed["models"][1]["model"], json!(names[1]));
    assert_eq!(listed["models"][0]["origin"], "trained");
    assert!(
        listed["models"][0]["auc"]
            .as_f64()
            .is_some_and(|auc| 0.9 < auc)
    );
    let reply = act(&platform, &key, &names[0], "promote").await;
    assert_eq!(reply.json()["champion"], json!(names[0]), "{}", reply.text);
    let reply = act(&platform, &key, &names[1], "challenge").await;
    assert_eq!(reply.json()["challengers"], json!([names[1]]));
    let reply = act(&platform, &key, &names[1], "retire").await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
    act(&platform, &key, &names[1], "promote").await;
    let path = format!("{MODELS}/roll-back");
    let reply = platform.call(Method::POST, path).key(&key).send().await;
    assert_eq!(reply.json()["champion"], json!(names[0]), "{}", reply.text);
    let rule =
        json!({ "gain_min": 0.02, "labelled_min": 5000, "frauds_min": 100, "window_hours": 1440 });
    let call = platform
        .call(Method::PUT, format!("{MODELS}/rule"))
        .key(&key);
    assert_eq!(call.json(&rule).await.json()["rule"], rule);
    let call = platform.call(Method::DELETE, format!("{MODELS}/rule"));
    assert_eq!(call.key(&key).send().await.json()["rule"], json!(null));
}

#[tokio::test]
async fn what_is_no_model_of_this_version_is_refused_with_what_to_do() {
    let platform = Platform::new().await;
    let key = platform.person_key(&[Scope::Models]).await;
    let reviewer = platform.person_key(&[Scope::Reviews]).await;
    let file = model(1).bytes().to_vec();
    let mut damaged = file.clone();
    damaged[100] ^= 1;
    let huge = vec![0; 8 * 1024 * 1024 + 1];
    let import = format!("{MODELS}/import");
    for (who, path, file, status, words) in [
        (&reviewer, MODELS, &file, 403, "scope `models`"),
        (&key, MODELS, &damaged, 400, "copy it again"),
        (&key, MODELS, &huge, 413, "8 MiB"),
        (&key, import.as_str(), &file, 400, "neither a LightGBM"),
    ] {
        let reply = upload(&platform, who, path, file).await;
        assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
        assert!(reply.text.contains(words), "{words}: {}", reply.text);
    }
    let call = platform.call(Method::POST, MODELS).key(&key);
    let call = call.header("content-type", "application/json").body(file);
    let reply = call.send().await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(
        reply.text.contains("This path takes a file"),
        "{}",
        reply.text
    );
    let reply = act(&platform, &key, "5f0c", "promote").await;
    assert!(
        reply.text.contains("64 hexadecimal digits"),
        "{}",
        reply.text
    );
    let reply = act(&platform, &key, &"0".repeat(64), "promote").await;
    assert!(
        reply.text.contains("register its file first"),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn settings_are_changed_one_by_one_and_refused_with_their_name() {
    let platform = Platform::new().await;
    let key = platform.person_key(&[Scope::Models]).await;
    let before = platform
        .call(Method::GET, SETTINGS)
        .key(&key)
        .send()
        .await
        .json();
    assert_eq!(before["review_minutes"], 240);
    let mut strict = before["policy"].clone();
    strict["unjudged_large"] = json!("review");
    let change = json!({
        "merchants": { "1000001": strict },
        "review_minutes": 60,
        "second_approval_above_minor": { "EUR": 10_000, "USD": null },
    });
    let patch = |body: serde_json::Value| {
        let call = platform.call(Method::PATCH, SETTINGS).key(&key);
        async move { call.json(&body).await }
    };
    let changed = patch(change).await.json();
    assert_eq!(changed["review_minutes"], 60);
    assert_eq!(changed["policy"], before["policy"]);
    assert_eq!(changed["training"], before["training"]);
    assert_eq!(changed["merchants"]["1000001"], strict);
    assert_eq!(changed["second_approval_above_minor"]["EUR"], 10_000);
    assert!(changed["second_approval_above_minor"].get("USD").is_none());
    let gone = patch(json!({ "merchants": { "1000001": null } }))
        .await
        .json();
    assert_eq!(gone["merchants"], json!({}));
    for (body, words) in [
        (json!({ "review_minutes": 1 }), "5 to 10080 minutes"),
        (
            json!({ "merchants": { "shop": null } }),
            "no merchant's number",
        ),
        (json!({ "review_hours": 1 }), "review_hours"),
    ] {
        let reply = patch(body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert!(reply.text.contains(words), "{}", reply.text);
    }
}
