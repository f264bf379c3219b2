//! Sends a letter of the outbox: finds the address, writes the text, hands it over.

use std::sync::Arc;

use accounting::document::DocumentName;
use engine::service::contact::link::{Link, Right};
use engine::service::contact::{self, Contact, EmailAddress, Standing, wishes};
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use store::failure::Failure;
use store::fold::Rows;
use store::outbox::{Message, Recipient};
use store::port::Store;
use store::row::Key;
use tokio::time::Instant;
use vault::vault::Vault;
use voucher::state::State;
use web::language::Language;

use crate::letter::{Kind, Letter, Links};
use crate::smtp::{Ending, Envelope, SmtpServer};

/// What sends letters.
pub struct Post {
    pub store: Arc<dyn Store>,
    pub vault: Arc<Vault>,
    pub server: SmtpServer,
    /// Scheme, host and port of the owner's pages.
    pub base_url: Arc<str>,
}

/// How a letter ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    Tried(Ending),
    /// It was not sent, and will not be.
    Withheld(Withheld),
}

/// Why a letter is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    #[error(
        "not sent: the owner has taken the address away or given another one, or the voucher has ended"
    )]
    NoContact,
    #[error("not sent: nobody has confirmed the address")]
    NotConfirmed,
    #[error("not sent: the address is confirmed already")]
    Confirmed,
    #[error("not sent: whoever reads letters to the address has said that they are not for them")]
    Refuses,
    #[error("not sent: the voucher is not frozen any more")]
    NotFrozen,
    #[error("not sent: the voucher is frozen again")]
    Frozen,
    #[error("not sent: its link is too old by now; whoever wants letters gives the address again")]
    LinkTooOld,
    #[error("not sent: the address cannot be opened with this key file")]
    Sealed,
    #[error("not sent: another version wrote this letter")]
    OtherVersion,
}

impl Withheld {
    /// Whether nobody is left to be told. Otherwise the owner would be, if this platform could.
    pub fn is_over(self) -> bool {
        match self {
            Withheld::NoContact
            | Withheld::NotConfirmed
            | Withheld::Confirmed
            | Withheld::Refuses
            | Withheld::NotFrozen
            | Withheld::Frozen
            | Withheld::LinkTooOld => true,
            Withheld::Sealed | Withheld::OtherVersion => false,
        }
    }
}

impl Post {
    /// Tries to send a letter. An error means that the store did not say whereto; nothing was sent.
    pub async fn send(&self, message: &Message, at: Timestamp) -> Result<Sent, Failure> {
        let letter = Letter::from_json(&message.content.body);
        let (Recipient::Owner(serial), Some(letter)) = (message.content.recipient, letter) else {
            return Ok(Sent::Withheld(Withheld::OtherVersion));
        };
        let started = Instant::now();
        let (contact, address) = match self.reached(&letter, serial, at).await? {
            Ok(reached) => reached,
            Err(withheld) => return Ok(Sent::Withheld(withheld)),
        };
        let language = Language::from_tag(contact.language.as_str()).unwrap_or(Language::English);
        let link = Link {
            serial,
            at: contact.given_at,
            refuses: None,
        };
        let stop = Link {
            refuses: (letter.kind == Kind::Confirm).then(|| wishes::digest(&self.vault, &address)),
            ..link
        };
        let written = letter.written(serial, language, &self.links(link, stop));
        let envelope = Envelope {
            to: &address,
            written: &written,
            id: &self.id(message),
            at,
        };
        let text = match self.server.written(envelope) {
            Ok(text) => text,
            Err(ending) => return Ok(Sent::Tried(ending)),
        };
        let ready = match self.server.begin(&address).await {
            Ok(ready) => ready,
            Err(ending) => return Ok(Sent::Tried(ending)),
        };
        // To come so far may have taken minutes, and the owner has not waited.
        let now = at.plus(Span(
            started.elapsed().as_millis().try_into().unwrap_or(i64::MAX),
        ));
        match self.reached(&letter, serial, now).await? {
            Ok((still, _)) if still.given_at == contact.given_at => {}
            Ok(_) => {
                ready.leave();
                return Ok(Sent::Withheld(Withheld::NoContact));
            }
            Err(withheld) => {
                ready.leave();
                return Ok(Sent::Withheld(withheld));
            }
        }
        Ok(Sent::Tried(ready.hand_over(&text).await))
    }

    /// The contact that a letter is for, if it may hear of it now.
    async fn reached(
        &self,
        letter: &Letter,
        serial: Serial,
        now: Timestamp,
    ) -> Result<Result<(Contact, EmailAddress), Withheld>, Failure> {
        let name = DocumentName::VoucherContact(serial);
        let keys = [Key::Document(name), Key::Voucher(serial)];
        let rows = self.store.load(&keys).await?;
        let contact = contact::of(&rows, serial)
            .filter(|contact| contact.given_at == Timestamp(letter.given_at));
        let Some(contact) = contact else {
            return Ok(Err(Withheld::NoContact));
        };
        let link = Link {
            serial,
            at: contact.given_at,
            refuses: None,
        };
        let voucher = rows.voucher(serial);
        let has_ended = voucher.is_none_or(|voucher| voucher.is_closed());
        let is_frozen = voucher.is_some_and(|it| matches!(it.state, State::Frozen(_)));
        let withheld = match (letter.kind, contact.standing) {
            (Kind::Confirm, Standing::Confirmed) => Some(Withheld::Confirmed),
            (Kind::Confirm, Standing::Unconfirmed) if has_ended => Some(Withheld::NoContact),
            (Kind::Confirm, Standing::Unconfirmed) if link.ends(Right::Confirm) <= now => {
                Some(Withheld::LinkTooOld)
            }
            (Kind::Confirm, Standing::Unconfirmed) => None,
            (_, Standing::Unconfirmed) => Some(Withheld::NotConfirmed),
            // A letter that failed for hours may be tried behind one that says otherwise.
            (Kind::Frozen, Standing::Confirmed) if !is_frozen => Some(Withheld::NotFrozen),
            (Kind::Released, Standing::Confirmed) if is_frozen => Some(Withheld::Frozen),
            (_, Standing::Confirmed) => None,
        };
        if let Some(withheld) = withheld {
            return Ok(Err(withheld));
        }
        let Some(address) = contact.address(&self.vault, serial) else {
            tracing::error!(voucher.serial = %serial, "the address of an owner cannot be opened");
            return Ok(Err(Withheld::Sealed));
        };
        let store = self.store.as_ref();
        if letter.kind == Kind::Confirm && wishes::refuses(store, &self.vault, &address).await? {
            return Ok(Err(Withheld::Refuses));
        }
        Ok(Ok((contact, address)))
    }

    /// What a letter is called wherever it arrives: the same however often it is sent, also if it stands in the outbox
    /// twice, so that receivers can drop the second. It tells nobody the voucher or the number of entries.
    fn id(&self, message: &Message) -> String {
        let content = &message.content;
        let entry = content.entry.map_or(message.id.0, |entry| entry.0);
        let name = format!("{} {entry} {}", content.event, content.recipient.number());
        hex::encode(self.vault.letter_id(name.as_bytes()))
    }

    fn links(&self, confirm: Link, stop: Link) -> Links {
        let to = |place: &str, link: Link, right| {
            let sealed = link.seal(&self.vault, right);
            format!("{}/letters/{place}?link={sealed}", self.base_url)
        };
        Links {
            confirm: to("confirm", confirm, Right::Confirm),
            take_away: to("stop", stop, Right::TakeAway),
        }
    }
}
