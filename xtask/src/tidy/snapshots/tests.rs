use super::check;
use crate::workspace::ProjectFile;

#[track_caller]
fn check_snapshot(file_name: &str, expected: &[&str]) {
    let source =
        "fn page_is_stable() {}\nfn test_prefixed() {}\nassert_snapshot!(\"chosen\", page);";
    let files = [
        ProjectFile {
            path: "crates/a/tests/it/page.rs".to_owned(),
            bytes: source.as_bytes().to_vec(),
        },
        ProjectFile {
            path: format!("crates/a/tests/it/snapshots/{file_name}"),
            bytes: b"---\nsource: crates/a/tests/it/page.rs\nexpression: page\n---\ntext".to_vec(),
        },
    ];
    let findings: Vec<String> = check(&files)
        .iter()
        .map(|finding| finding.violation.to_string())
        .collect();
    assert_eq!(findings, expected, "{file_name}");
}

#[test]
fn snapshots_with_a_name_in_their_source_stay() {
    check_snapshot("it__page__page_is_stable.snap", &[]);
    check_snapshot("it__page__page_is_stable-2.snap", &[]);
    check_snapshot("it__page__page_is_stable@german.snap", &[]);
    check_snapshot("it__page__prefixed.snap", &[]);
    check_snapshot("it__page__chosen.snap", &[]);
}

#[test]
fn snapshots_without_a_name_in_their_source_are_refused() {
    let expected = "no test called `gone` and no snapshot name like it: delete the snapshot";
    check_snapshot("it__page__gone.snap", &[expected]);
}

#[test]
fn snapshots_of_a_deleted_source_are_refused() {
    let snapshot = ProjectFile {
        path: "a/snapshots/b.snap".to_owned(),
        bytes: b"---\nsource: a/c.rs\n---".to_vec(),
    };
    let findings: Vec<String> = check(&[snapshot]).iter().map(ToString::to_string).collect();
    assert_eq!(
        findings,
        ["a/snapshots/b.snap: belongs to `a/c.rs`, which does not exist: delete the snapshot"]
    );
}
