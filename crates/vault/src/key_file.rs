//! The software key provider: one master key in a file of its own.
//!
//! The file is text, so that a person can see what it is and what to do with it:
//!
//! ```text
//! # Scrip key file. ...
//! format = 1
//! id = 0123456789abcdef
//! key = <64 hexadecimal digits>
//! ```
//!
//! `id` is derived from `key`: a file that was damaged or mistyped is refused, instead of quietly finding no PIN.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::durable::sync_directory_of;
use crate::key_material::{MASTER_KEY_LENGTH, MasterKey};
use crate::random;
use crate::vault::KeyId;

#[cfg(test)]
mod tests;

const FORMAT: u32 = 1;

/// A key file has some 400 bytes; anything much larger is another file.
const FILE_BYTES_MAX: u64 = 16 * 1024;

const PREAMBLE: &str = "\
# Scrip key file.
# Whoever has this file and the data directory can find vouchers by their PIN: keep it readable by the server alone.
# Keep a copy in a safe place: without it no voucher can ever be found by its PIN again.
";

/// Why the key could not be read or created, and what to do.
#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error(
        "there is no key file at {path}; restore it from its backup, \
         because without it no voucher can be found by its PIN"
    )]
    Missing { path: PathBuf },
    #[error(
        "other accounts may use the key file {path} (mode {mode:04o}); run `chmod 600 {path}`, \
         and think about who may have copied it"
    )]
    TooOpen { path: PathBuf, mode: u32 },
    #[error("the key file {path} is damaged: {damage}; restore it from its backup")]
    Damaged { path: PathBuf, damage: Damage },
    #[error(
        "the key file {path} has format {found}, but this release reads only format {FORMAT}; \
         install the release that wrote it or a later one"
    )]
    NewerFormat { path: PathBuf, found: u32 },
    #[error("the key file {path} could not be read; check that the server's account owns it")]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "the key file {path} could not be created; \
         check that its directory exists, may be written and has space left"
    )]
    Create { path: PathBuf, source: io::Error },
}

/// What is wrong inside a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Damage {
    #[error("it is larger than {FILE_BYTES_MAX} bytes or not text")]
    NotText,
    #[error("line {line} is not `name = value` with a known name")]
    Line { line: usize },
    #[error("`{name}` is missing or not well formed")]
    Field { name: &'static str },
    #[error("its id does not belong to its key")]
    IdMismatch,
}

/// Reads the master key at `path`.
pub(crate) fn open(path: &Path) -> Result<MasterKey, KeyFileError> {
    let text = read_private(path)?;
    let damaged = |damage| KeyFileError::Damaged {
        path: path.to_owned(),
        damage,
    };
    let fields = Fields::parse(&text).map_err(damaged)?;
    let found = fields.format.and_then(|format| format.parse().ok());
    match found.ok_or(damaged(Damage::Field { name: "format" }))? {
        FORMAT => fields.master_key().map_err(damaged),
        found => Err(KeyFileError::NewerFormat {
            path: path.to_owned(),
            found,
        }),
    }
}

/// Reads the master key at `path`, or makes a new one there if there is no file.
///
/// The file appears whole and durable or not at all. Of several processes that start at once, all get the key of
/// the first.
pub(crate) fn open_or_create(path: &Path) -> Result<MasterKey, KeyFileError> {
    match open(path) {
        Err(KeyFileError::Missing { .. }) => {
            let created = create(path, &MasterKey::generate());
            created.map_err(|source| KeyFileError::Create {
                path: path.to_owned(),
                source,
            })?;
            open(path)
        }
        outcome => outcome,
    }
}

struct Fields<'text> {
    format: Option<&'text str>,
    id: Option<&'text str>,
    key: Option<&'text str>,
}

impl<'text> Fields<'text> {
    fn parse(text: &'text str) -> Result<Fields<'text>, Damage> {
        let mut fields = Fields {
            format: None,
            id: None,
            key: None,
        };
        for (index, line) in text.lines().enumerate() {
            let line_damage = Damage::Line { line: index + 1 };
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or(line_damage)?;
            let field = match name.trim() {
                "format" => &mut fields.format,
                "id" => &mut fields.id,
                "key" => &mut fields.key,
                // A later format may have other names; its number then says so better than this line would.
                _ if fields
                    .format
                    .is_some_and(|format| format != FORMAT.to_string()) =>
                {
                    continue;
                }
                _ => return Err(line_damage),
            };
            if field.replace(value.trim()).is_some() {
                return Err(line_damage);
            }
        }
        Ok(fields)
    }

    fn master_key(&self) -> Result<MasterKey, Damage> {
        let mut bytes = Zeroizing::new([0; MASTER_KEY_LENGTH]);
        let key_text = self.key.unwrap_or_default();
        hex::decode_to_slice(key_text, bytes.as_mut_slice())
            .map_err(|_| Damage::Field { name: "key" })?;
        let key = MasterKey::from_bytes(*bytes);
        let id = self.id.ok_or(Damage::Field { name: "id" })?;
        if id == KeyId::of(&key).to_string() {
            Ok(key)
        } else {
            Err(Damage::IdMismatch)
        }
    }
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing {
            path: path.to_owned(),
        },
        _ => KeyFileError::Read {
            path: path.to_owned(),
            source,
        },
    };
    let file = File::open(path).map_err(failed)?;
    refuse_if_too_open(&file, path)?;
    // Enough capacity at once: growing would leave an unwiped copy of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES_MAX as usize + 64));
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let text = str::from_utf8(&bytes)
        .ok()
        .filter(|text| text.len() as u64 <= FILE_BYTES_MAX);
    let damaged = KeyFileError::Damaged {
        path: path.to_owned(),
        damage: Damage::NotText,
    };
    text.map(|text| Zeroizing::new(text.to_owned()))
        .ok_or(damaged)
}

/// Asks the open file, not the path, so that nobody can exchange it in between.
#[cfg(unix)]
fn refuse_if_too_open(file: &File, path: &Path) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = file.metadata().map_err(|source| KeyFileError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeyFileError::TooOpen {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn refuse_if_too_open(_file: &File, _path: &Path) -> Result<(), KeyFileError> {
    Ok(())
}

fn create(path: &Path, key: &MasterKey) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}", hex::encode(random::random_bytes::<8>())));
    let temporary = PathBuf::from(temporary);
    // A hard link, unlike a rename, never replaces a key that another process has put there meanwhile.
    let linked = write_private(&temporary, key).and_then(|()| fs::hard_link(&temporary, path));
    let removed = fs::remove_file(&temporary);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        outcome => outcome?,
    }
    removed?;
    sync_directory_of(path)
}

fn write_private(path: &Path, key: &MasterKey) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut key_text = [0; MASTER_KEY_LENGTH * 2];
    hex::encode_to_slice(key.expose(), &mut key_text).expect("two digits for each byte");
    write!(
        file,
        "{PREAMBLE}format = {FORMAT}\nid = {}\nkey = ",
        KeyId::of(key)
    )?;
    let written = file
        .write_all(&key_text)
        .and_then(|()| file.write_all(b"\n"));
    key_text.zeroize();
    written?;
    file.sync_all()
}
