//! The payer's pages: hosted checkout, balance, freezing a voucher, and what stands around them.
//!
//! Invariants:
//! - Rendering is pure: a page is a function of its view and the language.
//! - No page says of a PIN that was not accepted why it was not: one sentence for a wrong, unknown, used up, frozen or
//!   expired one ([`pages::pin_problem`]), and no other bytes, status or work.
//! - The addresses of a payment's pages carry its key; without it there is no such page ([`routes`]).
//! - What is entered is answered with a redirect, so that a reload repeats nothing.
//! - Every text is in every language ([`texts`]).

pub mod pages;
pub mod routes;
pub mod texts;

pub use routes::{CheckoutState, router};
