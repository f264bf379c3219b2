//! The vault: what the platform does with its keys, one method for each purpose.

use std::fmt;
use std::path::Path;

use ids::token::Token;
use ids::voucher::{PinIndex, Serial};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::key_file::{self, KeyFileError};
use crate::key_material::{MacKey, MasterKey, NONCE_LENGTH, SealingKey, TAG_LENGTH};
use crate::log_key::LogKey;
use crate::pin::Pin;
use crate::random::{self, RandomSource, SystemRandom};
use crate::serial;
use crate::submitter_key::SubmitterKey;

#[cfg(test)]
mod tests;

/// First byte of everything that is sealed: format and key generation.
const SEALED_VERSION: u8 = 1;

/// Bytes of the seed of a leaf.
pub const SEED_LENGTH: usize = 32;

/// Bytes that sealing adds to a plaintext.
pub const SEALED_OVERHEAD: usize = 1 + NONCE_LENGTH + TAG_LENGTH;

/// The keys of one installation. Share it behind an `Arc`: it cannot be cloned.
pub struct Vault {
    id: KeyId,
    pin_index: MacKey,
    api_key: MacKey,
    checkout: MacKey,
    guess_source: MacKey,
    scatter: MacKey,
    lot: MacKey,
    letter_id: MacKey,
    owner_address: MacKey,
    owner_question: MacKey,
    request: MacKey,
    delivered_pin: SealingKey,
    batch_seed: SealingKey,
    webhook_secret: SealingKey,
    checkout_state: SealingKey,
    owner_contact: SealingKey,
    owner_link: SealingKey,
    leaf_seeds: SealingKey,
    log_keys: MacKey,
    liabilities: MacKey,
    liability_parts: SealingKey,
    submitter: MacKey,
    random: Box<dyn RandomSource>,
}

/// Names a master key without giving anything of it away.
///
/// Store it beside the data: data that was written under another key must be refused at the start, or every PIN
/// would seem unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

/// What a field is sealed for. A field opens only for the purpose it was sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SealPurpose {
    /// A PIN that a distributor ordered, kept until its answer is known to have arrived.
    DeliveredPin,
    /// A [`crate::pin_sequence::PinSeed`], kept until its batch is delivered.
    BatchSeed,
    WebhookSecret,
    /// What the payer's browser carries between two pages.
    CheckoutState,
    /// The address of a voucher's owner.
    OwnerContact,
    /// What a link in a letter to an owner, or a page of theirs, may do.
    OwnerLink,
    /// The seeds of leaves, of entries that were committed together.
    LeafSeeds,
    /// Who is owed what, as parts of a statement of liabilities keep it.
    LiabilityParts,
}

/// Why sealed bytes were not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    #[error("{length} bytes are too few to be a sealed field; the record is cut short")]
    TooShort { length: usize },
    #[error(
        "the field is sealed with version {found}, but this release opens only {SEALED_VERSION}; install a later one"
    )]
    UnknownVersion { found: u8 },
    #[error(
        "the field was changed, moved from another record, or sealed under another key file or for another purpose"
    )]
    NotAuthentic,
}

/// The right to open the pages of one payment, carried in their address.
#[derive(Clone, Copy)]
pub struct CheckoutKey([u8; 16]);

impl Vault {
    /// Opens the key file at `path`. For data that exists already: a missing key is an error, not a new key.
    pub fn open(path: &Path) -> Result<Vault, KeyFileError> {
        key_file::open(path).map(|key| Vault::from_master_key(&key))
    }

    /// Opens the key file at `path`, or creates it (mode 0600, durable) if there is none. For new data.
    pub fn open_or_create(path: &Path) -> Result<Vault, KeyFileError> {
        key_file::open_or_create(path).map(|key| Vault::from_master_key(&key))
    }

    /// A vault whose key is `master_key` and in no file: for simulations and tests that must repeat.
    pub fn in_memory(master_key: [u8; 32]) -> Vault {
        Vault::from_master_key(&MasterKey::from_bytes(master_key))
    }

    /// The same keys, with tokens, serial numbers and PINs drawn from another source: for simulations that must repeat.
    pub fn drawing_from(self, random: impl RandomSource) -> Vault {
        Vault {
            random: Box::new(random),
            ..self
        }
    }

    /// A fresh PIN; every one of the 10^15 is equally likely.
    pub fn draw_pin(&self) -> Pin {
        Pin::from_words(|| random::word_from(self.random.as_ref()))
    }

