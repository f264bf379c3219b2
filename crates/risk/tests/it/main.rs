//! The risk crate against programs that it did not grow up with.

mod peers;
