use std::net::IpAddr;

use sim::atlas::{file, network};

use super::*;

fn country(atlas: &Atlas) -> Option<String> {
    let address: IpAddr = "203.0.1.7".parse().expect("an address");
    let found = atlas.locate(address)?.country?;
    Some(found.to_string())
}

fn of(country: &'static str) -> Vec<u8> {
    file("GeoLite2-Country", &[network([203, 0, 1], country)])
}

#[test]
fn a_file_that_changes_is_read_again_and_a_bad_one_leaves_what_was_known() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("places.mmdb");
    fs::write(&path, of("AT")).expect("a file");
    let (mut source, atlas) = AtlasFile::open(&path).expect("a sound file");
    assert_eq!(source.look(&atlas), Look::Unchanged);
    assert_eq!(country(&atlas).as_deref(), Some("AT"));

    // As updaters do: a new file takes the name of the old one.
    let replace = |bytes: &[u8]| {
        let next = directory.path().join("next");
        fs::write(&next, bytes).expect("a file");
        fs::rename(&next, &path).expect("a rename");
    };
    replace(&of("DE"));
    assert_eq!(source.look(&atlas), Look::Replaced);
    assert_eq!(country(&atlas).as_deref(), Some("DE"));

    replace(&of("PL")[..100]);
    assert_eq!(source.look(&atlas), Look::Refused);
    assert_eq!(country(&atlas).as_deref(), Some("DE"));
    assert_eq!(source.look(&atlas), Look::Unchanged, "it is told once");

    fs::remove_file(&path).expect("the file");
    assert_eq!(source.look(&atlas), Look::Refused);
    assert_eq!(source.look(&atlas), Look::Unchanged, "it is told once");
    replace(&of("PL"));
    assert_eq!(source.look(&atlas), Look::Replaced);
    assert_eq!(country(&atlas).as_deref(), Some("PL"));
}

#[test]
fn a_start_with_a_file_that_cannot_be_used_says_what_to_do() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("places.mmdb");
    let refusal = |path: &Path| {
        let refused = AtlasFile::open(path).expect_err("a file that cannot be used");
        format!("{refused:#}")
    };
    let missing = refusal(&path);
    assert!(missing.contains("places.mmdb"), "{missing}");
    assert!(missing.contains("leave the key empty"), "{missing}");
    let folder = refusal(directory.path());
    assert!(folder.contains("it is no file"), "{folder}");
    fs::write(&path, b"this is no database, it is a sentence").expect("a file");
    let damaged = refusal(&path);
    assert!(damaged.contains("download it again"), "{damaged}");
    fs::write(&path, file("GeoLite2-ASN", &[network([203, 0, 1], "")])).expect("a file");
    let other = refusal(&path);
    assert!(other.contains("names no countries"), "{other}");
}
