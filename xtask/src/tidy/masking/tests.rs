use super::mask;

#[track_caller]
fn check_code(source: &str, expected: &str) {
    assert_eq!(mask(source).code, expected, "code of {source}");
}

#[test]
fn strings_lose_their_inside() {
    check_code(r#"a("{ // }")"#, r#"a("      ")"#);
    check_code(r#"a("\"{")b"#, r#"a("   ")b"#);
    check_code(r#"a(b"{")"#, r#"a(b" ")"#);
}

#[test]
fn raw_strings_end_at_their_own_number_of_hashes() {
    // Of a closing quote with hashes only the last hash stays code, which no check minds.
    check_code(r###"r#"{"}"#{"###, r###"r#"    #{"###);
    check_code(r#"r"\"{"#, r#"r" "{"#);
    check_code(r####"br##"{"#"##{"####, r####"br##"     #{"####);
}

#[test]
fn names_with_an_r_do_not_open_a_raw_string() {
    check_code(r#"for"{"{"#, r#"for" "{"#);
    check_code("r#type{", "r#type{");
}

#[test]
fn characters_are_literals_and_lifetimes_are_not() {
    check_code(r"'{' &'a b '\'' '\u{7d}' }", r"' ' &'a b '  ' '      ' }");
}

#[test]
fn comments_nest_and_end() {
    for (source, code, comments) in [
        ("a // {\nb", "a     \nb", "  // {\n "),
        ("a/*{/*{*/{*/b", "a           b", " /*{/*{*/{*/ "),
        ("a/**/b", "a    b", " /**/ "),
        ("a/***/b", "a     b", " /***/ "),
    ] {
        assert_eq!(
            mask(source).code.trim_end(),
            code.trim_end(),
            "code of {source}"
        );
        assert_eq!(mask(source).comments, comments, "comments of {source}");
    }
}

#[test]
fn masked_texts_keep_the_lines_of_the_source() {
    let source = "a\n\"b\nc\"\n/* d\ne */\nf";
    let masked = mask(source);
    assert_eq!(masked.code.lines().count(), source.lines().count());
    assert_eq!(masked.comments.lines().count(), source.lines().count());
}
