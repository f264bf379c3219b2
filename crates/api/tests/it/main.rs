//! The interface through its router, over a real engine.

mod any_body;
mod attacks;
mod document;
mod erasing;
mod lists;
mod lost_answers;
mod models;
mod operators;
mod orders;
mod owners_orders;
mod payments;
mod platform;
mod receipts;
mod refunds;
mod refusals;
mod replays;
mod reports;
mod reversals;
mod slow_bodies;
mod webhook;
