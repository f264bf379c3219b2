//! The witness's own key, in a file of one line: `PRIVATE+KEY+name+id+key`, the form in which the Go tools for signed
//! notes keep theirs. The name stands in the file, because a key under another name is another witness.

use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use tlog::cosignature::{CosignedAt, cosign};
use tlog::key::{KeyKind, KeyName, PublicKey, SIGNATURE_BYTES};
use tlog::note::SignatureLine;
use zeroize::Zeroizing;

use crate::durable;

const PREFIX: &str = "PRIVATE+KEY+";
const SEED_BYTES: usize = 32;
/// Anything longer is another file.
const FILE_BYTES_MAX: u64 = 4096;
const OTHERS_MODE: u32 = 0o077;

/// Cosigns. The secret half stays in here.
pub struct WitnessKey {
    public: PublicKey,
    pair: Ed25519KeyPair,
}

#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error("there is no key at {path}")]
    Missing { path: PathBuf },
    #[error(
        "other accounts may use the key {path} (mode {mode:04o}); run `chmod 600 {path}`, and think about who may have copied it"
    )]
    TooOpen { path: PathBuf, mode: u32 },
    #[error(
        "{path} holds no key of a witness: it is one line, PRIVATE+KEY+name+id+key, with a key of kind 0x04, as the first start writes it"
    )]
    Form { path: PathBuf },
    #[error("the key {path} cannot be read; check that this account owns it")]
    Read { path: PathBuf, source: io::Error },
    #[error("the key {path} cannot be written; check that there is room and that this account may")]
    Write { path: PathBuf, source: io::Error },
    #[error("the system has no random bytes for a key")]
    Random,
}

impl WitnessKey {
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_private(path)?;
        parse(&text).ok_or_else(|| KeyFileError::Form {
            path: path.to_owned(),
        })
    }

    /// Draws a key and stores it. Nobody else may do so meanwhile.
    pub(crate) fn create(path: &Path, name: KeyName) -> Result<Self, KeyFileError> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        aws_lc_rs::rand::fill(seed.as_mut_slice()).map_err(|_| KeyFileError::Random)?;
        let key = Self::of_seed(name, seed.as_slice()).ok_or(KeyFileError::Random)?;
        let text = key.file_text(&seed);
        let stored = durable::replace(path, text.as_bytes());
        stored.map_err(|source| KeyFileError::Write {
            path: path.to_owned(),
            source,
        })?;
        Ok(key)
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn cosign(&self, text: &str, at: CosignedAt) -> SignatureLine {
        let Ok(line) = cosign(text, &self.public, at, |message| {
            Ok::<_, Infallible>(self.sign(message))
        });
        line
    }

    fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let signature = self.pair.sign(message);
        let signature = signature.as_ref().try_into();
        signature.expect("a signature of Ed25519 has 64 bytes")
    }

    fn of_seed(name: KeyName, seed: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let key = pair.public_key().as_ref().try_into().ok()?;
        let public = PublicKey::new(name, KeyKind::Cosignature, key).ok()?;
        Some(Self { public, pair })
    }

    fn file_text(&self, seed: &[u8; SEED_BYTES]) -> Zeroizing<String> {
        let mut secret = Zeroizing::new([0; SEED_BYTES + 1]);
        secret[0] = KeyKind::Cosignature.code();
        secret[1..].copy_from_slice(seed);
        let secret = Zeroizing::new(STANDARD.encode(secret.as_slice()));
        let (name, id) = (self.public.name(), self.public.id());
        Zeroizing::new(format!("{PREFIX}{name}+{id}+{}\n", *secret))
    }
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing {
            path: path.to_owned(),
        },
        io::ErrorKind::InvalidData => KeyFileError::Form {
            path: path.to_owned(),
        },
        _ => KeyFileError::Read {
            path: path.to_owned(),
            source,
        },
    };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o7777;
    if mode & OTHERS_MODE != 0 {
        return Err(KeyFileError::TooOpen {
            path: path.to_owned(),
            mode,
        });
    }
    let file = File::open(path).map_err(failed)?;
    let mut text = Zeroizing::new(String::new());
    let mut bytes = file.take(FILE_BYTES_MAX);
    bytes.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn parse(text: &str) -> Option<WitnessKey> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    // Base64 may hold a `+` of its own, so only the first two divide.
    let mut parts = line.strip_prefix(PREFIX)?.splitn(3, '+');
    let name = KeyName::parse(parts.next()?).ok()?;
    let id = parts.next()?;
    let secret = Zeroizing::new(STANDARD.decode(parts.next()?).ok()?);
    let (kind, seed) = secret.split_first()?;
    let is_known = *kind == KeyKind::Cosignature.code();
    let key = WitnessKey::of_seed(name, seed).filter(|_| is_known)?;
    (key.public.id().to_string() == id).then_some(key)
}
