//! The connections of a node, for whoever watches it.

/// The connections of a node, and who waits for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    pub idle: u64,
    pub used: u64,
    /// As many are opened.
    pub most: u64,
    pub waiting: u64,
}
