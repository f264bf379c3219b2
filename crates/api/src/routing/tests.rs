use super::*;

#[test]
fn spare_slashes_go_and_queries_stay() {
    for (given, clean) in [
        ("/v1/payments/", Some("/v1/payments")),
        ("/v1//payments", Some("/v1/payments")),
        ("//v1/payments//x/?a=1&b=/", Some("/v1/payments/x?a=1&b=/")),
        ("/v1/payments?x=//", None),
    ] {
        let uri: Uri = given.parse().unwrap();
        let found = without_spare_slashes(&uri).map(|uri| uri.to_string());
        assert_eq!(found.as_deref(), clean, "{given}");
    }
}
