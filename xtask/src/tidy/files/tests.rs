use super::{BYTE_COUNT_MAX, LINE_COUNT_MAX, check};
use crate::workspace::ProjectFile;

#[track_caller]
fn check_file(path: &str, text: &str, expected: &[&str]) {
    let file = ProjectFile {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let findings: Vec<String> = check(&file).iter().map(ToString::to_string).collect();
    assert_eq!(findings, expected);
}

#[test]
fn a_file_may_have_as_many_lines_as_the_wall_and_no_more() {
    check_file("a.rs", &"a\n".repeat(LINE_COUNT_MAX), &[]);
    check_file(
        "a.rs",
        &"a\n".repeat(LINE_COUNT_MAX + 1),
        &["a.rs: 1001 lines, at most 1000: split the file"],
    );
    check_file("Cargo.lock", &"a\n".repeat(LINE_COUNT_MAX + 1), &[]);
}

#[test]
fn large_files_are_refused_even_when_binary() {
    let large = "\0".repeat(BYTE_COUNT_MAX + 1);
    check_file(
        "a.png",
        &large,
        &["a.png: 524289 bytes, at most 524288: build it instead of keeping it"],
    );
}

#[test]
fn white_space_at_the_end_of_a_line_is_refused_outside_snapshots() {
    check_file(
        "a.md",
        "a\nb \n",
        &["a.md:2: white space at the end of the line"],
    );
    check_file("a.snap", "a\nb \n", &[]);
}

#[test]
fn fix_me_markers_are_refused_in_comments_and_in_foreign_files() {
    let marker = "FIXME";
    check_file(
        "a.rs",
        &format!("// {marker}\n"),
        &["a.rs:1: a marker for unfinished work: finish it"],
    );
    check_file("a.rs", &format!("\"{marker}\"\n"), &[]);
    check_file(
        "a.css",
        &format!("{marker}\n"),
        &["a.css:1: a marker for unfinished work: finish it"],
    );
    check_file("a.md", &format!("{marker}\n"), &[]);
}

#[test]
fn machine_paths_are_refused() {
    let path = ["/ro", "ot/x"].concat();
    let term = ["/ro", "ot/"].concat();
    check_file(
        "a.md",
        &path,
        &[&format!(
            "a.md:1: `{term}` says where the author worked: leave it out"
        )],
    );
}
