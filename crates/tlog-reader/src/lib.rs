//! Reads a published transparency log, from a web server, a directory or an object store, and believes none of it.
//!
//! What always holds:
//! - Every byte that is read is judged by `verifier`; nothing of the code that writes a log is used here.
//! - Whoever serves the log decides neither how much memory, nor how long, nor which other address it takes. Only an object
//!   store, which the reader names and has an account with, may send a request on, as those of Amazon do between regions.
//! - What was seen before is kept only after everything was found good, and a log that contradicts it is evidence.
//! - A mirror holds no file that does not belong to its log, and its checkpoint is written last.
//!
//! `check` reads a whole log, `mirror` does so and keeps a copy, `promised` looks for what was promised.

pub mod check;
pub mod mirror;
pub mod promised;

pub mod growth;
pub mod kept;
pub mod objects;
pub mod source;
pub mod spot;

pub mod error;

mod durable;
mod http;
mod writes;
