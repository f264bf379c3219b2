use super::*;

fn refusal<T>(result: Result<T, Refused>) -> (Option<String>, String) {
    let Err(refused) = result else {
        panic!("was not refused");
    };
    let problem = refused.problem();
    (
        problem.param.as_deref().map(str::to_owned),
        problem.detail.to_string(),
    )
}

#[test]
fn values_keep_their_text() {
    let mut object = Object::parse(br#"{"amount":10.10,"b":"0.10","c":"a\"b"}"#).unwrap();
    assert_eq!(object.text("amount").unwrap().unwrap(), "10.10");
    assert_eq!(object.text("b").unwrap().unwrap(), "0.10");
    assert_eq!(object.text("c").unwrap().unwrap(), "a\"b");
}

#[test]
fn null_and_empty_text_are_absent() {
    let mut object = Object::parse(br#"{"a":null,"b":""}"#).unwrap();
    assert!(object.text("a").unwrap().is_none());
    assert_eq!(
        refusal(object.required_text("b")),
        (Some("b".to_owned()), "may not be null".to_owned())
    );
}

#[test]
fn what_nobody_asked_for_is_reported_with_its_place() {
    let mut object =
        Object::parse(br#"{"customer":{"0":"country_restriction","id":"c1"},"x\ny":1}"#).unwrap();
    let mut warnings = Warnings::default();
    let mut customer = object.object("customer").unwrap();
    assert_eq!(customer.required_text("id").unwrap(), "c1");
    customer.finish(&mut warnings);
    object.finish(&mut warnings);
    assert_eq!(
        warnings.header_text(),
        "unknown member customer.0 has no effect; unknown member x?y has no effect"
    );
}

#[test]
fn flags_are_read_as_clients_write_them() {
    let mut object = Object::parse(br#"{"a":"true","b":false,"c":"yes"}"#).unwrap();
    assert_eq!(object.flag("a").unwrap(), Some(true));
    assert_eq!(object.flag("b").unwrap(), Some(false));
    assert_eq!(object.flag("d").unwrap(), None);
    assert_eq!(refusal(object.flag("c")).0.unwrap(), "c");
}

#[test]
fn broken_bodies_are_told_where() {
    for (body, detail) in [
        ("{\"a\":", "the body ends too early (line 1, column 5)"),
        (
            "{\n  \"a\" 1}",
            "the body is not valid JSON (line 2, column 7)",
        ),
        ("7", "the body is not a JSON object (line 1, column 1)"),
        ("[1]", "the body is not a JSON object (line 1, column 3)"),
        ("", "the body ends too early (line 1, column 0)"),
        ("{\"a\":1,\"a\":2}", "a member stands in it twice"),
    ] {
        assert_eq!(
            refusal(Object::parse(body.as_bytes())),
            (Some("body".to_owned()), detail.to_owned()),
            "{body}"
        );
    }
    assert!(Object::parse(b"[]").is_ok());
}
