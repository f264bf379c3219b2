use super::is_local;

#[test]
fn language_switch_leads_to_no_other_server() {
    for local in ["/", "/checkout/pay_1?key=k&lang=en", "/balance"] {
        assert!(is_local(local), "{local}");
    }
    for foreign in [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "balance",
    ] {
        assert!(!is_local(foreign), "{foreign}");
    }
}
