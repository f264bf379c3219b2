//! The interface for programs: merchants' and distributors' REST under `/v1`, its OpenAPI document and its documentation.
//!
//! Invariants:
//! - Every answer is JSON, errors included; an error says whether anything was applied.
//! - A body is read once, here; amounts are taken from its text, never through a floating-point number.
//! - An answer to a command is written from the payment as the command left it and from nothing else, so that a repeated
//!   request with the same `Idempotency-Key` gets the same bytes.
//! - paysafecard's words appear here alone: wire types live here, domain types are not serialisable.
//! - A PIN is in the answer to a distributor's order and nowhere else.

#![allow(
    unused_qualifications,
    reason = "the macros that write the OpenAPI document name every type by its whole path"
)]

pub mod routing;
pub mod state;

pub mod merchant;

pub mod distributor;

pub mod liabilities;
pub mod receipts;
pub mod reversals;

pub mod webhook;

pub mod answer;
pub mod call;
pub mod json;
pub mod problem;
pub mod query;
pub mod wire;

pub mod docs;
pub mod openapi;
pub mod operator;
