//! The directory and the key in it: one program, one key, and clear words when something is wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use tlog::key::KeyName;
use witness::key::WitnessKey;
use witness::witness::{KeyChoice, OpenError, Setup, Witness, public_key};

use crate::forger::{History, LogKey};
use crate::support::{Hosted, log_key, open};

fn own(name: &str) -> KeyChoice {
    let name = KeyName::parse(name).ok();
    KeyChoice::Own { name }
}

fn refusal(directory: &Path, key: KeyChoice) -> String {
    let setup = Setup {
        directory: directory.to_owned(),
        key,
        logs: vec![log_key().public],
    };
    match Witness::open(setup) {
        Ok(_) => panic!("it starts"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_first_start_makes_a_key_that_its_account_alone_may_read_and_later_ones_keep_it() {
    let directory = TempDir::new().unwrap();
    let public = public_key(directory.path(), own("witness.example/1")).unwrap();
    let file = directory.path().join("witness.key");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    let witness = open(directory.path(), vec![log_key().public]).unwrap();
    assert_eq!(*witness.public_key(), public);
    // Its public key is told while it runs, and elsewhere by the file alone.
    let told = public_key(directory.path(), KeyChoice::Own { name: None });
    assert_eq!(told.unwrap(), public);
    assert_eq!(*WitnessKey::open(&file).unwrap().public(), public);
    let other = TempDir::new().unwrap();
    let told = public_key(other.path(), KeyChoice::File { path: file });
    assert_eq!(told.unwrap(), public);
    let elsewhere = public_key(other.path(), own("witness.example/1")).unwrap();
    assert_ne!(elsewhere, public);
}

#[test]
fn two_witnesses_do_not_work_in_one_directory() {
    let directory = TempDir::new().unwrap();
    let first = open(directory.path(), vec![log_key().public]).unwrap();
    let second = open(directory.path(), vec![log_key().public]);
    assert!(matches!(second, Err(OpenError::InUse { .. })));
    drop(first);
    open(directory.path(), vec![log_key().public]).unwrap();
}

#[test]
fn what_is_wrong_with_names_and_keys_is_said() {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    assert!(refusal(path, KeyChoice::Own { name: None }).contains("--name"));
    let missing = KeyChoice::File {
        path: path.join("nothing"),
    };
    assert!(refusal(path, missing).contains("there is no key at"));
    public_key(path, own("witness.example/1")).unwrap();
    assert!(refusal(path, own("witness.example/2")).contains("is named witness.example/1"));
    let file = path.join("witness.key");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(refusal(path, own("witness.example/1")).contains("chmod 600"));
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    for damaged in [
        text.replace("witness.example/1", "witness.example/2"),
        text.replace("PRIVATE", "PUBLIC"),
        text[..text.len() - 6].to_owned(),
        String::new(),
    ] {
        std::fs::write(&file, damaged).unwrap();
        assert!(refusal(path, own("witness.example/1")).contains("holds no key of a witness"));
    }
}

#[test]
fn a_log_is_given_by_a_key_of_a_log_and_each_key_once() {
    let directory = TempDir::new().unwrap();
    let witness = public_key(directory.path(), own("witness.example/1")).unwrap();
    let (key, successor) = (
        log_key().public,
        LogKey::new("voucher.example/log1", 8).public,
    );
    let no_log = open(directory.path(), vec![witness]);
    assert!(matches!(no_log, Err(OpenError::NotALog { .. })));
    let twice = open(directory.path(), vec![key.clone(), key.clone()]);
    assert!(matches!(twice, Err(OpenError::Twice { .. })));
    open(directory.path(), vec![key, successor]).unwrap();
}

#[tokio::test]
async fn state_that_is_damaged_or_of_another_witness_is_refused() {
    let hosted = Hosted::fresh();
    let (honest, key) = (History::honest(16), log_key());
    assert_eq!(hosted.add(honest.request(&key, 0, 9)).await.code, 200);
    let file = hosted.log_directory().join("checkpoint");
    let directory = hosted.into_directory();
    let path = directory.path();
    let good = std::fs::read_to_string(&file).unwrap();
    let smaller = good.replace(&key.text(honest.head(9)), &key.text(honest.head(5)));
    let unsigned = key.note(honest.head(9)).to_string();
    let cut = good[..good.len() / 2].to_owned();
    for damaged in [smaller, unsigned, cut, String::new()] {
        std::fs::write(&file, damaged).unwrap();
        assert!(matches!(
            open(path, vec![key.public.clone()]),
            Err(OpenError::State(_))
        ));
    }
    std::fs::write(&file, &good).unwrap();
    open(path, vec![key.public.clone()]).unwrap();
    std::fs::remove_file(path.join("witness.key")).unwrap();
    assert!(matches!(
        open(path, vec![key.public]),
        Err(OpenError::KeyLost { .. })
    ));
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_passed_over() {
    let hosted = Hosted::fresh();
    let (honest, key) = (History::honest(16), log_key());
    assert_eq!(hosted.add(honest.request(&key, 0, 5)).await.code, 200);
    std::fs::write(
        hosted.log_directory().join("checkpoint.new"),
        "half a check",
    )
    .unwrap();
    let hosted = hosted.again();
    assert_eq!(hosted.add(honest.request(&key, 5, 9)).await.code, 200);
    assert!(
        hosted
            .shown()
            .await
            .body
            .starts_with(&key.text(honest.head(9)))
    );
}

#[tokio::test]
async fn a_checkpoint_that_cannot_be_stored_is_not_cosigned() {
    let hosted = Hosted::fresh();
    let (honest, key) = (History::honest(16), log_key());
    assert_eq!(hosted.add(honest.request(&key, 0, 5)).await.code, 200);
    // A directory in the place of the unfinished file: it can neither be removed as a file nor be written.
    let obstacle = hosted.log_directory().join("checkpoint.new");
    std::fs::create_dir(&obstacle).unwrap();
    let answer = hosted.add(honest.request(&key, 5, 9)).await;
    assert_eq!(answer.code, 500);
    assert!(answer.body.contains("was not cosigned; ask again"));
    assert!(
        hosted
            .shown()
            .await
            .body
            .starts_with(&key.text(honest.head(5)))
    );
    std::fs::remove_dir(&obstacle).unwrap();
    assert_eq!(hosted.add(honest.request(&key, 5, 9)).await.code, 200);
}
