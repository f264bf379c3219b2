use super::check;
use crate::workspace::ProjectFile;

#[track_caller]
fn check_manifest(path: &str, text: &str, expected: &[&str]) {
    let file = ProjectFile {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    let findings: Vec<String> = check(&file).iter().map(ToString::to_string).collect();
    assert_eq!(findings, expected);
}

#[test]
fn members_inherit_lints_and_versions() {
    let text = "[package]\nname = \"a\"\n[lints]\nworkspace = true\n[dependencies]\nb.workspace = true\n\
                c = { workspace = true, features = [\"d\"] }\n";
    check_manifest("crates/a/Cargo.toml", text, &[]);
}

#[test]
fn a_version_of_its_own_is_refused() {
    let text = "[lints]\nworkspace = true\n[dev-dependencies]\nb = \"1\" # why\n";
    let expected = "crates/a/Cargo.toml:4: `b` must be taken with `workspace = true`: versions live in one place";
    check_manifest("crates/a/Cargo.toml", text, &[expected]);
}

#[test]
fn lints_of_its_own_are_refused() {
    let expected = "crates/a/Cargo.toml: lacks `[lints] workspace = true`";
    check_manifest(
        "crates/a/Cargo.toml",
        "[package]\nname = \"a\"\n",
        &[expected],
    );
    check_manifest("Cargo.toml", "[workspace]\n", &[]);
    for path in ["fuzz/Cargo.toml", "libs/verifier/wasm/Cargo.toml"] {
        check_manifest(path, "[workspace]\n", &[]);
    }
}
