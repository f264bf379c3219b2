use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use web::language::Language;

fn keys(language: Language) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("locales")
        .join(language.tag())
        .join("letters.ftl");
    let file = fs::read_to_string(path).unwrap();
    let keys = file.lines().filter_map(|line| line.split_once(" = "));
    keys.map(|(key, _)| key.to_owned()).collect()
}

#[test]
fn every_language_has_the_same_texts() {
    let english = keys(Language::English);
    assert!(20 < english.len());
    for language in Language::ALL {
        assert_eq!(keys(language), english, "{language:?}");
    }
}
