use super::*;

fn wrong_state() -> Problem {
    Problem {
        status: StatusCode::BAD_REQUEST,
        code: "payment_invalid_state",
        number: 2017,
        param: None,
        message: "Invalid payment state".into(),
        title: "The payment is not in a state that allows this",
        detail: "The payment is already captured.".into(),
        instance: None,
        applied: Applied::Nothing,
        extension: None,
        retry_after: None,
    }
}

fn body_of(problem: &Problem) -> serde_json::Value {
    serde_json::from_slice(&problem.body()).unwrap()
}

#[test]
fn body_carries_both_vocabularies() {
    assert_eq!(
        body_of(&wrong_state()),
        serde_json::json!({
            "type": "/docs/errors#payment_invalid_state",
            "title": "The payment is not in a state that allows this",
            "status": 400,
            "detail": "The payment is already captured.",
            "code": "payment_invalid_state",
            "message": "Invalid payment state",
            "number": 2017,
            "applied": false,
        })
    );
}

#[test]
fn unknown_effect_reads_null_and_param_is_named() {
    let problem = Problem {
        applied: Applied::Unknown,
        extension: None,
        param: Some("customer.id".into()),
        instance: Some("r-1".into()),
        ..wrong_state()
    };
    let body = body_of(&problem);
    assert!(body["applied"].is_null());
    assert_eq!(body["param"], "customer.id");
    assert_eq!(body["instance"], "r-1");
}

#[test]
fn headers_say_what_the_body_is_and_when_to_come_back() {
    let problem = Problem {
        status: StatusCode::TOO_MANY_REQUESTS,
        retry_after: Some(Duration::from_millis(1_001)),
        ..wrong_state()
    };
    let response = problem.into_response();
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(response.headers()[header::RETRY_AFTER], "2");
}

#[test]
fn unauthorized_names_the_scheme() {
    let response = Problem {
        status: StatusCode::UNAUTHORIZED,
        ..wrong_state()
    }
    .into_response();
    assert_eq!(
        response.headers()[header::WWW_AUTHENTICATE],
        "Basic realm=\"Scrip\""
    );
}
