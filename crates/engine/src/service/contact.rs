//! How owners of vouchers are reached: an e-mail address that its owner left with a voucher, and nothing without one.
//!
//! The address is a document of the journal, sealed by the vault. It is told nothing but its own confirmation link until
//! that link was followed, and it goes when its owner takes it away or the voucher ends.

use std::fmt;
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use ids::command::Sequence;
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use store::fold::Rows;
use store::row::Key;
use store::snapshot::Snapshot;
use vault::vault::{SealPurpose, Vault};
use voucher::voucher::Voucher;
use zeroize::Zeroizing;

use crate::command::{Command, Envelope, NewDocument};
use crate::core::Engine;
use crate::error::{CommandError, Refusal};
use crate::service::contact::link::Link;

pub mod link;
pub mod wishes;

/// The longest address, in bytes (RFC 5321, section 4.5.3.1.3, without the brackets).
pub const ADDRESS_BYTES_MAX: usize = 254;
/// The longest part before the @ (RFC 5321, section 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;
/// How long an address stays before another one may be given: each is sent a letter.
pub const CHANGE_AFTER: Span = Span::HOUR;
/// How often a change is tried that somebody else's changes get ahead of.
const TRIES_MAX: usize = 5;
/// Stands in front of a contact's document.
const FORMAT: u8 = 1;
/// The standing of an address that is not there any more.
const TAKEN_AWAY: u8 = 2;

/// Whether letters to owners are sent here. Where they are not, no address is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Letters {
    Sent,
    #[default]
    NotSent,
}

/// An address that a letter can be sent to. It prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(Zeroizing<String>);

/// A text that is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an e-mail address has one @, such as anna@example.org, and at most {ADDRESS_BYTES_MAX} plain letters, digits and signs"
)]
pub struct NoAddress;

/// The two letters of a language, as in `de`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanguageTag([u8; 2]);

/// Where the owner of a voucher is told what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub standing: Standing,
    pub language: LanguageTag,
    /// When the address was given; it names this contact among those that the voucher had.
    pub given_at: Timestamp,
    sealed_address: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has followed the link of its first letter.
    Unconfirmed = 0,
    Confirmed = 1,
}

/// Why a contact stays as it is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ContactError {
    /// The link is damaged, too old, or of an address that was changed or taken away since.
    #[error("the link leads nowhere any more")]
    StaleLink,
    #[error("the address was given a short while ago")]
    TooSoon { from: Timestamp },
    /// The address was asked often enough for now, or wants not to be asked. Which of the two is nobody's business but its
    /// reader's.
    #[error("no letter goes to this address now")]
    AddressRests,
    /// The voucher is void, expired, used up or not sold.
    #[error("the voucher has ended")]
    VoucherEnded,
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl EmailAddress {
    /// What can be sent without knowing more than ASCII: one @, a name before it and a host with a dot behind it.
    pub fn parse(text: &str) -> Result<EmailAddress, NoAddress> {
        let text = text.trim();
        let (local, host) = text.rsplit_once('@').ok_or(NoAddress)?;
        let is_local = |letter: char| {
            letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(letter)
        };
        let local_is_good = !local.is_empty()
            && local.len() <= LOCAL_BYTES_MAX
            && local.chars().all(is_local)
            && local.split('.').all(|atom| !atom.is_empty());
        let label_is_good = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        };
        let host_is_good = host.contains('.') && host.split('.').all(label_is_good);
        if text.len() <= ADDRESS_BYTES_MAX && local_is_good && host_is_good {
            Ok(EmailAddress(Zeroizing::new(text.to_owned())))
        } else {
            Err(NoAddress)
        }
    }

    /// The mailbox that most servers mean by it: without regard to capitals, and without what follows a plus.
    fn normalised(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(self.0.to_ascii_lowercase());
        let (local, host) = text.rsplit_once('@').expect("an address has an @");
        let name = match local.split_once('+') {
            Some((name, _)) if !name.is_empty() => name,
            Some(_) | None => local,
        };
        Zeroizing::new(format!("{name}@{host}"))
    }

    /// For the envelope and the head of a letter, and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress([redacted])")
    }
}

impl LanguageTag {
    pub fn new(tag: &str) -> Option<LanguageTag> {
        let letters: [u8; 2] = tag.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_lowercase)
            .then_some(LanguageTag(letters))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a tag was made of ASCII letters")
    }
}

