//! Batch files: the vouchers of one order as CSV, encrypted with age to the distributor that will print them.
//!
//! Format: <https://c2sp.org/age>. The distributor opens the file with `age --decrypt`.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::stream::StreamWriter;
use age::x25519;
use ids::voucher::Serial;
use money::amount::Amount;
use money::decimal;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::durable::sync_directory_of;
use crate::pin::Pin;

#[cfg(test)]
mod tests;

/// First line of every batch file.
pub const HEADER: &str = "serial,pin,amount,currency";

/// A line holds two numbers of 16 digits, an amount of at most 21 characters and a currency of three.
const LINE_BYTES_MAX: usize = 64;

/// Whom a batch file is encrypted to: an X25519 public key, `age1...`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    key: x25519::Recipient,
}

/// Why text is not a recipient. The text itself is not repeated: it could be a secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RecipientError {
    #[error("the recipient is empty; ask the distributor for the line that begins with `age1`")]
    Empty,
    #[error(
        "this is a secret key, not a recipient, and it has now been shown to you; \
         the distributor should make a new one and send only the line that begins with `age1`"
    )]
    SecretKey,
    #[error(
        "only X25519 recipients are supported; ask the distributor for one made by `age-keygen` without options"
    )]
    OtherKind,
    #[error("the recipient is mistyped or cut short; copy the whole line that begins with `age1`")]
    Malformed,
}

/// How the encrypted bytes are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are: the smallest file.
    Binary,
    /// As text that survives a mail or a form, a third larger.
    Armored,
}

/// Writes vouchers into an encrypted file, which appears under its name only when it is whole.
///
/// Until [`BatchWriter::finish`] the bytes stand in `NAME.partial`; dropping the writer removes that.
pub struct BatchWriter {
    // Before the stream, so that it is removed while the lock on it is still held.
    partial: PartialFile,
    target: PathBuf,
    line: Zeroizing<Vec<u8>>,
    stream: StreamWriter<ArmoredWriter<BufWriter<File>>>,
}

/// Why a batch file was not written.
#[derive(Debug, Error)]
pub enum BatchFileError {
    #[error("{path} exists already and is not overwritten; move it away or choose another name")]
    Exists { path: PathBuf },
    #[error("another process is writing {path}; wait for it or choose another name")]
    Busy { path: PathBuf },
    #[error(
        "{path} could not be written; check that its directory exists, may be written and has space left"
    )]
    Write { path: PathBuf, source: io::Error },
}

/// A distributor's key pair.
pub struct Identity {
    /// `AGE-SECRET-KEY-1...`, as `age --identity` reads it.
    pub secret_key: SecretString,
    pub recipient: Recipient,
}

/// Why a batch file was not opened.
#[derive(Debug, Error)]
pub enum DecryptError {
    #[error(
        "the secret key is mistyped or cut short; copy the whole line that begins with `AGE-SECRET-KEY-1`"
    )]
    MalformedSecretKey,
    #[error(
        "the file was encrypted to another recipient; use the secret key that belongs to that one"
    )]
    OtherRecipient,
    #[error("the file is no age file, or it is damaged; fetch it again")]
    Damaged,
    #[error("the file could not be read")]
    Read { source: io::Error },
}

impl Recipient {
    pub fn parse(text: &str) -> Result<Recipient, RecipientError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(RecipientError::Empty);
        }
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(RecipientError::SecretKey);
        }
        match x25519::Recipient::from_str(text) {
            Ok(key) => Ok(Recipient { key }),
            Err(_) if text.starts_with("age1") && !is_other_kind_of_age_key(text) => {
                Err(RecipientError::Malformed)
            }
            Err(_) => Err(RecipientError::OtherKind),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(formatter)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Recipient({self})")
    }
}

impl BatchWriter {
    /// Begins the file `target`, which must not exist. What an interrupted run left in `NAME.partial` is replaced.
    pub fn create(
        target: &Path,
        recipient: &Recipient,
        encoding: Encoding,
    ) -> Result<BatchWriter, BatchFileError> {
        let (partial, file) = PartialFile::open_for(target)?;
        let begin = || {
            file.set_len(0)?;
            let encryptor = age::Encryptor::with_recipients(std::iter::once(
                &recipient.key as &dyn age::Recipient,
            ))
            .expect("one X25519 recipient is a legal set");
            let armored = ArmoredWriter::wrap_output(BufWriter::new(file), encoding.age_format())?;
            let mut stream = encryptor.wrap_output(armored)?;
            writeln!(stream, "{HEADER}")?;
            Ok(stream)
        };
        let stream = begin().map_err(|source| partial.failed(source))?;
        let line = Zeroizing::new(Vec::with_capacity(LINE_BYTES_MAX));
        Ok(BatchWriter {
            partial,
            target: target.to_owned(),
            line,
            stream,
        })
    }

