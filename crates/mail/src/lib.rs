//! Letters to the owners of vouchers, by e-mail.
//!
//! [`owners`] says which entries of the journal are told to whom; the reader of the journal puts that into the outbox with
//! everything else, and behind the last letter the parting of an address whose voucher has ended ([`partings`]). [`post`] writes a letter when it is sent: only then is the address opened. [`smtp`] hands it over.
//!
//! Invariants:
//! - No address stands in the outbox, in a log or in an error.
//! - An address that nobody has confirmed is sent its confirmation link and nothing else.
//! - An address that has said that the letters are not for it is not asked again, for whatever voucher.
//! - No letter holds a PIN, a whole serial, or a link to a page that asks for a PIN.
//! - Of one kind an address gets one letter an hour about a voucher at most, but is always told that it was released after
//!   it was frozen.

pub mod letter;
pub mod owners;
pub mod partings;
pub mod post;
pub mod smtp;

mod texts;
