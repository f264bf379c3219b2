use serde_json::json;

use super::*;

#[test]
fn a_waiting_payment_is_shown_with_a_time_and_its_zone() {
    let waiting = json!({ "data": [{
        "payment": { "id": "pay_1", "amount": 10.11, "currency": "EUR" },
        "until": 1_796_212_800_000_i64,
        "approvals_needed": 1,
        "judged": { "reasons": [{ "code": "rule:x", "words": "Because." }] },
    }] });
    let lines = review_lines(&waiting);
    assert!(lines.contains("until 2026-12-02 12:00:00 UTC"), "{lines}");
    assert!(lines.contains("rule:x: Because."), "{lines}");
}

#[test]
fn an_answer_without_words_of_ours_is_not_printed_as_null() {
    let status = StatusCode::BAD_GATEWAY;
    let says = |answer| refusal("http://127.0.0.1/v1/operator/reviews", status, &answer);
    assert_eq!(says(json!({ "detail": "No." })), "No. (502 Bad Gateway)");
    for answer in [
        json!({}),
        json!(null),
        json!({ "detail": null }),
        json!([1]),
    ] {
        let words = says(answer);
        assert!(
            words.contains("502 Bad Gateway") && words.contains("proxy"),
            "{words}"
        );
        assert!(!words.contains("null"), "{words}");
    }
}
