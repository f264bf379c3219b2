use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use web::language::Language;

/// The identifiers of all messages of a language: every line that begins with one.
fn keys(language: Language) -> BTreeSet<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("locales")
        .join(language.tag());
    let files = fs::read_dir(directory)
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let lines: Vec<String> = files
        .flat_map(|file| file.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let keys = lines
        .iter()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    keys.filter_map(|line| line.split_once(" ="))
        .map(|(key, _)| key.to_owned())
        .collect()
}

#[test]
fn every_language_has_the_same_texts() {
    let english = keys(Language::English);
    assert!(100 < english.len());
    for language in Language::ALL {
        let difference: Vec<String> = english
            .symmetric_difference(&keys(language))
            .cloned()
            .collect();
        assert!(
            difference.is_empty(),
            "{language:?} and English differ in {difference:?}"
        );
    }
}

#[test]
fn every_text_is_used_and_every_used_text_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = ["templates", "src", "src/pages"].map(|directory| root.join(directory));
    let files = sources
        .iter()
        .flat_map(|directory| fs::read_dir(directory).unwrap());
    let paths = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    let all: String = paths
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    // The labels of the purchase form are put together from the names of its fields.
    let built = ["freeze-serial", "freeze-date", "freeze-amount"];
    for key in keys(Language::English) {
        assert!(
            all.contains(&format!("\"{key}\"")) || built.contains(&key.as_str()),
            "{key} is not used"
        );
    }
}