    /// A fresh serial number, as [`serial::random_serial`] gives it.
    pub fn draw_serial(&self) -> Serial {
        serial::serial_from_words(|| random::word_from(self.random.as_ref()))
    }

    /// A fresh token, as [`random::random_token`] gives it.
    pub fn draw_token(&self) -> Token {
        random::token_from(self.random.as_ref())
    }

    /// Fresh seeds of leaves, one for each entry.
    pub fn draw_seeds(&self, count: usize) -> Vec<[u8; SEED_LENGTH]> {
        let mut seeds = vec![[0; SEED_LENGTH]; count];
        self.random.fill_seeds(seeds.as_flattened_mut());
        seeds
    }

    pub fn key_id(&self) -> KeyId {
        self.id
    }

    /// The key with which a transparency log of this name signs. Every node derives the same one, and a log of another
    /// name has another.
    pub fn log_key(&self, origin: &str) -> LogKey {
        LogKey::from_seed(Zeroizing::new(self.log_keys.tag(origin.as_bytes())))
    }

    /// From what everything follows that hides the balances of a statement of liabilities, whose digest this is. It leaves the
    /// vault on purpose: whoever has it knows the balances already.
    pub fn liabilities_secret(&self, counted: &[u8; 32]) -> [u8; 32] {
        self.liabilities.tag(counted)
    }

    /// The key of the account that pays for anchors on a chain. Every node derives the same one, on every chain.
    pub fn submitter_key(&self) -> SubmitterKey {
        let numbers = 0_u32..;
        SubmitterKey::first_of(numbers.map(|number| {
            let seed = self.submitter.tag(&number.to_be_bytes());
            Zeroizing::new(seed)
        }))
    }

    /// The blind index of a PIN: what the store knows instead of it.
    pub fn pin_index(&self, pin: &Pin) -> PinIndex {
        PinIndex(self.pin_index.short_tag(pin.as_ascii_digits()))
    }

    /// What the store keeps of an API key. Keyed, so that a stolen table cannot be searched for a known key.
    pub fn api_key_digest(&self, api_key: &str) -> [u8; 32] {
        self.api_key.tag(api_key.as_bytes())
    }

    /// What the storage knows instead of an address or a network that guesses come from.
    pub fn guess_source(&self, name: &[u8]) -> [u8; 16] {
        self.guess_source.short_tag(name)
    }

    /// The seed under which whoever takes part in payments is scattered over tables in memory, so that nobody can make up
    /// names that fall together. It protects nothing that is stored, and leaves the vault on purpose.
    pub fn scatter_seed(&self) -> [u8; 16] {
        self.scatter.short_tag(b"")
    }

    /// A number that only this installation can foretell, for an even draw about the thing of this name.
    pub fn lot(&self, name: &[u8]) -> [u8; 16] {
        self.lot.short_tag(name)
    }

    /// What the journal keeps of the fingerprint of a request that holds an address, so that nobody who has the journal can
    /// try guesses at it.
    pub fn request_fingerprint(&self, fingerprint: &[u8; 16]) -> [u8; 16] {
        self.request.short_tag(fingerprint)
    }

    /// What the journal knows instead of an e-mail address: whether it is the same as another, and without the key file not
    /// even that of one that is guessed.
    pub fn owner_address(&self, normalised: &str) -> [u8; 16] {
        self.owner_address.short_tag(normalised.as_bytes())
    }

    /// What stands for a voucher beside the time at which the address of this digest was asked for it. Beside another
    /// address it is another one, so that nobody sees which addresses one voucher was given.
    pub fn owner_question(&self, address: &[u8; 16], serial: u64) -> [u8; 8] {
        let mut name = address.to_vec();
        name.extend(serial.to_be_bytes());
        let tag = self.owner_question.short_tag(&name);
        *tag.first_chunk().expect("a tag has sixteen bytes")
    }

    /// What a letter is called in its head, where everybody on its way reads it.
    pub fn letter_id(&self, name: &[u8]) -> [u8; 16] {
        self.letter_id.short_tag(name)
    }

    /// The key that belongs in the address of this payment's pages.
    pub fn checkout_key(&self, payment_id: &[u8]) -> CheckoutKey {
        CheckoutKey(self.checkout.short_tag(payment_id))
    }