    pub fn write_voucher(
        &mut self,
        serial: Serial,
        pin: &Pin,
        amount: Amount,
    ) -> Result<(), BatchFileError> {
        self.line.clear();
        let value = decimal::print(amount);
        // None of the four fields can hold a comma, a quote or a line end, so none needs quoting (RFC 4180).
        writeln!(
            self.line,
            "{serial},{},{value},{}",
            pin.as_str(),
            amount.currency
        )
        .and_then(|()| self.stream.write_all(&self.line))
        .map_err(|source| self.partial.failed(source))
    }

    /// Makes the file whole and durable, and gives it its name.
    pub fn finish(self) -> Result<(), BatchFileError> {
        let BatchWriter {
            mut partial,
            target,
            stream,
            line: _,
        } = self;
        let complete = || {
            let file = stream
                .finish()?
                .finish()?
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            fs::rename(&partial.path, &target)?;
            Ok(file)
        };
        // The file stays open, and so locked, until nobody can mistake it for a leftover any more.
        let _file = complete().map_err(|source| partial.failed(source))?;
        partial.is_published = true;
        sync_directory_of(&target).map_err(|source| partial.failed(source))
    }
}

impl fmt::Debug for BatchWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BatchWriter({})", self.target.display())
    }
}

impl Encoding {
    fn age_format(self) -> Format {
        match self {
            Encoding::Binary => Format::Binary,
            Encoding::Armored => Format::AsciiArmor,
        }
    }
}

/// A fresh key pair, for the demonstration and for tests; a real distributor makes its own and keeps the secret.
pub fn generate_identity() -> Identity {
    let identity = x25519::Identity::generate();
    Identity {
        secret_key: identity.to_string(),
        recipient: Recipient {
            key: identity.to_public(),
        },
    }
}

/// Opens a batch file of either encoding. Damage further on appears as an error of the reader that is given back.
pub fn decrypt<R: Read>(
    input: R,
    secret_key: &SecretString,
) -> Result<impl BufRead + use<R>, DecryptError> {
    let identity = x25519::Identity::from_str(secret_key.expose_secret().trim())
        .map_err(|_| DecryptError::MalformedSecretKey)?;
    let decryptor = age::Decryptor::new_buffered(BufReader::new(ArmoredReader::new(input)));
    let identities = std::iter::once(&identity as &dyn age::Identity);
    let stream = decryptor
        .and_then(|decryptor| decryptor.decrypt(identities))
        .map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => DecryptError::OtherRecipient,
            age::DecryptError::Io(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
                DecryptError::Read { source }
            }
            _ => DecryptError::Damaged,
        })?;
    Ok(BufReader::new(stream))
}

/// Post-quantum keys, hardware tags and plugins have a second word before their last `1`: `age1pq1...`.
fn is_other_kind_of_age_key(text: &str) -> bool {
    text.rfind('1')
        .is_some_and(|separator| separator != "age".len())
}

struct PartialFile {
    path: PathBuf,
    is_published: bool,
}

impl PartialFile {
    fn open_for(target: &Path) -> Result<(PartialFile, File), BatchFileError> {
        let mut path = target.as_os_str().to_owned();
        path.push(".partial");
        let path = PathBuf::from(path);
        let failed = |source| BatchFileError::Write {
            path: path.clone(),
            source,
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(BatchFileError::Busy {
                    path: target.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let partial = PartialFile {
            path,
            is_published: false,
        };
        // Only now: what was just locked may be a file that another process has finished and renamed.
        if target.symlink_metadata().is_ok() {
            return Err(BatchFileError::Exists {
                path: target.to_owned(),
            });
        }
        Ok((partial, file))
    }

    fn failed(&self, source: io::Error) -> BatchFileError {
        BatchFileError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.is_published {
            // What stays behind is encrypted, and the next run replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
