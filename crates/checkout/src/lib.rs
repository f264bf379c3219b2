//! The payer's pages: hosted checkout, balance, freezing a voucher, and what stands around them.
//!
//! Invariants:
//! - Rendering is pure: a page is a function of its view and the language.
//! - No page says of a PIN that was not accepted why it was not: one sentence for a wrong, unknown, used up, frozen or
//!   expired one ([`pages::pin_problem`]).
//! - Every text is in every language ([`texts`]).

pub mod pages;
pub mod texts;