impl Contact {
    /// The contact in a document; none in one that was emptied or holds something else.
    pub fn decode(bytes: &[u8]) -> Option<Contact> {
        let (&format, rest) = bytes.split_first()?;
        let (&standing, rest) = rest.split_first()?;
        let (language, rest) = rest.split_first_chunk::<2>()?;
        let (given_at, sealed_address) = rest.split_first_chunk::<8>()?;
        let standing = match (format, standing) {
            (FORMAT, 0) => Standing::Unconfirmed,
            (FORMAT, 1) => Standing::Confirmed,
            _ => return None,
        };
        Some(Contact {
            standing,
            language: LanguageTag::new(std::str::from_utf8(language).ok()?)?,
            given_at: Timestamp(i64::from_be_bytes(*given_at)),
            sealed_address: sealed_address.to_vec(),
        })
    }

    fn encode(&self) -> Arc<[u8]> {
        let mut bytes = self.head(self.standing as u8);
        bytes.extend(&self.sealed_address);
        bytes.into()
    }

    /// What stays of a contact that was taken away: when the address was given, so that no two are sent letters within
    /// the hour.
    fn encode_taken_away(&self) -> Arc<[u8]> {
        self.head(TAKEN_AWAY).into()
    }

    fn head(&self, standing: u8) -> Vec<u8> {
        let mut bytes = vec![FORMAT, standing];
        bytes.extend(self.language.0);
        bytes.extend(self.given_at.0.to_be_bytes());
        bytes
    }

    /// The address; none if this key file did not seal it for this voucher.
    pub fn address(&self, vault: &Vault, serial: Serial) -> Option<EmailAddress> {
        let name = serial.number().to_be_bytes();
        let opened = vault.open_sealed(SealPurpose::OwnerContact, &name, &self.sealed_address);
        let opened = opened.ok()?;
        EmailAddress::parse(std::str::from_utf8(&opened).ok()?).ok()
    }
}

/// The contact of a voucher, as these rows have it.
pub fn of(rows: &Snapshot, serial: Serial) -> Option<Contact> {
    let document = rows.document(DocumentName::VoucherContact(serial))?;
    Contact::decode(&document.content)
}

/// When the last address was given, even if it was taken away since.
fn last_given_at(content: &[u8]) -> Option<Timestamp> {
    let at = content.get(4..12)?.try_into().ok()?;
    Some(Timestamp(i64::from_be_bytes(at)))
}

/// What a contact hangs on: the voucher, and the document with its version.
struct Found {
    voucher: Option<Voucher>,
    contact: Option<Contact>,
    last_given_at: Option<Timestamp>,
    version: Option<Sequence>,
}

async fn find(engine: &Engine, serial: Serial) -> Result<Found, CommandError> {
    let name = DocumentName::VoucherContact(serial);
    let keys = [Key::Voucher(serial), Key::Document(name)];
    let rows = engine.store().load(&keys).await?;
    let document = rows.document(name);
    Ok(Found {
        voucher: rows.voucher(serial),
        contact: of(&rows, serial),
        last_given_at: document.and_then(|document| last_given_at(&document.content)),
        version: document.map(|document| document.version),
    })
}

/// The contact of a voucher, if it has one.
pub async fn read(engine: &Engine, serial: Serial) -> Result<Option<Contact>, CommandError> {
    Ok(find(engine, serial).await?.contact)
}

/// Whether an address may be given now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The owner gives one, or another one.
    Owner,
    /// It comes with the sale, and never replaces what the owner has given or taken away.
    Sale,
}

