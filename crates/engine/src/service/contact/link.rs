//! What a link or a form of the owner's pages may do. It is sealed, so that nobody makes up one.

use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use vault::vault::{SealPurpose, Vault};

/// How long a page on which a PIN was typed may be used.
const PAGE_LIFE: Span = Span::MINUTE.times(30);
/// How long an address may be confirmed.
const CONFIRMATION_LIFE: Span = Span::DAY.times(2);

/// What the bearer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Give an address and take it away: whoever has typed the PIN.
    Manage,
    /// Confirm the address that was given at this time: whoever reads its letters.
    Confirm,
    /// Take away the address that was given at this time: whoever reads its letters.
    TakeAway,
}

/// A right about one voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub serial: Serial,
    /// When the page was shown, or the address given.
    pub at: Timestamp,
    /// In the letter that asks an address to confirm: its [digest](super::wishes::digest). Whoever takes the address away by
    /// this link refuses all letters to it, also when the contact is not there any more.
    pub refuses: Option<[u8; 16]>,
}

impl Link {
    /// Hexadecimal digits, fit for an address.
    pub fn seal(self, vault: &Vault, right: Right) -> String {
        let mut plain = self.serial.number().to_be_bytes().to_vec();
        plain.extend(self.at.0.to_be_bytes());
        plain.extend(self.refuses.iter().flatten());
        hex::encode(vault.seal(SealPurpose::OwnerLink, right.name(), &plain))
    }

    /// The link, if it was sealed for this right and its time is not over.
    pub fn open(vault: &Vault, right: Right, text: &str, now: Timestamp) -> Option<Link> {
        let sealed = hex::decode(text).ok()?;
        let plain = vault
            .open_sealed(SealPurpose::OwnerLink, right.name(), &sealed)
            .ok()?;
        let (number, rest) = plain.split_first_chunk::<8>()?;
        let (at, digest) = rest.split_first_chunk::<8>()?;
        let refuses = match digest {
            [] => None,
            digest => Some(digest.try_into().ok()?),
        };
        let link = Link {
            serial: Serial::new(u64::from_be_bytes(*number)).ok()?,
            at: Timestamp(i64::from_be_bytes(*at)),
            refuses,
        };
        (now < link.ends(right)).then_some(link)
    }

    /// From when on it gives this right no more.
    pub fn ends(self, right: Right) -> Timestamp {
        match right {
            Right::Manage => self.at.plus(PAGE_LIFE),
            Right::Confirm => self.at.plus(CONFIRMATION_LIFE),
            Right::TakeAway => Timestamp::NEVER,
        }
    }
}

impl Right {
    /// What is sealed with the link, so that one right is not taken for another.
    fn name(self) -> &'static [u8] {
        match self {
            Right::Manage => b"manage",
            Right::Confirm => b"confirm",
            Right::TakeAway => b"take away",
        }
    }
}
