use super::super::masking::mask;
use super::{FunctionLength, LINE_COUNT_MAX, check, lengths};

#[track_caller]
fn check_lengths(source: &str, expected: &[(&str, usize, usize)]) {
    let expected: Vec<FunctionLength> = expected
        .iter()
        .map(|(name, line, line_count)| FunctionLength {
            name: (*name).to_owned(),
            line: *line,
            line_count: *line_count,
        })
        .collect();
    assert_eq!(lengths(&mask(source).code), expected, "{source}");
}

#[test]
fn length_runs_from_the_signature_to_the_closing_brace() {
    check_lengths("fn a() {}", &[("a", 1, 1)]);
    check_lengths("\npub fn a(\n  x: u8,\n) {\n  x\n}\n", &[("a", 2, 5)]);
    check_lengths(
        "fn a() {\n  if b {\n  }\n}\nfn c() {\n}",
        &[("a", 1, 4), ("c", 5, 2)],
    );
}

#[test]
fn functions_without_a_body_do_not_count() {
    check_lengths(
        "trait T {\n  fn a(&self) -> [u8; 2];\n  fn b() {}\n}",
        &[("b", 3, 1)],
    );
    check_lengths("type F = fn (u8) -> u8;", &[]);
}

#[test]
fn braces_in_strings_and_comments_do_not_count() {
    check_lengths("fn a() {\n  \"}\"; // }\n  '}';\n}", &[("a", 1, 4)]);
}

#[test]
fn nested_functions_count_by_themselves_and_for_their_outer_one() {
    check_lengths("fn a() {\n  fn b() {\n  }\n}", &[("a", 1, 4), ("b", 2, 2)]);
}

#[test]
fn a_function_may_have_as_many_lines_as_the_wall_and_no_more() {
    let with_line_count = |line_count: usize| format!("fn a() {{{}}}", "\n".repeat(line_count - 1));
    assert_eq!(check("a.rs", &with_line_count(LINE_COUNT_MAX)).len(), 0);
    assert_eq!(check("a.rs", &with_line_count(LINE_COUNT_MAX + 1)).len(), 1);
}
