use askama::Template;

use super::*;

#[derive(Template)]
#[template(path = "frame.html")]
struct EmptyPage {
    frame: Frame,
}

fn rendered(language: Language) -> String {
    let frame = Frame::new(
        "Balance <b>".to_owned(),
        language,
        "/balance?a=1&b=2".to_owned(),
    );
    EmptyPage { frame }.render().unwrap()
}

#[test]
fn frame_speaks_every_language() {
    let keys = include_str!("../../locales/en/frame.ftl")
        .lines()
        .filter_map(|line| line.split_once(" = "));
    let keys: Vec<&str> = keys.map(|(key, _)| key).collect();
    for language in Language::ALL {
        let page = rendered(language);
        assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
        for key in &keys {
            assert!(!page.contains(key), "{key} has no text in {language:?}");
        }
    }
}

#[test]
fn frame_escapes_what_it_is_given() {
    let page = rendered(Language::English);
    assert!(
        page.contains("<title>Balance &#60;b&#62; · Scrip</title>"),
        "{page}"
    );
    assert!(page.contains("value=\"/balance?a=1&#38;b=2\""));
}

#[test]
fn frame_has_no_inline_style_or_script() {
    let page = rendered(Language::English);
    assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains("<script>"));
}
