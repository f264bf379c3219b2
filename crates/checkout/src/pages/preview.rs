//! Writes every page in every state and language below `target/page-preview/`, for people and for the accessibility check.

use std::fs;
use std::path::{Path, PathBuf};

use web::language::Language;

use super::samples::every_page;

#[test]
fn write_previews() {
    let directory = preview_directory();
    for language in Language::ALL {
        for (name, page) in every_page(language) {
            let file = directory.join(format!("{name}.{}.html", language.tag()));
            fs::write(file, page.replace("\"/assets/", "\"assets/")).unwrap();
        }
    }
    let assets = directory.join("assets");
    fs::create_dir_all(&assets).unwrap();
    for name in [
        "style.css",
        "page.js",
        "pin.js",
        "behaviour.js",
        "countdown.js",
        "continue.js",
        "reload.js",
        "icon.svg",
    ] {
        let url = web::assets::url(name);
        let source = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../web/assets")
            .join(name);
        fs::copy(source, directory.join(url.trim_start_matches('/'))).unwrap();
    }
}

fn preview_directory() -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/page-preview");
    fs::create_dir_all(&directory).unwrap();
    directory
}
