//! The payer's pages, from the outside: through the router, and in a browser.

// Lets clippy see that all of it is test code.
#![cfg(test)]

mod browser;
mod letters;
mod misstated;
mod payment;
mod platform;
mod public_log;
mod receipts;
mod refund;
mod screening;
mod site;
mod stated;
mod voucher;
