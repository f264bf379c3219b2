//! Sends a letter of the outbox: finds the address, writes the text, hands it over.

use std::sync::Arc;

use accounting::document::DocumentName;
use engine::service::contact::link::{Link, Right};
use engine::service::contact::{self, Standing};
use ids::time::Timestamp;
use store::failure::Failure;
use store::outbox::{Message, Recipient};
use store::port::Store;
use store::row::Key;
use vault::vault::Vault;
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
    #[error("not sent: the address cannot be opened with this key file")]
    Sealed,
    #[error("not sent: another version wrote this letter")]
    OtherVersion,
}

impl Post {
    /// Tries to send a letter. An error means that the store did not say whereto; nothing was sent.
    pub async fn send(&self, message: &Message, at: Timestamp) -> Result<Sent, Failure> {
        let letter = Letter::from_json(&message.content.body);
        let (Recipient::Owner(serial), Some(letter)) = (message.content.recipient, letter) else {
            return Ok(Sent::Withheld(Withheld::OtherVersion));
        };
        let name = DocumentName::VoucherContact(serial);
        let rows = self.store.load(&[Key::Document(name)]).await?;
        let contact = contact::of(&rows, serial)
            .filter(|contact| contact.given_at == Timestamp(letter.given_at));
        let Some(contact) = contact else {
            return Ok(Sent::Withheld(Withheld::NoContact));
        };
        match (letter.kind, contact.standing) {
            (Kind::Confirm, _) | (_, Standing::Confirmed) => {}
            (_, Standing::Unconfirmed) => return Ok(Sent::Withheld(Withheld::NotConfirmed)),
        }
        let Some(address) = contact.address(&self.vault, serial) else {
            tracing::error!(voucher.serial = %serial, "the address of an owner cannot be opened");
            return Ok(Sent::Withheld(Withheld::Sealed));
        };
        let language = Language::from_tag(contact.language.as_str()).unwrap_or(Language::English);
        let link = Link {
            serial,
            at: contact.given_at,
        };
        let written = letter.written(serial, language, &self.links(link));
        let envelope = Envelope {
            to: &address,
            written: &written,
            id: &format!("letter-{}", message.id.0),
            at,
        };
        Ok(Sent::Tried(self.server.send(envelope).await))
    }

    fn links(&self, link: Link) -> Links {
        let to = |place: &str, right| {
            let sealed = link.seal(&self.vault, right);
            format!("{}/letters/{place}?link={sealed}", self.base_url)
        };
        Links {
            confirm: to("confirm", Right::Confirm),
            take_away: to("stop", Right::TakeAway),
        }
    }
}