/// Keeps an address, which is sent its confirmation link and nothing else until the link was followed.
pub async fn give(
    engine: &Engine,
    (actor, occasion): (Actor, Occasion),
    serial: Serial,
    (address, language): (&EmailAddress, LanguageTag),
) -> Result<(), ContactError> {
    let now = engine.clock().now();
    let found = find(engine, serial).await?;
    if found.voucher.is_none_or(|voucher| voucher.is_closed()) {
        return Err(ContactError::VoucherEnded);
    }
    let from = found.last_given_at.map(|last| last.plus(CHANGE_AFTER));
    match (occasion, from) {
        (Occasion::Sale, _) if found.version.is_some() => return Ok(()),
        (Occasion::Owner, Some(from)) if now < from => return Err(ContactError::TooSoon { from }),
        (Occasion::Owner | Occasion::Sale, _) => {}
    }
    let question = wishes::count_question(engine, actor, (address, serial)).await?;
    let name = serial.number().to_be_bytes();
    let plain = address.expose().as_bytes();
    let contact = Contact {
        standing: Standing::Unconfirmed,
        language,
        given_at: now,
        sealed_address: engine.vault().seal(SealPurpose::OwnerContact, &name, plain),
    };
    let saved = save(engine, actor, serial, contact.encode(), found.version).await;
    // Somebody else was faster, and this address is sent nothing.
    if let Err(ContactError::StaleLink) = saved
        && let Err(error) = wishes::uncount_question(engine, actor, (address, question)).await
    {
        tracing::warn!(%error, "a question that was not asked counts for a day");
    }
    saved
}

/// Says that whoever reads letters to the address wants them.
pub async fn confirm(
    engine: &Engine,
    serial: Serial,
    given_at: Timestamp,
) -> Result<(), ContactError> {
    let found = find(engine, serial).await?;
    let contact = found.contact.filter(|contact| contact.given_at == given_at);
    let contact = contact.ok_or(ContactError::StaleLink)?;
    if contact.standing == Standing::Confirmed {
        return Ok(());
    }
    let confirmed = Contact {
        standing: Standing::Confirmed,
        ..contact
    };
    save(
        engine,
        Actor::Payer,
        serial,
        confirmed.encode(),
        found.version,
    )
    .await
}

/// Takes away the address that this link is about, for whoever reads its letters. Another one that was given since stays;
/// one that is gone already ends the matter as well.
///
/// Whoever does so from the letter that asks to confirm, or has not confirmed, is not asked for another voucher either. That
/// is written down first, and from the link: what has become of the contact since is in the hands of whoever gave it.
pub async fn refuse(engine: &Engine, link: Link) -> Result<(), ContactError> {
    if let Some(digest) = link.refuses {
        wishes::refuse(engine, digest).await?;
    }
    let Link { serial, at, .. } = link;
    for _ in 0..TRIES_MAX {
        let found = find(engine, serial).await?;
        let Some(contact) = found.contact else {
            return Ok(());
        };
        if contact.given_at != at {
            // No letter comes to this address any more, which is all that its reader wants.
            let is_done = link.refuses.is_some();
            return is_done.then_some(()).ok_or(ContactError::StaleLink);
        }
        // Links of releases before this one do not name the address.
        if link.refuses.is_none()
            && contact.standing == Standing::Unconfirmed
            && let Some(address) = contact.address(engine.vault(), serial)
        {
            wishes::refuse(engine, wishes::digest(engine.vault(), &address)).await?;
        }
        let content = contact.encode_taken_away();
        match save(engine, Actor::Payer, serial, content, found.version).await {
            // Changed at this moment: perhaps confirmed, which is no reason to keep it, perhaps replaced.
            Err(ContactError::StaleLink) => {}
            ended => return ended,
        }
    }
    Err(CommandError::Refused(Refusal::ChangedMeanwhile).into())
}

/// Takes the address away. One that is gone already ends the matter as well.
pub async fn take_away(engine: &Engine, actor: Actor, serial: Serial) -> Result<(), ContactError> {
    let found = find(engine, serial).await?;
    let Some(contact) = found.contact else {
        return Ok(());
    };
    let content = contact.encode_taken_away();
    save(engine, actor, serial, content, found.version).await
}

async fn save(
    engine: &Engine,
    actor: Actor,
    serial: Serial,
    content: Arc<[u8]>,
    based_on: Option<Sequence>,
) -> Result<(), ContactError> {
    let envelope = Envelope {
        actor,
        idempotency: None,
        command: Command::SaveDocument(NewDocument {
            name: DocumentName::VoucherContact(serial),
            content,
            based_on,
            by_right_of: None,
        }),
    };
    match engine.execute(envelope).await {
        Ok(_) => Ok(()),
        // Somebody else changed it at the same moment, and is as much its owner.
        Err(CommandError::Refused(Refusal::DocumentChanged)) => Err(ContactError::StaleLink),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests;
