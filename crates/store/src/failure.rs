//! What can go wrong with storage itself.

/// A failure of the backend; it says nothing about the command. Messages tell the operator what to do.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing was written; the next commit may succeed once there is room.
    #[error("the disk is full; free some space on the volume of {place}")]
    Full { place: String },
    #[error("reading or writing {place} failed")]
    Io {
        place: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error(
        "{place} is damaged: {what}; restore the last backup, or run `scrip audit` to see how far it is sound"
    )]
    Corrupt { place: String, what: String },
    #[error(
        "{place} was written by a newer version of Scrip (format {found}, this one reads up to {supported}); update this program"
    )]
    Newer {
        place: String,
        found: u32,
        supported: u32,
    },
    #[error("{place} is in use by another process; stop it first, or choose another directory")]
    InUse { place: String },
    /// Nothing was written; the backend cannot be reached or has no room for more work, and may be back in a moment.
    #[error("{place} does not answer, or too much waits for it")]
    Unavailable {
        place: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing was touched.
    #[error("{place} cannot be used: {why}")]
    Unsuitable { place: String, why: String },
    /// Nothing was written. The data may not be served from here, and no node that has this storage open should go on.
    #[error("the data of {place} is not served there: {why}")]
    NotServed { place: String, why: &'static str },
    #[error("the storage is closed")]
    Closed,
}
