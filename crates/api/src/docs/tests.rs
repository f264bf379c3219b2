use super::*;

#[test]
fn descriptions_become_html_that_cannot_break_out() {
    assert_eq!(
        markup::inline("send `<a>` & \"b\""),
        "send <code>&lt;a&gt;</code> &amp; &quot;b&quot;"
    );
    assert_eq!(markup::paragraphs("one\n\ntwo"), "<p>one</p><p>two</p>");
}

#[test]
fn every_kind_of_error_has_its_anchor() {
    let html = page(&ErrorsPage {
        title: "Errors",
        here: "/docs/errors",
        kinds: catalogue::all(),
    });
    for kind in catalogue::all() {
        assert!(
            html.contains(&format!("id=\"{}\"", kind.code)),
            "{}",
            kind.code
        );
    }
}
