//! What every edge that speaks HTTP shares: error answers, who is asking and in which language, the headers that keep a
//! page safe, the frame around a page, and how money and time are written for people.
//!
//! Invariants:
//! - A page loads nothing from another host and runs nothing that is not one of [`assets`]: the policy in [`security`]
//!   forbids it, so a template that tries shows up broken.
//! - A forwarded address is believed only when a configured proxy says it ([`client_address`]).
//! - Money is written from integer minor units ([`amount_text`]); no float is involved.
//! - Every error answer for programs is one [`problem::Problem`].

pub mod problem;

pub mod client_address;
pub mod cross_site;
pub mod request_id;
pub mod route_name;
pub mod security;

pub mod language;
pub mod texts;

pub mod amount_text;
pub mod time_text;

pub mod assets;
pub mod frame;
