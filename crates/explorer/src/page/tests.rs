use super::*;

#[test]
fn served_page_has_no_inline_script_or_style() {
    let page = served("pay.example/log");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("<script type=\"module\" src=\"/assets/explorer."));
    assert!(!page.contains("<style") && !page.contains(" style="));
    assert!(!page.contains("https://") && !page.contains("data:"));
}

#[test]
fn saved_page_loads_nothing() {
    let page = alone(
        "pay.example/log",
        "https://pay.example/log/",
        "quorum none\n",
    );
    for mark in ["href=\"/", "src=\"/", "/assets/"] {
        assert!(!page.contains(mark), "{mark}");
    }
    assert!(page.contains("data-log=\"https://pay.example/log/\""));
    assert!(page.contains("data-module=\"data:application/wasm;base64,AGFzb"));
}

#[test]
fn build_without_verifier_says_so_and_names_the_command() {
    let page = rendered(Page {
        origin: "pay.example/log",
        log: "/log/",
        is_served: true,
        style: String::new(),
        script: String::new(),
        loader: String::new(),
        promises: String::new(),
        module: None,
        policy: None,
    });
    assert!(page.contains("has no verifier for browsers"));
    assert!(page.contains("scrip verify receipt"));
}
