//! What the owner of a voucher does about being told.

use accounting::entry::Actor;
use ids::time::Timestamp;
use ids::voucher::Serial;

use crate::error::CommandError;
use crate::service::contact::link::{Link, Right};
use crate::service::contact::{self, Contact, ContactError, EmailAddress, LanguageTag, Occasion};
use crate::service::payer::PayerService;

impl PayerService {
    /// The contact of a voucher whose PIN was typed, and what lets the page change it without the PIN.
    pub async fn contact(&self, serial: Serial) -> Result<(Option<Contact>, String), CommandError> {
        let contact = contact::read(&self.engine, serial).await?;
        let link = Link {
            serial,
            at: self.engine.clock().now(),
            refuses: None,
        };
        Ok((contact, link.seal(self.engine.vault(), Right::Manage)))
    }

    /// Keeps another address; it is sent its confirmation link.
    pub async fn give_contact(
        &self,
        page: &str,
        address: &EmailAddress,
        language: LanguageTag,
    ) -> Result<(), ContactError> {
        let serial = self.link(Right::Manage, page)?.serial;
        let occasion = (Actor::Payer, Occasion::Owner);
        contact::give(&self.engine, occasion, serial, (address, language)).await
    }

    /// Takes the address away, for whoever typed the PIN.
    pub async fn take_contact_away(&self, page: &str) -> Result<(), ContactError> {
        let serial = self.link(Right::Manage, page)?.serial;
        contact::take_away(&self.engine, Actor::Payer, serial).await
    }

    /// Follows a link of a letter: confirms its address.
    pub async fn confirm_contact(&self, link: &str) -> Result<(), ContactError> {
        let Link { serial, at, .. } = self.link(Right::Confirm, link)?;
        contact::confirm(&self.engine, serial, at).await
    }

    /// Follows a link of a letter: takes its address away, and that of the first letter for good. Another one that
    /// was given since stays.
    pub async fn refuse_letters(&self, link: &str) -> Result<(), ContactError> {
        contact::refuse(&self.engine, self.link(Right::TakeAway, link)?).await
    }

    /// The voucher that a link is about, if it is one of this right.
    pub fn voucher_of_link(&self, right: Right, text: &str) -> Option<Serial> {
        self.link(right, text).ok().map(|link| link.serial)
    }

    fn link(&self, right: Right, text: &str) -> Result<Link, ContactError> {
        let now: Timestamp = self.engine.clock().now();
        Link::open(self.engine.vault(), right, text, now).ok_or(ContactError::StaleLink)
    }
}
