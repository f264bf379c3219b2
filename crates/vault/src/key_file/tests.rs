use std::thread;

use super::*;
use crate::vault::Vault;

fn key_path(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("vault.key")
}

/// Writes `text` as a key file that nobody else may read.
fn write_key_file(path: &Path, text: &str) {
    let _ = fs::remove_file(path);
    create(path, &MasterKey::generate()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn created_key_is_the_same_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = key_path(&directory);
    let first = Vault::open_or_create(&path).unwrap();
    assert_eq!(
        Vault::open_or_create(&path).unwrap().key_id(),
        first.key_id()
    );
    assert_eq!(Vault::open(&path).unwrap().key_id(), first.key_id());
    assert_eq!(
        fs::read_dir(directory.path()).unwrap().count(),
        1,
        "no temporary file stays behind"
    );
}

#[test]
fn missing_key_of_existing_data_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = key_path(&directory);
    assert!(matches!(
        Vault::open(&path),
        Err(KeyFileError::Missing { .. })
    ));
    assert!(!path.exists());
}

#[test]
fn missing_directory_is_reported_with_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let failure =
        Vault::open_or_create(&directory.path().join("absent").join("vault.key")).unwrap_err();
    assert!(matches!(failure, KeyFileError::Create { .. }));
    assert!(failure.to_string().contains("absent"));
}

#[test]
fn many_processes_that_start_at_once_get_one_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = key_path(&directory);
    let ids: Vec<_> = thread::scope(|scope| {
        let starts: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Vault::open_or_create(&path).unwrap().key_id()))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn key_that_others_may_read_is_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let path = key_path(&directory);
    Vault::open_or_create(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    for mode in [0o640, 0o604, 0o620, 0o644, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refusal = Vault::open_or_create(&path).unwrap_err();
        assert!(matches!(refusal, KeyFileError::TooOpen { mode: found, .. } if found == mode));
        assert!(
            refusal
                .to_string()
                .contains(&format!("chmod 600 {}", path.display()))
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    Vault::open_or_create(&path).unwrap();
}

#[test]
fn damaged_file_is_refused_with_the_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = key_path(&directory);
    Vault::open_or_create(&path).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let id_line = whole.lines().find(|line| line.starts_with("id")).unwrap();
    let key_line = whole.lines().find(|line| line.starts_with("key")).unwrap();
    let last_digit = if whole.trim_end().ends_with('0') {
        "1\n"
    } else {
        "0\n"
    };

    for (text, expected) in [
        (String::new(), Damage::Field { name: "format" }),
        ("x".repeat(20_000), Damage::NotText),
        (
            "format = 1\nwhat is this".to_owned(),
            Damage::Line { line: 2 },
        ),
        (
            "format = 1\ncolour = red".to_owned(),
            Damage::Line { line: 2 },
        ),
        (format!("{whole}format = 1\n"), Damage::Line { line: 7 }),
        (
            whole.replace("format = 1", "format = one"),
            Damage::Field { name: "format" },
        ),
        (whole.replace(key_line, ""), Damage::Field { name: "key" }),
        (whole.replace(id_line, ""), Damage::Field { name: "id" }),
        (
            whole[..whole.len() - 3].to_owned(),
            Damage::Field { name: "key" },
        ),
        (
            whole[..whole.len() - 2].to_owned() + last_digit,
            Damage::IdMismatch,
        ),
    ] {
        write_key_file(&path, &text);
        match Vault::open_or_create(&path).unwrap_err() {
            KeyFileError::Damaged { damage, .. } => assert_eq!(damage, expected),
            other => panic!("{expected:?} expected, got {other}"),
        }
    }
}

#[test]
fn file_of_a_later_release_is_refused_as_such() {
    let directory = tempfile::tempdir().unwrap();
    let path = key_path(&directory);
    write_key_file(&path, "format = 2\nprovider = pkcs11\n");
    assert!(matches!(
        Vault::open(&path),
        Err(KeyFileError::NewerFormat { found: 2, .. })
    ));
}

#[test]
fn errors_hold_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = key_path(&directory);
    let secret = "5ec2e7".repeat(10);
    for text in [
        format!("format = 1\nkey = {secret}"),
        format!("format = 1\n{secret}"),
    ] {
        write_key_file(&path, &text);
        let failure = Vault::open(&path).unwrap_err();
        assert!(!format!("{failure} {failure:?}").contains("5ec2e7"));
    }
}
