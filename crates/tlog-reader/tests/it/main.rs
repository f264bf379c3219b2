//! Whole logs, made by the code that writes them, then damaged, rewritten, and served well and badly.

mod damage;
mod mirrors;
mod objects;
mod rewritten;
mod servers;
mod support;