    /// Whether `candidate`, as it came in an address, is the key of this payment; takes the same time either way.
    pub fn is_checkout_key(&self, payment_id: &[u8], candidate: &str) -> bool {
        let mut bytes = [0; 16];
        let is_well_formed = hex::decode_to_slice(candidate, &mut bytes).is_ok();
        is_well_formed && bool::from(self.checkout_key(payment_id).0.ct_eq(&bytes))
    }

    /// Encrypts `plaintext` for `purpose` and binds it to `associated_data`, which is not stored in it.
    ///
    /// Use the id of the record as associated data, so that a field cannot be moved to another record.
    /// The result is [`SEALED_OVERHEAD`] bytes longer: version, nonce, ciphertext, tag.
    pub fn seal(&self, purpose: SealPurpose, associated_data: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(SEALED_OVERHEAD + plaintext.len());
        sealed.push(SEALED_VERSION);
        self.sealing_key(purpose)
            .seal_onto(sealed, associated_data, plaintext)
    }

    /// Decrypts what [`Vault::seal`] gave for the same purpose and associated data.
    pub fn open_sealed(
        &self,
        purpose: SealPurpose,
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let too_short = OpenError::TooShort {
            length: sealed.len(),
        };
        if sealed.len() < SEALED_OVERHEAD {
            return Err(too_short);
        }
        let (&version, rest) = sealed.split_first().ok_or(too_short)?;
        if version != SEALED_VERSION {
            return Err(OpenError::UnknownVersion { found: version });
        }
        let (&nonce, ciphertext_and_tag) = rest.split_first_chunk().ok_or(too_short)?;
        let opened = self
            .sealing_key(purpose)
            .open(nonce, associated_data, ciphertext_and_tag);
        opened.map_err(|_| OpenError::NotAuthentic)
    }

    /// The labels are part of every stored index and sealed field: they never change.
    fn from_master_key(key: &MasterKey) -> Vault {
        Vault {
            id: KeyId::of(key),
            pin_index: key.mac_key("pin-index"),
            api_key: key.mac_key("api-key-digest"),
            checkout: key.mac_key("checkout-key"),
            guess_source: key.mac_key("guess-source"),
            scatter: key.mac_key("scatter-seed"),
            lot: key.mac_key("lot"),
            letter_id: key.mac_key("letter-id"),
            owner_address: key.mac_key("owner-address"),
            owner_question: key.mac_key("owner-question"),
            request: key.mac_key("request-fingerprint"),
            delivered_pin: key.sealing_key("seal/delivered-pin"),
            batch_seed: key.sealing_key("seal/batch-seed"),
            webhook_secret: key.sealing_key("seal/webhook-secret"),
            checkout_state: key.sealing_key("seal/checkout-state"),
            owner_contact: key.sealing_key("seal/owner-contact"),
            owner_link: key.sealing_key("seal/owner-link"),
            leaf_seeds: key.sealing_key("seal/leaf-seeds"),
            log_keys: key.mac_key("log-key"),
            liabilities: key.mac_key("liabilities-secret"),
            liability_parts: key.sealing_key("seal/liability-parts"),
            submitter: key.mac_key("submitter-key"),
            random: Box::new(SystemRandom),
        }
    }

    fn sealing_key(&self, purpose: SealPurpose) -> &SealingKey {
        match purpose {
            SealPurpose::DeliveredPin => &self.delivered_pin,
            SealPurpose::BatchSeed => &self.batch_seed,
            SealPurpose::WebhookSecret => &self.webhook_secret,
            SealPurpose::CheckoutState => &self.checkout_state,
            SealPurpose::OwnerContact => &self.owner_contact,
            SealPurpose::OwnerLink => &self.owner_link,
            SealPurpose::LeafSeeds => &self.leaf_seeds,
            SealPurpose::LiabilityParts => &self.liability_parts,
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Vault({})", self.id)
    }
}

impl KeyId {
    pub(crate) fn of(key: &MasterKey) -> KeyId {
        let tag = key.mac_key("key-id").tag(b"");
        KeyId(
            tag[..8]
                .try_into()
                .expect("a tag of 32 bytes has eight first ones"),
        )
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl CheckoutKey {
    /// Thirty-two hexadecimal digits, for the address of the payer's page.
    pub fn to_hex(self) -> String {
        let mut text = [0; 32];
        hex::encode_to_slice(self.0, &mut text).expect("two digits for each byte");
        str::from_utf8(&text)
            .expect("hexadecimal digits are ASCII")
            .to_owned()
    }
}

impl fmt::Debug for CheckoutKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CheckoutKey([redacted])")
    }
}
